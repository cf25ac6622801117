"""The queries, and what they need to know of a table's layout. Values are bound, names are checked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.cloud import bigquery

from extractors.gcp_bigquery.partitions import Part
from extractors.gcp_bigquery.tables import export_named
from extractors.names import shown

INGESTION_TIME = "_PARTITIONTIME"
#: What the queries read; a table without them is no billing export.
NEEDED = (
    "export_time",
    "invoice.month",
    "cost",
    "currency",
    "credits",
    "usage_start_time",
    "billing_account_id",
)
_PSEUDO_COLUMNS = {INGESTION_TIME: "TIMESTAMP", "_PARTITIONDATE": "DATE"}
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}")
_NAME = re.compile(r"[^`\\\s]+")
_PAYER = "payer_billing_account_id"
#: The scope of reseller rows that name no payer.
NO_PAYER = "no payer"


@dataclass(frozen=True)
class Undated:
    """Rows that belong to no invoice month, or to no moment of export, and why."""

    day: dt.date
    message: str


@dataclass(frozen=True)
class Layout:
    """One export's table. ``account``: its billing account; "" where each row names its payer."""

    table: str
    account: str
    partition_column: str
    partition_type: str

    @classmethod
    def of(cls, name: str, table: bigquery.Table, partition_column: str | None) -> Layout:
        """Look at a table's description; ValueError says why it cannot be read.

        Without ``partition_column`` the table's own partitioning decides; one that has none is read by export_time.
        """
        fields = dict(_fields(table.schema))
        missing = [one for one in NEEDED if one not in fields]
        if missing:
            raise ValueError(f"is no billing export: it has no column {', '.join(missing)}")
        column = partition_column or _own_partitioning(table)
        kind = _PSEUDO_COLUMNS.get(column) or fields.get(column)
        if not kind or not _COLUMN.fullmatch(column) or not _NAME.fullmatch(name):
            raise ValueError(f"has no column {column!r}; check the source's table and partition_column")
        if kind not in {"DATE", "TIMESTAMP", "DATETIME"}:
            raise ValueError(f"partition_column {column} is {kind}; allowed: DATE, DATETIME, TIMESTAMP")
        export = export_named(name.rpartition(".")[2])
        account = "" if _PAYER in fields else (export.account if export else "") or name.rpartition(".")[2]
        return cls(name, account, column, kind)

    def overview(self, since: dt.date) -> Query:
        """Return what counts rows by scope, invoice month and day of arrival, from a day on."""
        scope = "" if self.account else f"{_PAYER} as scope, "
        sql = (
            f"select {scope}invoice.month as invoice_month, {self._day} as arrival, count(*) as row_count, "
            f"max(export_time) as newest from `{self.table}` where {self.partition_column} >= @first "
            f"group by {'' if self.account else 'scope, '}invoice_month, arrival"
        )
        return sql, [self._bound("first", since)]

    def part(self, row: Any) -> Part | Undated:  # noqa: ANN401 - a row of ``overview``
        """Turn a row of the overview into a part, if its rows can be placed."""
        month, rows, day = _month(row["invoice_month"]), row["row_count"], row["arrival"]
        if month is None:
            text = shown(repr(row["invoice_month"]))
            return Undated(day, f"{rows} rows of {day} have {text}; allowed: a month such as 202409")
        if row["newest"] is None:
            return Undated(day, f"{rows} rows of {day} have no export_time; every row needs one")
        scope = self.account or row["scope"] or NO_PAYER
        return Part(scope, month, day, rows, row["newest"])

    def rows_of(self, part: Part) -> Query:
        """Return the rows of a part, without those that arrived after it was counted."""
        sql, parameters = self.rows_between(part.day, part.day)
        sql += " and invoice.month = @month and export_time <= @newest"
        parameters += [
            bigquery.ScalarQueryParameter("month", "STRING", f"{part.month:%Y%m}"),
            bigquery.ScalarQueryParameter("newest", "TIMESTAMP", part.newest),
        ]
        if self.account:
            return sql, parameters
        parameters.append(bigquery.ScalarQueryParameter("scope", "STRING", part.scope))
        return f"{sql} and ifnull({_PAYER}, '{NO_PAYER}') = @scope", parameters

    def rows_between(self, first: dt.date, last: dt.date) -> Query:
        """Return every row that arrived from ``first`` to ``last``, both included."""
        column = self.partition_column
        sql = f"select * from `{self.table}` where {column} >= @first and {column} < @end"
        return sql, [self._bound("first", first), self._bound("end", last + dt.timedelta(days=1))]

    @property
    def _day(self) -> str:
        return self.partition_column if self.partition_type == "DATE" else f"date({self.partition_column})"

    def _bound(self, name: str, day: dt.date) -> bigquery.ScalarQueryParameter:
        if self.partition_type == "DATE":
            return bigquery.ScalarQueryParameter(name, "DATE", day)
        zone = dt.UTC if self.partition_type == "TIMESTAMP" else None
        moment = dt.datetime.combine(day, dt.time(), tzinfo=zone)
        return bigquery.ScalarQueryParameter(name, self.partition_type, moment)


Query = tuple[str, list[bigquery.ScalarQueryParameter]]


def _fields(schema: Sequence[bigquery.SchemaField], prefix: str = "") -> Iterator[tuple[str, str]]:
    for field in schema:
        yield prefix + field.name, field.field_type
        yield from _fields(field.fields, f"{prefix}{field.name}.")


def _own_partitioning(table: bigquery.Table) -> str:
    if table.time_partitioning:
        return table.time_partitioning.field or INGESTION_TIME
    return "export_time"


def _month(text: str | None) -> dt.date | None:
    try:
        return dt.datetime.strptime(text or "", "%Y%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None
