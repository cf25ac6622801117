"""What a store of vendors' files is, and which one a source's ``path`` names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from cspbill.book import Source
from extractors.names import unsafe
from extractors.protocol import RemoteFile

CHUNK = 1 << 20


@dataclass(frozen=True)
class Listing:
    """What a store holds. ``refused``: files that must not be read, by location, and why."""

    files: tuple[RemoteFile, ...]
    refused: dict[str, str]
    notes: tuple[str, ...] = ()


class Store(Protocol):
    """A tree of files; names and locations are relative to its root, with ``/`` between segments."""

    def list(self) -> Listing:
        """Return every file that is not hidden or still being written."""

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Write a file's bytes to ``sink``; FileChangedError when it is no longer the listed one."""


def open_store(source: Source) -> Store:
    """Return the store that a source's options name."""
    path = source.options["path"]
    scheme, separator, rest = path.partition("://")
    root, _, prefix = rest.partition("/")
    prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    if separator and scheme == "s3":
        from extractors.stores.s3 import S3Prefix

        return S3Prefix(source, root, prefix)
    if separator and scheme == "az":
        from extractors.stores.azure_blob import AzureBlobPrefix

        return AzureBlobPrefix(source, root, prefix)
    from extractors.stores.local import LocalFolder

    return LocalFolder(source.name, Path(path))


def passed_over(name: str) -> bool:
    """Tell whether a file is hidden, a marker, or still being written."""
    last = name.rpartition("/")[2].lower()
    return any(segment.startswith((".", "_")) for segment in name.split("/")) or last.endswith(
        (".tmp", ".part")
    )


def listing(found: Iterable[tuple[RemoteFile, str | None]], notes: tuple[str, ...] = ()) -> Listing:
    """Sort out what may be read from pairs of a file and what is wrong with it (None: nothing known)."""
    files: list[RemoteFile] = []
    refused: dict[str, str] = {}
    for file, problem in found:
        if reason := problem or unsafe(file.name):
            refused[file.location] = reason
        elif passed_over(file.name):
            continue
        files.append(file)
    return Listing(tuple(sorted(files)), refused, notes)
