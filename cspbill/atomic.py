"""Files that appear whole or not at all, and stay after a power cut."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

SYNCS_AT_ONCE = 8  # the disk writes the journal once for syncs that wait together


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file by ``content`` in one step; it survives a power cut right after."""
    write_all({path: content})


def write_all(contents: Mapping[Path, bytes | Path], *, durable: bool = True) -> None:
    """Put files in place, each whole or not at all, in this order; ``durable`` ones survive a power cut right after.

    A content is bytes, or a file to copy. All are written, then synced, then renamed: many at once cost much less
    than one by one.
    """
    for folder in {path.parent: None for path in contents}:
        folder.mkdir(parents=True, exist_ok=True)
    parts = {_part(path, content): path for path, content in contents.items()}
    if durable:
        _sync_all(parts)
    for part, path in parts.items():
        part.replace(path)
    if durable:
        _sync_all({path.parent: None for path in contents})


def _part(path: Path, content: bytes | Path) -> Path:
    part = path.with_name(f".{path.name}.part")
    if isinstance(content, Path):
        shutil.copyfile(content, part)
    else:
        part.write_bytes(content)
    return part


def _sync_all(paths: Collection[Path]) -> None:
    if len(paths) < SYNCS_AT_ONCE:
        for path in paths:
            sync(path)
        return
    with ThreadPoolExecutor(SYNCS_AT_ONCE) as threads:
        list(threads.map(sync, paths))


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
