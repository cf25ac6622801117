"""Extractor of Azure Cost Management exports, from Blob storage or a folder that holds a copy of the container."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from cspbill import atomic
from cspbill.book import Source
from cspbill.errors import Problem
from extractors.azure_export import manifests
from extractors.azure_export.cost_details import CONTRACT
from extractors.azure_export.manifests import Part, Place, RunManifest
from extractors.azure_export.runs import Choice, Run, choose
from extractors.contract import Contract
from extractors.manifest_json import LARGEST, ManifestError
from extractors.names import shown
from extractors.protocol import (
    Discovery,
    FileChangedError,
    InterruptedTransferError,
    RemoteFile,
)
from extractors.reading import is_delivered_data
from extractors.retrying import Transient, with_retries
from extractors.stores.store import Listing, Store, open_store

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class AzureExport:
    """Extractor of kind ``azure_export``; options ``path``, ``endpoint_url``, ``export``, ``connection``."""

    source: Source
    state: Path

    @property
    def contract(self) -> Contract:
        """Actual cost, with amortised cost and FOCUS as variants."""
        return CONTRACT

    @cached_property
    def _store(self) -> Store:
        return open_store(self.source)

    def discover(self, period: dt.date | None) -> Discovery:
        """List what the newest complete runs below the source's path amount to."""
        listing = self._store.list()
        by_folder = _by_folder(file for file in listing.files if self._wanted(file, period))
        announced = {folder: files for folder, files in by_folder.items() if MANIFEST in files}
        runs, problems = self._runs(listing, announced)
        choice = choose(run for run in runs if run.manifest.rows != 0)
        return Discovery(
            deliveries=tuple(one for one in choice.deliveries if period in {None, one.period}),
            problems=(*problems, *self._only_amortised(choice)),
            notes=(
                *listing.notes,
                *choice.notes,
                *_without_charges(runs),
                *_without_manifest(by_folder, announced),
            ),
        )

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Copy a part, unchanged."""
        self._store.fetch(file, sink)

    def _wanted(self, file: RemoteFile, period: dt.date | None) -> bool:
        place = manifests.place_of(_folder(file.name))
        named = self.source.options.get("export")
        if named and place.first and place.name.casefold() != named.casefold():
            return False
        return period is None or place.first is None or place.first.replace(day=1) == period

    def _runs(
        self, listing: Listing, announced: Mapping[str, Mapping[str, RemoteFile]]
    ) -> tuple[list[Run], list[Problem]]:
        known = _Known.open(self.state)
        runs, problems = [], []
        for folder, files in sorted(announced.items()):
            file = files[MANIFEST]
            try:
                _refuse_odd_names(listing, files)
                manifest = known.manifest(file) or self._read(file, folder)
            except ManifestError as error:
                problems.append(self._problem(file.location, str(error)))
                continue
            known.keep(file, manifest)
            if self._named(manifest):
                runs.append(_run(manifest, files))
        known.save(self.state, listing.files)
        return runs, problems

    def _named(self, manifest: RunManifest) -> bool:
        named = self.source.options.get("export")
        return not named or manifest.export.casefold() == named.casefold()

    def _read(self, file: RemoteFile, folder: str) -> RunManifest:
        if file.size > LARGEST:
            raise ManifestError(f"is larger than {LARGEST:,} bytes")
        try:
            content = with_retries(
                lambda: self._content(file), what=f"source {self.source.name}, {shown(file.location)}"
            )
        except FileChangedError:
            raise ManifestError("is being written just now; the next run takes it") from None
        return manifests.parse(content, folder)

    def _content(self, file: RemoteFile) -> bytes:
        content = io.BytesIO()
        try:
            self._store.fetch(file, content)
        except InterruptedTransferError as error:
            raise Transient(str(error)) from None
        return content.getvalue()

    def _only_amortised(self, choice: Choice) -> Iterator[Problem]:
        for scope, months in sorted(choice.unusable.items()):
            listed = ", ".join(f"{month:%Y-%m}" for month in sorted(months))
            yield Problem(
                f"{self.source.name}, scope {shown(scope)}",
                0,
                "",
                f"there is amortised cost but no actual cost for {listed}: amortised cost leaves out purchases and "
                "does not add up to Microsoft's invoice. Export actual cost of the same scope as well, or FOCUS cost",
            )

    def _problem(self, location: str, message: str) -> Problem:
        return Problem(f"{self.source.name}/{shown(location)}", 0, "", message)


@dataclass
class _Known:
    """Manifests that were read before, so that a run with nothing new downloads nothing. Losing it costs time only.

    ``entries``: by location the version that was read and the manifest in plain values.
    """

    entries: dict[str, tuple[str, dict[str, Any]]]

    FILE = "azure_manifests.json"
    VERSION = 1  # raised with every change of RunManifest

    @classmethod
    def open(cls, state: Path) -> _Known:
        found = atomic.read_json(state / cls.FILE)
        return cls(dict(found["entries"]) if found and found.get("version") == cls.VERSION else {})

    def manifest(self, file: RemoteFile) -> RunManifest | None:
        version, values = self.entries.get(file.location, ("", {}))
        return _from_json(values) if version == file.version else None

    def keep(self, file: RemoteFile, manifest: RunManifest) -> None:
        self.entries[file.location] = (file.version, _as_json(manifest))

    def save(self, state: Path, listed: Iterable[RemoteFile]) -> None:
        current = {file.location for file in listed}
        entries = {location: entry for location, entry in self.entries.items() if location in current}
        state.mkdir(parents=True, exist_ok=True)
        atomic.write_json(state / self.FILE, {"version": self.VERSION, "entries": entries})


def _refuse_odd_names(listing: Listing, files: Mapping[str, RemoteFile]) -> None:
    for file in files.values():
        if reason := listing.refused.get(file.location):
            raise ManifestError(f"lies beside a file that is refused: it {reason}")


def _as_json(manifest: RunManifest) -> dict[str, Any]:
    moments = {
        key: value.isoformat()
        for key in ("first", "last", "submitted")
        if (value := getattr(manifest, key)) is not None
    }
    return {"submitted": None, **dataclasses.asdict(manifest), **moments}


def _from_json(values: Mapping[str, Any]) -> RunManifest:
    submitted = values["submitted"]
    return RunManifest(
        **{
            **values,
            "first": dt.date.fromisoformat(values["first"]),
            "last": dt.date.fromisoformat(values["last"]),
            "submitted": submitted and dt.datetime.fromisoformat(submitted),
            "parts": tuple(Part(**part) for part in values["parts"]),
        }
    )


def _run(manifest: RunManifest, files: Mapping[str, RemoteFile]) -> Run:
    missing = [state for part in manifest.parts if (state := _lacking(part, files.get(part.name)))]
    parts = [replace(files[part.name], name=part.name) for part in manifest.parts if part.name in files]
    return Run(manifest, files[MANIFEST], tuple(parts), tuple(missing))


def _lacking(part: Part, file: RemoteFile | None) -> str | None:
    if file is None:
        return part.name
    if part.size is not None and file.size != part.size:
        return f"{part.name} ({file.size:,} of {part.size:,} bytes)"
    return None


def _without_charges(runs: Iterable[Run]) -> Iterator[str]:
    others: dict[tuple[str, str], int] = defaultdict(int)
    for run in runs:
        if run.manifest.data_set is None:
            others[run.manifest.export, run.manifest.type] += 1
        elif run.manifest.rows == 0:
            yield f"{shown(run.file.location)}: passed over, it holds no rows"
    for (export, kind), count in sorted(others.items()):
        yield f"export {shown(export)}: passed over ({count} runs), its type {shown(kind)} holds no charges"


def _without_manifest(
    by_folder: Mapping[str, Mapping[str, RemoteFile]], announced: Mapping[str, object]
) -> Iterator[str]:
    """Name the folders of parts whose manifest has not come; those that a later run has replaced say nothing."""
    ran: dict[Place, list[dt.datetime]] = defaultdict(list)
    for folder in announced:
        place = manifests.place_of(folder)
        if place.ran:
            ran[replace(place, ran=None)].append(place.ran)
    for folder, files in sorted(by_folder.items()):
        place = manifests.place_of(folder)
        later = place.ran and any(place.ran <= other for other in ran[replace(place, ran=None)])
        if folder not in announced and not later and any(map(is_delivered_data, files)):
            yield (
                f"{shown(folder)}: left alone, it has no {MANIFEST}: the run is still being written, or its export "
                "is of the old kind without file partitioning"
            )


def _by_folder(files: Iterable[RemoteFile]) -> dict[str, dict[str, RemoteFile]]:
    found: dict[str, dict[str, RemoteFile]] = defaultdict(dict)
    for file in files:
        found[_folder(file.name)][file.name.rpartition("/")[2]] = file
    return found


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
