"""A file's profile: what gate 1 judges, computed by one set-based scan of the file.

Grain of ``FileProfile.columns``: one row per column that was delivered or is required. Grain of
``FileProfile.slices``: billing period × currency. Nothing here decides; ``quality.gate`` does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from extractors import reading
from extractors.contract import Contract
from extractors.names import shown
from extractors.reading import Column, Table, UnreadableError

Row = Mapping[str, object]


@dataclass(frozen=True)
class Example:
    """A defective value: the data row (first = 1) of its first appearance, and the value, shortened."""

    row: int = 0
    value: str = ""


NO_EXAMPLE = Example()


@dataclass(frozen=True)
class ColumnProfile:
    """Counts over all rows of one file.

    ``bad``: text that is no number or time, NaN, infinity, or an amount beyond 16 digits before the point.
    ``rounded``: amounts with more than 12 decimals. ``refused``: values outside the allowed ones.
    """

    name: str
    type: str  # "" when the column is not there
    treatment: str
    required: bool
    mistyped: bool = False
    nulls: int | None = None
    bad: int = 0
    rounded: int = 0
    refused: int = 0
    example: Example = NO_EXAMPLE
    first: dt.datetime | None = None
    last: dt.datetime | None = None

    @property
    def present(self) -> bool:
        """Tell whether the file has the column."""
        return bool(self.type)


@dataclass(frozen=True)
class Slice:
    """Control totals of one billing period and currency of a file; None where no row tells."""

    period: dt.date | None
    currency: str | None
    rows: int
    cost: Decimal
    days: frozenset[dt.date]
    invoiced: int | None  # rows that name their invoice; None without such a column


@dataclass(frozen=True)
class FileProfile:
    """What one file holds. ``unreadable`` says why there is nothing else."""

    name: str
    rows: int = 0
    columns: tuple[ColumnProfile, ...] = ()
    slices: tuple[Slice, ...] = ()
    reversed_rows: int = 0
    reversed_example: Example = NO_EXAMPLE
    unreadable: UnreadableError | None = None

    @property
    def periods(self) -> dict[dt.date | None, int]:
        """Return the number of rows per billing period; None counts rows that tell none."""
        found: dict[dt.date | None, int] = {}
        for part in self.slices:
            found[part.period] = found.get(part.period, 0) + part.rows
        return found

    def column(self, name: str) -> ColumnProfile | None:
        """Return the profile of a column that was delivered or is required."""
        return next((column for column in self.columns if column.name == name), None)


def profile_file(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, contract: Contract
) -> FileProfile:
    """Profile a landed file; a file that cannot be read yields a profile that says so. Never raises for bad data."""
    try:
        table = reading.describe(connection, path, contract)
        groups = _scan(connection, table, contract)
    except UnreadableError as error:
        return FileProfile(name, unreadable=error)
    except duckdb.Error as error:
        return FileProfile(name, unreadable=reading.unreadable(error))
    columns = [_column(connection, table, column, groups, contract) for column in table.columns]
    reversed_rows = _total(groups, "reversed")
    return FileProfile(
        name=name,
        rows=_total(groups, "rows"),
        columns=(*columns, *_missing(table, contract)),
        slices=_slices(groups),
        reversed_rows=reversed_rows,
        reversed_example=_first(connection, table, _reversed(table, contract), "null")
        if reversed_rows
        else NO_EXAMPLE,
    )


def first_row_outside(path: Path, period: dt.date, contract: Contract) -> Example:
    """Find the first row whose billing period is not ``period``."""
    with reading.connect() as connection:
        table = reading.describe(connection, path, contract)
        start = _time(table, contract.billing_period)
        outside = f"date_trunc('month', {start}) is distinct from date '{period:%Y-%m-%d}'"
        return _first(connection, table, outside, start)


def first_row_with_null(path: Path, column_name: str, contract: Contract) -> Example:
    """Find the first row that has no value in a column."""
    with reading.connect() as connection:
        table = reading.describe(connection, path, contract)
        column = next(column for column in table.columns if column.name == column_name)
        return _first(connection, table, f"{reading.given(column)} is null", "null")


# One grouped scan answers everything: groups are billing period × currency × charge day, so there are few of them.


def _scan(connection: duckdb.DuckDBPyConnection, table: Table, contract: Contract) -> list[Row]:
    measures = {
        "period": f"cast(date_trunc('month', {_time(table, contract.billing_period)}) as date)",
        "currency": f"left({_given(table, contract.currency)}, 20)",
        "day": f"cast({_time(table, contract.charge_start)} as date)",
        "rows": "count(*)",
        "cost": f"sum(cast({_amount(table, contract)} as {reading.MONEY}))",
        "invoiced": f"count({_given(table, contract.invoice)})"
        if _named(table, contract.invoice)
        else "null",
        "reversed": f"count(*) filter ({_reversed(table, contract)})",
    }
    for position, column in enumerate(table.columns):
        measures |= {f"{key}{position}": sql for key, sql in _measures(table, column, contract).items()}
    listed = ", ".join(f"{sql} as {reading.identifier(key)}" for key, sql in measures.items())
    found = connection.execute(f"select {listed} from {table.rows()} group by all")
    names = [entry[0] for entry in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _measures(table: Table, column: Column, contract: Contract) -> dict[str, str]:
    """Return what the scan computes for a column. Parquet columns of no interest are left unread."""
    given = reading.given(column)
    found = {}
    if table.is_text or column.name in contract.names():
        found["given"] = f"count({given})"
    if bad := _bad(column):
        found["bad"] = f"count(*) filter ({bad})"
    if rounded := _rounded(column, contract):
        found["rounded"] = f"count(*) filter ({rounded})"
    if column.name in contract.allowed:
        found["refused"] = f"count(*) filter ({_refused(column, contract)})"
    if column.treatment == "time" and not column.mistyped:
        found |= {key: f"{key}({reading.value(column, 'try_cast')})" for key in ("min", "max")}
    return found


def _bad(column: Column) -> str | None:
    if column.treatment == "text" or column.mistyped:
        return None
    name = column.expression
    if column.type == "VARCHAR":
        return f"{reading.text(column)} is not null and {reading.value(column, 'try_cast')} is null"
    if column.treatment == "decimal" and column.type in {"DOUBLE", "FLOAT"}:
        return f"not abs({name}) < {reading.LARGEST}"  # NaN sorts above every number
    if column.treatment == "decimal":
        return f"{name} is not null and try_cast({name} as {reading.MONEY}) is null"
    return None


def _rounded(column: Column, contract: Contract) -> str | None:
    if column.mistyped or column.treatment != "decimal":
        return None
    if column.type == "VARCHAR":
        return f"try_cast({reading.text(column)} as decimal(38, 22)) <> {reading.value(column, 'try_cast')}"
    if column.name == contract.amount and column.type == "DOUBLE":
        # No amount passes through the double: it is only asked whether the decimal taken gives the file's value back.
        return f"cast({reading.value(column, 'try_cast')} as double) <> {column.expression}"
    return None


def _refused(column: Column, contract: Contract) -> str:
    allowed = ", ".join(map(reading.literal, contract.allowed[column.name]))
    return f"{reading.text(column)} not in ({allowed})"


def _reversed(table: Table, contract: Contract) -> str:
    before = "<" if contract.end_inclusive else "<="
    return f"{_time(table, contract.charge_end)} {before} {_time(table, contract.charge_start)}"


def _named(table: Table, name: str) -> Column | None:
    return next((column for column in table.columns if column.name == name), None)


def _amount(table: Table, contract: Contract) -> str:
    column = _named(table, contract.amount)
    return reading.value(column, "try_cast") if column else "null"


def _time(table: Table, name: str) -> str:
    column = _named(table, name)
    return f"cast({reading.value(column, 'try_cast') if column else 'null'} as timestamp)"


def _given(table: Table, name: str) -> str:
    column = _named(table, name)
    return reading.text(column) if column else "cast(null as varchar)"


def _total(groups: Iterable[Row], key: str) -> int:
    return sum(int(str(group.get(key) or 0)) for group in groups)


def _slices(groups: Sequence[Row]) -> tuple[Slice, ...]:
    parts: dict[tuple[object, object], list[Row]] = {}
    for group in groups:
        parts.setdefault((group["period"], group["currency"]), []).append(group)
    ordered = sorted(parts.items(), key=lambda item: tuple(map(str, item[0])))
    return tuple(_slice(period, currency, members) for (period, currency), members in ordered)


def _slice(period: object, currency: object, members: Sequence[Row]) -> Slice:
    return Slice(
        period=period if isinstance(period, dt.date) else None,
        currency=None if currency is None else str(currency),
        rows=_total(members, "rows"),
        cost=sum((group["cost"] for group in members if isinstance(group["cost"], Decimal)), Decimal(0)),
        days=frozenset(group["day"] for group in members if isinstance(group["day"], dt.date)),
        invoiced=None if members[0]["invoiced"] is None else _total(members, "invoiced"),
    )


def _column(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    column: Column,
    groups: Sequence[Row],
    contract: Contract,
) -> ColumnProfile:
    position = table.columns.index(column)
    bad, refused = _total(groups, f"bad{position}"), _total(groups, f"refused{position}")
    given = [group[f"given{position}"] for group in groups if f"given{position}" in group]
    example = NO_EXAMPLE
    if bad or refused:
        defect = _bad(column) if bad else _refused(column, contract)
        example = _first(connection, table, str(defect), reading.text(column))
    return ColumnProfile(
        name=column.name,
        type=column.type,
        treatment=column.treatment,
        required=any(column.name in names for names in contract.required),
        mistyped=column.mistyped,
        nulls=_total(groups, "rows") - _total(groups, f"given{position}") if given else None,
        bad=bad,
        rounded=_total(groups, f"rounded{position}"),
        refused=refused,
        example=example,
        first=min(_times(groups, f"min{position}"), default=None),
        last=max(_times(groups, f"max{position}"), default=None),
    )


def _times(groups: Sequence[Row], key: str) -> list[dt.datetime]:
    return [moment for group in groups if isinstance(moment := group.get(key), dt.datetime)]


def _missing(table: Table, contract: Contract) -> list[ColumnProfile]:
    delivered = {column.name for column in table.columns}
    return [
        ColumnProfile(name=" or ".join(group), type="", treatment="", required=True)
        for group in contract.required
        if not delivered & set(group)
    ]


def _first(connection: duckdb.DuckDBPyConnection, table: Table, defect: str, value: str) -> Example:
    found = connection.execute(
        f"select {table.row}, cast({value} as varchar) from {table.numbered_rows()} "
        f"where {defect} order by {table.row} limit 1"
    ).fetchone()
    return Example(int(found[0]), shown(str(found[1] or ""), 60)) if found else NO_EXAMPLE
