"""From a tree of files to deliveries: which files belong to which scope and billing period.

A folder with a ``manifest.json`` is one delivery. Other files belong to the scope that their folders name (without
those that look like a period, such as ``billing_period=2024-09``); their period is the folder's, else their rows'.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from cspbill.book import Source
from cspbill.errors import Problem
from extractors import periods
from extractors.contract import Contract
from extractors.focus_files import manifests
from extractors.focus_files.focus import FOCUS
from extractors.focus_files.manifests import VendorManifest
from extractors.manifest_json import LARGEST, ManifestError
from extractors.names import shown
from extractors.protocol import Discovery, FileChangedError, RemoteDelivery, RemoteFile
from extractors.reading import is_delivered_data
from extractors.stores.store import Listing, Store, open_store

MANIFEST = "manifest.json"
WHOLE_SOURCE = "."  # the scope of files that lie in no folder but those of their period


@dataclass(frozen=True)
class FocusFiles:
    """Extractor of kind ``focus_files``; options ``path``, ``endpoint_url``, ``region``, ``connection``."""

    source: Source
    state: Path

    @property
    def contract(self) -> Contract:
        """FOCUS cost and usage."""
        return FOCUS

    @cached_property
    def _store(self) -> Store:
        return open_store(self.source)

    def discover(self, period: dt.date | None) -> Discovery:
        """List the deliveries below the source's path; see the module's words on grouping."""
        listing = self._store.list()
        folders = {_folder(file.name): file for file in listing.files if _last(file.name) == MANIFEST}
        announced, problems = self._announced(listing, folders)
        current, superseded = _newest(announced)
        loose = [
            file
            for file in listing.files
            if _owner(file.name, folders) is None and is_delivered_data(file.name)
        ]
        deliveries = [one.delivery for one in current] + self._unannounced(loose, listing.refused)
        return Discovery(
            deliveries=tuple(one for one in deliveries if period is None or one.period in {None, period}),
            problems=tuple(problems),
            notes=(*listing.notes, *superseded, *_unused(listing, folders, announced)),
        )

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Copy a file, unchanged."""
        self._store.fetch(file, sink)

    def _announced(
        self, listing: Listing, folders: dict[str, RemoteFile]
    ) -> tuple[list[_Announced], list[Problem]]:
        announced, problems = [], []
        for folder, file in sorted(folders.items()):
            try:
                announced.append(self._delivery(listing, folder, file))
            except ManifestError as error:
                problems.append(self._problem(file.location, str(error)))
        return announced, problems

    def _delivery(self, listing: Listing, folder: str, file: RemoteFile) -> _Announced:
        if file.location in listing.refused:
            raise ManifestError(listing.refused[file.location])
        manifest = manifests.parse(self._read(file))
        told, scope = periods.of_folders(folder.split("/") if folder else [])
        if told and told != manifest.period:
            raise ManifestError(
                f"billing_period is {manifest.period:%Y-%m}, but the folder's name says {told:%Y-%m}"
            )
        present = {one.name: one for one in listing.files}
        wanted = {name: f"{folder}/{name}" if folder else name for name in manifest.files}
        delivery = RemoteDelivery(
            scope=manifest.scope or "/".join(scope) or WHOLE_SOURCE,
            period=manifest.period,
            files=tuple(
                replace(present[path], name=name) for name, path in wanted.items() if path in present
            ),
            statement=manifest.statement,
            manifest=file.location,
            missing=tuple(name for name, path in wanted.items() if path not in present),
            problems=tuple(self._refusals(wanted.values(), listing.refused)),
        )
        return _Announced(delivery, manifest, file)

    def _read(self, file: RemoteFile) -> bytes:
        if file.size > LARGEST:
            raise ManifestError(f"is larger than {LARGEST:,} bytes")
        content = io.BytesIO()
        try:
            self._store.fetch(file, content)
        except FileChangedError:
            raise ManifestError("is being written just now; the next run takes it") from None
        return content.getvalue()

    def _unannounced(self, files: Iterable[RemoteFile], refused: dict[str, str]) -> list[RemoteDelivery]:
        groups: dict[tuple[str, dt.date | None], list[RemoteFile]] = defaultdict(list)
        for file in files:
            period, scope = periods.of_folders(file.name.split("/")[:-1])
            groups["/".join(scope) or WHOLE_SOURCE, period].append(file)
        return [
            RemoteDelivery(
                scope=scope,
                period=period,
                files=tuple(members),
                problems=tuple(self._refusals((file.location for file in members), refused)),
            )
            for (scope, period), members in sorted(
                groups.items(), key=lambda item: (item[0][0], str(item[0][1]))
            )
        ]

    def _refusals(self, locations: Iterable[str], refused: dict[str, str]) -> list[Problem]:
        allowed = "allowed are files inside the source's folder whose names are plain relative paths"
        return [
            self._problem(location, f"the file is refused: it {refused[location]}; {allowed}")
            for location in locations
            if location in refused
        ]

    def _problem(self, location: str, message: str) -> Problem:
        return Problem(f"{self.source.name}/{shown(location)}", 0, "", message)


@dataclass(frozen=True)
class _Announced:
    delivery: RemoteDelivery
    manifest: VendorManifest
    file: RemoteFile

    def age(self) -> dt.datetime:
        """Order by the manifest's own time, else by that of its file."""
        return self.manifest.created or self.file.modified or dt.datetime.min.replace(tzinfo=dt.UTC)


def _newest(announced: Iterable[_Announced]) -> tuple[list[_Announced], list[str]]:
    """Keep the newest complete manifest of each scope and period, and newer ones that are still incomplete."""
    by_partition: dict[tuple[str, dt.date | None], list[_Announced]] = defaultdict(list)
    for one in announced:
        by_partition[one.delivery.scope, one.delivery.period].append(one)
    current, notes = [], []
    for rivals in by_partition.values():
        ordered = sorted(rivals, key=_Announced.age)
        first = max((at for at, one in enumerate(ordered) if not one.delivery.missing), default=0)
        current += ordered[first:]
        notes += [
            f"{one.file.location}: superseded by {ordered[first].file.location}" for one in ordered[:first]
        ]
    return current, notes


def _unused(listing: Listing, folders: dict[str, RemoteFile], announced: Iterable[_Announced]) -> list[str]:
    listed = {file.location for one in announced for file in one.delivery.files}
    notes = []
    for file in listing.files:
        owner = _owner(file.name, folders)
        if _last(file.name) == MANIFEST or file.location in listed:
            continue
        if owner is not None and is_delivered_data(file.name):
            notes.append(f"{shown(file.location)}: left out, the manifest of its folder does not list it")
        elif not is_delivered_data(file.name):
            notes.append(
                f"{shown(file.location)}: left out, its name does not end in .csv, .csv.gz or .parquet"
            )
    return notes


def _owner(name: str, folders: dict[str, RemoteFile]) -> str | None:
    """Return the nearest folder at or above the file that has a manifest."""
    folder = _folder(name)
    while True:
        if folder in folders:
            return folder
        if not folder:
            return None
        folder = _folder(folder)


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _last(name: str) -> str:
    return name.rpartition("/")[2]
