"""The example book of business that ``cspbill init`` writes."""

from __future__ import annotations

import shutil
from pathlib import Path

from cspbill.errors import InputError
from cspbill.settings import PROJECT_ROOT

EXAMPLE = PROJECT_ROOT / "config"
VENDOR_FILES = "vendor-files"


def write_example(directory: Path) -> list[Path]:
    """Copy the example book into ``directory`` and make its folder for vendor files; returns the files.

    Raises InputError when the directory holds anything already.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise InputError(f"{directory} is not empty; allowed: a new or empty directory.")
    (directory / VENDOR_FILES).mkdir(parents=True)
    sources = sorted(path for path in EXAMPLE.iterdir() if path.is_file())
    return [Path(shutil.copyfile(path, directory / path.name)) for path in sources]
