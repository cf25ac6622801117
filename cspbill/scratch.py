"""Scratch files below the data directory: customers' usage never lies in the machine's shared temp folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cspbill.settings import Settings


@contextmanager
def scratch(settings: Settings) -> Iterator[Path]:
    """Yield an empty folder that is gone afterwards; clears what killed processes left there."""
    root = settings.home / "scratch"
    root.mkdir(parents=True, exist_ok=True)
    for left in root.iterdir():
        if not _is_running(left.name.partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=root) as folder:
        yield Path(folder)


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
