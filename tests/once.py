"""What several tests look at is made once per test run, however many pytest workers ask for it at the same time."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that all workers share; the first to come makes it, the others wait.

    ``make`` gets an empty folder. What it leaves is for all: take a copy to change anything.
    """
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = shared / name, shared / f"{name}.made"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


def written_demo(factory: pytest.TempPathFactory) -> Path:
    """Return the demo's book and vendor files, as `cspbill init --demo` writes them."""
    from cspbill.demo import write_demo

    def write(folder: Path) -> None:
        write_demo(folder)

    return made_once(factory, "written-demo", write)
