"""Append-only records of what was sent: one JSON object per line, on disk before the next step is taken.

They lie in ``CSPBILL_HOME/sent/`` and outlive the warehouse: a ledger that is rebuilt must not make documents go out
a second time.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from cspbill import atomic
from cspbill.errors import CspbillError
from cspbill.settings import Settings

Entry = dict[str, Any]


class Journal:
    """An open record; ``entries`` are those that it held when it was opened."""

    def __init__(self, handle: IO[bytes], entries: list[Entry]) -> None:
        self._handle = handle
        self.entries = entries

    def note(self, entry: Entry, *, durable: bool = True) -> Entry:
        """Append an entry with the time of now; ``durable`` returns only when it is on disk."""
        entry = {**entry, "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
        self._handle.write(json.dumps(entry, sort_keys=True, ensure_ascii=False).encode() + b"\n")
        self._handle.flush()
        if durable:
            os.fsync(self._handle.fileno())
        return entry


def path_of(settings: Settings, name: str) -> Path:
    """Where a record lies."""
    return settings.home / "sent" / f"{name}.jsonl"


def read(path: Path) -> list[Entry]:
    """Return the entries of a record, none where it does not exist."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    return [_entry(path, number, line) for number, line in enumerate(_whole(content).splitlines(), 1)]


@contextmanager
def opened(path: Path) -> Iterator[Journal]:
    """Open a record for one writer at a time. What a kill left of a last line was never acted on: it is cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("ab") as handle:
        _lock(path, handle)
        if is_new:
            atomic.sync(path.parent)
        handle.truncate(len(_whole(path.read_bytes())))
        yield Journal(handle, read(path))


def _lock(path: Path, handle: IO[bytes]) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CspbillError(f"Another run is sending already (it holds {path}): wait for it to end.") from None


def _whole(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _entry(path: Path, number: int, line: bytes) -> Entry:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CspbillError(
            f"{path}:{number}: is no entry, so what was sent is not known. Restore the file from a backup, "
            "or correct that line by hand; nothing is sent before."
        )
    return found
