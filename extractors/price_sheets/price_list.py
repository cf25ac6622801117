"""price_list.csv: reading it with its cells as they stand, and replacing it in one step.

A row that came from a sheet says so at the end of its description: ``[sheet: aws AmazonEC2 eu-central-1]``. Without
that note a row is somebody's own and is never touched, cell by cell.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from cspbill import atomic
from cspbill.book.csv_file import read_table
from cspbill.book.model import Draft, Row
from cspbill.book.periods import list_prices, validity
from cspbill.book.schema import PRICE_LIST
from cspbill.errors import InputError
from extractors.price_sheets.offers import KEY, PRICE, key_sql

COLUMNS = tuple(column.name for column in PRICE_LIST.columns)
_NOTE = re.compile(r"\s*\[sheet: ([^\]]+)\]$")
_BATCH = 10_000
_TEXT = (*KEY, "description", "sheet")


@dataclass(frozen=True)
class PriceList:
    """The file as it stands: its header, its rows by line, and the cells as they were typed."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    cells: dict[int, list[str]]


def read_price_list(path: Path) -> PriceList:
    """Read and check price_list.csv; InputError with every problem. A missing file is an empty list."""
    if not path.is_file():
        return PriceList(path, COLUMNS, (), {})
    rows, problems, _ = read_table(PRICE_LIST, path)
    draft = Draft({"price_list": rows}, {}, [], frozenset())
    problems = [*problems, *list_prices(draft)]
    if problems:
        raise InputError(problems)
    header, cells = _cells(path)
    return PriceList(path, header, tuple(rows), cells)


def _cells(path: Path) -> tuple[tuple[str, ...], dict[int, list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, strict=True)
        found, start = {}, 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found[start] = cells
            start = reader.line_num + 1
    first = min(found)
    return tuple(name.strip().casefold() for name in found.pop(first)), found


def sheet_of(row: Row) -> str | None:
    """Return the sheet that a row came from; None for a row of somebody's own."""
    found = _NOTE.search(str(row.values.get("description") or ""))
    return found[1] if found else None


def load(connection: duckdb.DuckDBPyConnection, listed: PriceList) -> None:
    """Create table ``listed``: the list with its key, its ends as dates and its sheet."""
    text = pa.string()
    columns = {name: pa.array([_text(row, name) for row in listed.rows], text) for name in _TEXT}
    for name in ("list_price", "cost_price"):
        columns[name] = pa.array([row.values.get(name) for row in listed.rows], pa.decimal128(28, 12))
    for place, name in enumerate(("valid_from", "valid_to")):
        columns[name] = pa.array([_day(validity(row)[place]) for row in listed.rows], text)
    columns["line"] = pa.array([row.line for row in listed.rows], pa.int64())
    connection.register("listed_rows", pa.table(columns))
    connection.execute(
        f"create or replace table listed as select * replace (cast(valid_from as date) as valid_from, "
        f"cast(valid_to as date) as valid_to, cast(list_price as {PRICE}) as list_price), {key_sql()} as key "
        "from listed_rows"
    )
    connection.unregister("listed_rows")


def _text(row: Row, name: str) -> str | None:
    if name == "sheet":
        return sheet_of(row)
    value = row.values.get(name)
    if name == "description" and value is not None:
        return _NOTE.sub("", str(value))
    return None if value is None else str(value)


def _day(day: dt.date) -> str:
    ends = {dt.date.min: "-infinity", dt.date.max: "infinity"}
    return ends.get(day, day.isoformat())


def write(connection: duckdb.DuckDBPyConnection, listed: PriceList, sheet: str) -> None:
    """Replace the file by the rows that are not of ``sheet``, as they stand, followed by table ``filled``.

    A kill before the last step leaves the old file whole.
    """
    header = (*listed.header, *(name for name in COLUMNS if name not in listed.header))
    part = listed.path.with_name(f".{listed.path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(_kept(listed, sheet, len(header)))
            for batch in _filled(connection, header, sheet):
                writer.writerows(batch)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(listed.path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    atomic.sync(listed.path.parent)


def _kept(listed: PriceList, sheet: str, width: int) -> Iterator[list[str]]:
    for row in listed.rows:
        if sheet_of(row) != sheet:
            cells = listed.cells[row.line]
            yield [*cells, *[""] * (width - len(cells))]


def _filled(
    connection: duckdb.DuckDBPyConnection, header: Sequence[str], sheet: str
) -> Iterator[list[tuple[str, ...]]]:
    plain = "rtrim(rtrim(cast({0} as varchar), '0'), '.')"
    day = "case when isfinite({0}) then cast({0} as varchar) else '' end"
    written = {
        "description": "trim(coalesce(description, '') || ' [sheet: ' || $sheet || ']')",
        "list_price": plain.format("list_price"),
        "cost_price": f"coalesce({plain.format('cost_price')}, '')",
        "valid_from": day.format("valid_from"),
        "valid_to": day.format("valid_to"),
    }
    columns = ", ".join(written.get(name, f"coalesce({name}, '')") for name in header)
    found = connection.execute(
        f"select {columns} from filled order by sku, region, unit, currency, service, filled.valid_from",
        {"sheet": sheet},
    )
    while batch := found.fetchmany(_BATCH):
        yield batch
