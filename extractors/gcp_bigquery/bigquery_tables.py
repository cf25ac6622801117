"""From billing export tables in BigQuery to deliveries: one per billing account and invoice month.

A delivery's files are the rows of its month by day of arrival (the export is append-only and partitioned so): a new
day, a day that is still filling, or a correction appended to a closed month changes that day's file and no other.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from google.cloud import bigquery

from cspbill.book import Source
from cspbill.errors import CspbillError, InputError, Problem
from extractors import periods
from extractors.gcp_bigquery import parquet
from extractors.gcp_bigquery.client import Client
from extractors.gcp_bigquery.partitions import Part, PartitionMemory
from extractors.gcp_bigquery.queries import Layout, Undated
from extractors.gcp_bigquery.tables import chosen
from extractors.protocol import (
    Discovery,
    FileChangedError,
    InterruptedTransferError,
    RemoteDelivery,
    RemoteFile,
    Statement,
)

DEFAULT_MONTHS = "2"


@dataclass(frozen=True)
class BigQueryTables:
    """The export tables that a source names; ``state``: the folder for what is remembered between runs."""

    source: Source
    state: Path

    def discover(self, period: dt.date | None) -> Discovery:
        """List what the tables hold by billing account and invoice month; asks only about days that may be new."""
        tables, notes = self._tables()
        since = _first_month(dt.datetime.now(dt.UTC).date(), int(self._option("months", DEFAULT_MONTHS)))
        found = [self._discover(table, since) for table in tables]
        return Discovery(
            deliveries=tuple(
                one for part in found for one in part.deliveries if period in {None, one.period}
            ),
            problems=tuple(problem for part in found for problem in part.problems),
            notes=(*notes, *(note for part in found for note in part.notes)),
            since=min((part.since for part in found if part.since), default=since),
        )

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Write one day's rows of one month as Parquet; exactly the rows that ``discover`` counted."""
        table, part = Part.of(file)
        sql, parameters = self._layout(table).rows_of(part)
        with self._client.rows(table, sql, parameters) as rows:
            if rows.total_rows != part.rows:
                raise FileChangedError(file.location)
            written = parquet.write(rows.to_arrow_iterable(), sink)
        if written != part.rows:
            raise InterruptedTransferError(f"{table}: {written} of {part.rows} rows arrived")

    def _discover(self, table: str, since: dt.date) -> Discovery:
        layout, memory = self._layout(table), PartitionMemory(self.state)
        known = memory.of(table, layout.partition_column, since)
        asked_from = known.ask_from
        sql, parameters = layout.overview(asked_from)
        size = self._client.bytes_of(table, sql, parameters)
        with self._client.rows(table, sql, parameters) as rows:
            answer = list(map(layout.part, rows))
        dated = [part for part in answer if isinstance(part, Part)]
        undated = [one for one in answer if isinstance(one, Undated)]
        fresh = known.with_answer(asked_from, dated)
        # Rows without a month are asked about until they are mended.
        memory.save(table, fresh.before(min((one.day for one in undated), default=dt.date.max)))
        new = sorted(set(fresh.parts) - set(known.parts))
        return Discovery(
            deliveries=tuple(_deliveries(table, fresh.parts)),
            problems=tuple(self._undated(table, one) for one in undated),
            notes=(
                f"{table}: asked about rows that arrived from {asked_from} on ({size:,} bytes read)",
                *self._cost(layout, table, new),
                *_older(table, known.since, dated),
            ),
            since=known.since,
        )

    def _cost(self, layout: Layout, table: str, new: list[Part]) -> list[str]:
        if not new:
            return []
        sql, parameters = layout.rows_between(min(part.day for part in new), max(part.day for part in new))
        size, days = self._client.bytes_of(table, sql, parameters), len({part.day for part in new})
        return [f"{table}: rows of {days} days to fetch (up to {size:,} bytes read for each month in them)"]

    def _undated(self, table: str, rows: Undated) -> Problem:
        return Problem(f"{self.source.name}/{table}", 0, "invoice.month", rows.message)

    def _tables(self) -> tuple[list[str], tuple[str, ...]]:
        """Return the tables to read as ``project.dataset.table``."""
        option = self._option("table")
        parts = option.split(".")
        if len(parts) == 3 and all(parts):
            return [option], ()
        if len(parts) != 2 or not all(parts):
            raise self._wrong("table", f"{option!r} is not project.dataset.table (or project.dataset)")
        exports, notes = chosen(self._client.tables(option))
        if not exports:
            raise CspbillError(
                f"source {self.source.name}: dataset {option} holds no table gcp_billing_export_v1_…, "
                "gcp_billing_export_resource_v1_… or reseller_billing_detailed_export_v1; name the table itself"
            )
        return [f"{option}.{one.name}" for one in exports], tuple(notes)

    def _layout(self, table: str) -> Layout:
        if table not in self._layouts:
            found: bigquery.Table = self._client.table(table)
            try:
                self._layouts[table] = Layout.of(table, found, self.source.options.get("partition_column"))
            except ValueError as error:
                raise CspbillError(f"source {self.source.name}: {table}: {error}") from None
        return self._layouts[table]

    @cached_property
    def _layouts(self) -> dict[str, Layout]:
        return {}

    @cached_property
    def _client(self) -> Client:
        return Client(self.source, self._option("table").partition(".")[0])

    def _option(self, name: str, default: str = "") -> str:
        value = self.source.options.get(name) or default
        if not value:
            raise self._wrong(name, "is needed: the export's table as project.dataset.table, or a path")
        return value

    def _wrong(self, option: str, message: str) -> InputError:
        return InputError(
            [Problem("reseller.yml", 0, option, f"source {self.source.name}: {option} {message}")]
        )


def _deliveries(table: str, parts: Iterable[Part]) -> list[RemoteDelivery]:
    by_partition: dict[tuple[str, dt.date], list[Part]] = defaultdict(list)
    for part in parts:
        by_partition[part.scope, part.month].append(part)
    return [
        RemoteDelivery(
            scope=scope,
            period=month,
            files=tuple(part.file(table) for part in members),
            statement=Statement(rows={part.file(table).name: part.rows for part in members}),
        )
        for (scope, month), members in sorted(by_partition.items())
    ]


def _older(table: str, since: dt.date, parts: Iterable[Part]) -> list[str]:
    older = [part for part in parts if part.month < since]
    if not older:
        return []
    rows = sum(part.rows for part in older)
    before = f"invoice months before {periods.label(since)}"
    return [
        f"{table}: {rows} rows of {before} left out (the source's option months says how far back it reads)"
    ]


def _first_month(today: dt.date, months: int) -> dt.date:
    total = today.year * 12 + today.month - 1 - months
    return dt.date(max(total // 12, 1), total % 12 + 1, 1)
