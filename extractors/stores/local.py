"""Vendors' files in a local folder."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cspbill.errors import InputError, Problem
from extractors.protocol import FileChangedError, RemoteFile
from extractors.stores.store import CHUNK, Listing, listing, passed_over


@dataclass(frozen=True)
class LocalFolder:
    """A folder; links to folders are not followed, links to files only where they stay inside."""

    source: str
    root: Path

    def list(self) -> Listing:
        """Return the files below the folder, by modification time in nanoseconds."""
        if not self.root.is_dir():
            message = f"source {self.source}: the folder {self.root} does not exist or is not a folder"
            raise InputError([Problem("reseller.yml", 0, "path", message)])
        return listing(self._walk(self.root.resolve(), ""))

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Copy a file; the listed size and time must hold before and after."""
        try:
            with (self.root / file.location).open("rb") as handle:
                self._check(file, handle)
                while chunk := handle.read(CHUNK):
                    sink.write(chunk)
                self._check(file, handle)
        except FileNotFoundError:
            raise FileChangedError(file.location) from None

    def _walk(self, folder: Path, prefix: str) -> Iterator[tuple[RemoteFile, str | None]]:
        for entry in os.scandir(folder):
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if not passed_over(name):
                    yield from self._walk(Path(entry.path), f"{name}/")
            elif entry.is_symlink():
                yield from self._link(Path(entry.path), name)
            elif entry.is_file():
                yield _file(name, entry.stat()), None

    def _link(self, path: Path, name: str) -> Iterator[tuple[RemoteFile, str | None]]:
        target = path.resolve()
        if not target.is_relative_to(self.root.resolve()):
            yield RemoteFile(name, name, 0, ""), "is a link that leads out of the source's folder"
        elif target.is_file():
            yield _file(name, target.stat()), None

    @staticmethod
    def _check(file: RemoteFile, handle: BinaryIO) -> None:
        now = os.fstat(handle.fileno())
        if (now.st_size, str(now.st_mtime_ns)) != (file.size, file.version):
            raise FileChangedError(file.location)


def _file(name: str, stat: os.stat_result) -> RemoteFile:
    modified = dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC)
    return RemoteFile(name, name, stat.st_size, str(stat.st_mtime_ns), modified)
