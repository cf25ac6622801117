"""AWS's exports as deliveries: the manifest is the truth of which files make one; the scope is the payer account.

A refresh in place first rewrites the files and then the manifest, so that files newer than their manifest mean a
delivery that is still being written. Two exports of one payer overlap: one of them counts, and the other is named.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from cspbill.book import Source
from cspbill.errors import Problem
from extractors import periods
from extractors.aws import layout, manifests
from extractors.aws.columns import CUR
from extractors.aws.layout import Place
from extractors.aws.manifests import AwsManifest
from extractors.aws.remembered import Remembered
from extractors.contract import Contract
from extractors.focus_files.focus import FOCUS
from extractors.manifest_json import LARGEST, ManifestError
from extractors.names import shown
from extractors.protocol import Discovery, FileChangedError, RemoteDelivery, RemoteFile
from extractors.reading import is_delivered_data
from extractors.stores.store import Listing, Store, open_store

#: How long files that are newer than their manifest are waited for. A bucket that was copied stays so for ever.
SETTLING = dt.timedelta(hours=6)
#: FOCUS 1.0 names no invoices, and AWS restates a month for up to two weeks after its end.
AWS_FOCUS = replace(FOCUS, days_until_final=14)
TABLES = {"aws_cur": "cur", "aws_focus": "focus"}
KIND_OF = {table: kind for kind, table in TABLES.items()}


@dataclass(frozen=True)
class AwsExports:
    """Extractor of the kinds ``aws_cur`` and ``aws_focus``."""

    source: Source
    state: Path
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    @property
    def contract(self) -> Contract:
        """Cost and usage report, or FOCUS."""
        return CUR if self.source.kind == "aws_cur" else AWS_FOCUS

    @cached_property
    def _store(self) -> Store:
        return open_store(self.source)

    def discover(self, period: dt.date | None) -> Discovery:
        """List the deliveries that the manifests below the source's path announce."""
        listing = self._store.list()
        found = [place for place in layout.places(listing.files) if period in {None, place.period}]
        chosen, others = _of_export(found, self.source.options.get("export", ""))
        announced, problems = self._announced(listing, chosen)
        fitting, foreign = self._fitting(announced)
        counting, overlapping = _one_per_scope(fitting)
        return Discovery(
            deliveries=tuple(self._delivery(listing, one) for one in counting),
            problems=(*problems, *self._nothing(listing, found, chosen, period)),
            notes=(*listing.notes, *others, *foreign, *overlapping),
        )

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Copy a file, unchanged."""
        self._store.fetch(file, sink)

    def _announced(self, listing: Listing, chosen: Sequence[Place]) -> tuple[list[_Announced], list[Problem]]:
        remembered = Remembered(self.state / "manifests.json")
        announced, problems = [], []
        for place in chosen:
            try:
                manifest = remembered.get(place.manifest) or self._read(listing, place.manifest)
                remembered.put(place.manifest, manifest)
                announced.append(_Announced(place, _checked(manifest, place)))
            except ManifestError as error:
                problems.append(self._problem(place.manifest.location, str(error)))
        remembered.save({file.location for file in listing.files})
        return announced, problems

    def _read(self, listing: Listing, file: RemoteFile) -> AwsManifest:
        if file.location in listing.refused:
            raise ManifestError(f"is refused: it {listing.refused[file.location]}")
        if file.size > LARGEST:
            raise ManifestError(f"is larger than {LARGEST:,} bytes")
        content = io.BytesIO()
        try:
            self._store.fetch(file, content)
        except FileChangedError:
            raise ManifestError("is being written just now; the next run takes it") from None
        return manifests.parse(content.getvalue())

    def _fitting(self, announced: Iterable[_Announced]) -> tuple[list[_Announced], list[str]]:
        """Leave out exports of other tables than this kind reads."""
        fitting, others = [], {}
        for one in announced:
            if one.manifest.table in {"", TABLES[self.source.kind]}:
                fitting.append(one)
            else:
                others[one.place.label] = one.manifest.table
        return fitting, [
            f"export {shown(label)} is left out: {_what_it_is(table)}, this source reads {self.source.kind}"
            for label, table in sorted(others.items())
        ]

    def _delivery(self, listing: Listing, one: _Announced) -> RemoteDelivery:
        present = {file.location: file for file in listing.files}
        short = layout.names(one.manifest.keys)
        found = {key: layout.find(key, one.place, present) for key in one.manifest.keys}
        files = {key: file for key, file in found.items() if file}
        absent = [short[key] for key in found if key not in files]
        return RemoteDelivery(
            scope=one.scope,
            period=one.place.period,
            files=tuple(_named(file, short[key]) for key, file in files.items()),
            manifest=one.place.manifest.location,
            missing=(*absent, *(() if absent else self._unsettled(one, files.values()))),
            problems=tuple(self._refusals(listing, files.values())),
        )

    def _unsettled(self, one: _Announced, files: Iterable[RemoteFile]) -> list[str]:
        """Say what does not belong together yet. Only S3's own times tell; those of a local copy mean nothing."""
        written = one.place.manifest.modified
        if written is None or not self.source.options["path"].startswith("s3://"):
            return []
        times = {file.location: file.modified for file in files if file.modified}
        if self.now - max([written, *times.values()]) > SETTLING:
            return []
        assembled = one.manifest.assembled
        newer = [name for name, time in times.items() if time > written]
        older = [name for name, time in times.items() if assembled and time < assembled]
        return [f"a manifest as new as {shown(name)}" for name in newer[:1]] + [
            f"{shown(name)} as of {assembled:%Y-%m-%d %H:%M} UTC" for name in older[:1]
        ]

    def _refusals(self, listing: Listing, files: Iterable[RemoteFile]) -> Iterable[Problem]:
        for file in files:
            if file.location in listing.refused:
                yield self._problem(
                    file.location, f"the file is refused: it {listing.refused[file.location]}"
                )
            elif not is_delivered_data(file.location):
                yield self._problem(
                    file.location,
                    "cannot be read; allowed are .csv.gz, .csv and .parquet: set the export to GZIP or Parquet",
                )

    def _nothing(
        self, listing: Listing, found: Sequence[Place], chosen: Sequence[Place], period: dt.date | None
    ) -> list[Problem]:
        path, export = self.source.options["path"], self.source.options.get("export")
        if found and not chosen:
            names = ", ".join(sorted({shown(place.label) for place in found}))
            return [self._problem(path, f"holds no report or export named {export!r}; there is: {names}")]
        if listing.files and not found and period is None:
            message = (
                "holds files, but no <name>-Manifest.json in a folder of a billing period: let the path name the "
                "prefix that was set for the export, or a folder above it"
            )
            return [self._problem(path, message)]
        return []

    def _problem(self, place: str, message: str) -> Problem:
        return Problem(f"{self.source.name}/{shown(place)}", 0, "", message)


