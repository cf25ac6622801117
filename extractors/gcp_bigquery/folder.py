"""Parquet files that BigQuery exported from a billing export's table (EXPORT DATA), in a folder."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from cspbill.book import Source
from cspbill.errors import Problem
from extractors import periods
from extractors.gcp_bigquery.tables import chosen, export_named
from extractors.names import shown
from extractors.protocol import Discovery, RemoteDelivery, RemoteFile
from extractors.stores.store import Listing, Store, open_store

WHOLE_SOURCE = "."  # the scope of files that lie in no folder but those of their period


@dataclass(frozen=True)
class ExportedFiles:
    """The folder that a source's ``path`` names."""

    source: Source

    def discover(self, period: dt.date | None) -> Discovery:
        """List the files by scope (their folders) and billing period (the folder's, else each row's own).

        Folders named like Google's tables are exports of that billing account: of several that hold the same
        charges the one with the most detail counts.
        """
        listing = self._store.list()
        files = [file for file in listing.files if file.name.lower().endswith(".parquet")]
        kept, notes = _without_overlaps(files)
        notes += [
            f"{shown(file.location)}: left out, its name does not end in .parquet"
            for file in listing.files
            if file not in files
        ]
        deliveries = _deliveries(self.source, listing, kept)
        return Discovery(
            deliveries=tuple(one for one in deliveries if period is None or one.period in {None, period}),
            notes=(*listing.notes, *notes),
        )

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Copy a file, unchanged."""
        self._store.fetch(file, sink)

    @cached_property
    def _store(self) -> Store:
        return open_store(self.source)


def _without_overlaps(files: list[RemoteFile]) -> tuple[list[RemoteFile], list[str]]:
    folders = {segment for file in files for segment in file.name.split("/")[:-1] if export_named(segment)}
    exports, notes = chosen(folders)
    left_out = folders - {one.name for one in exports}
    return [file for file in files if not left_out & set(file.name.split("/")[:-1])], notes


def _deliveries(source: Source, listing: Listing, files: list[RemoteFile]) -> list[RemoteDelivery]:
    groups: dict[tuple[str, dt.date | None], list[RemoteFile]] = defaultdict(list)
    for file in files:
        period, folders = periods.of_folders(file.name.split("/")[:-1])
        groups["/".join(map(_scope, folders)) or WHOLE_SOURCE, period].append(file)
    return [
        RemoteDelivery(scope, period, tuple(members), problems=_refusals(source, listing, members))
        for (scope, period), members in sorted(groups.items(), key=lambda item: (item[0][0], str(item[0][1])))
    ]


def _scope(folder: str) -> str:
    export = export_named(folder)
    return (export.account if export else "") or folder


def _refusals(source: Source, listing: Listing, files: list[RemoteFile]) -> tuple[Problem, ...]:
    allowed = "allowed are files inside the source's folder whose names are plain relative paths"
    return tuple(
        Problem(
            f"{source.name}/{shown(file.location)}",
            0,
            "",
            f"the file is refused: it {listing.refused[file.location]}; {allowed}",
        )
        for file in files
        if file.location in listing.refused
    )
