"""Files that appear whole or not at all, and stay after a power cut."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any


def write_bytes(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace a file by ``content`` in one step; ``durable`` survives a power cut right after."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as handle:
        handle.write(content)
        if durable:
            handle.flush()
            os.fsync(handle.fileno())
    part.replace(path)
    if durable:
        sync(path.parent)


def copy_file(source: Path, target: Path) -> None:
    """Replace ``target`` by the content of ``source`` in one step, however large it is.

    The content is durable; after a power cut the old file may be back under the name.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    sync(part)
    part.replace(target)


def write_text(path: Path, text: str) -> None:
    """Replace a file by ``text`` in one step."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, content: object) -> None:
    """Replace a file by ``content`` as readable JSON with sorted keys."""
    write_text(path, json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return the content of a JSON file of ours, or None when it does not exist."""
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None


def sync(path: Path) -> None:
    """Make a file's content or a folder's entries (a rename, a new file) durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Make every file and folder below ``folder`` durable before it is renamed into place."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)


def move_folder(origin: Path, target: Path) -> None:
    """Rename a folder into place in one step; both parents are made durable."""
    target.parent.mkdir(parents=True, exist_ok=True)
    origin.rename(target)
    sync(target.parent)
    sync(origin.parent)