@dataclass(frozen=True)
class _Announced:
    place: Place
    manifest: AwsManifest

    @property
    def scope(self) -> str:
        """The payer account; where the manifest names none, the export itself."""
        return self.manifest.account or self.place.label


def _checked(manifest: AwsManifest, place: Place) -> AwsManifest:
    if manifest.period not in {None, place.period}:
        raise ManifestError(
            f"billingPeriod is {periods.label(manifest.period)}, but the folder's name says "
            f"{periods.label(place.period)}"
        )
    return manifest


def _of_export(found: Sequence[Place], export: str) -> tuple[list[Place], list[str]]:
    if not export:
        return list(found), []
    chosen = [place for place in found if export in {place.export, place.root, place.root.rpartition("/")[2]}]
    others = sorted({place.label for place in found} - {place.label for place in chosen})
    return chosen, [
        f"export {shown(name)} is left out: the source reads {shown(export)} only" for name in others
    ]


def _one_per_scope(announced: Iterable[_Announced]) -> tuple[list[_Announced], list[str]]:
    """Keep one export of each payer account and period: the first by folder, so that it is always the same one."""
    rivals: dict[tuple[str, dt.date], list[_Announced]] = defaultdict(list)
    for one in announced:
        rivals[one.scope, one.place.period].append(one)
    counting, doubles = [], defaultdict(list)
    for (scope, period), group in sorted(rivals.items()):
        first, *others = sorted(group, key=lambda one: (one.place.root, one.place.export))
        counting.append(first)
        for other in others:
            doubles[scope, first.place.label, other.place.label].append(period)
    return counting, [_overlap(*names, told) for names, told in sorted(doubles.items())]


def _overlap(scope: str, first: str, other: str, told: Sequence[dt.date]) -> str:
    span = " to ".join(dict.fromkeys([periods.label(min(told)), periods.label(max(told))]))
    return (
        f"payer account {shown(scope)}, {span}: exports {shown(first)} and {shown(other)} hold the same charges; "
        f"{shown(first)} counts (the option export chooses another)"
    )


def _what_it_is(table: str) -> str:
    return f"kind {KIND_OF[table]} reads it" if table in KIND_OF else f"its columns are {table}, …"


def _named(file: RemoteFile, name: str) -> RemoteFile:
    return RemoteFile(name, file.location, file.size, file.version, file.modified)
