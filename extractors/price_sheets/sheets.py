"""What a vendor's module says about a price sheet on disk, and how its text files are read."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from cspbill.book.csv_file import suggest
from cspbill.errors import InputError, Problem
from extractors.names import shown

#: Columns of a sheet's SQL, all text but `row` and `per`. A price is for `per` units (null = 1); the tier with the
#: lowest `tier_start` that costs something is the list price. Times are as the vendor writes them.
OFFER_COLUMNS = (
    "row", "service", "sku", "region", "unit", "currency", "list_price", "cost_price", "per", "tier_start",
    "valid_from", "valid_to", "description",
)  # fmt: skip

LONGEST_ROW = 2_000_000  # bytes


@dataclass(frozen=True)
class Sheet:
    """One price sheet: ``offers`` is a SELECT of OFFER_COLUMNS over its file.

    ``name`` stays the same from one fetch to the next: rows of that name are what a new sheet replaces. The sheet
    speaks for the days from ``as_of`` (from each price's own start where ``states_start``) up to ``until`` (not
    included; None = open); prices new to the list count from ``since`` at the latest. ``called`` gives the vendor's
    own column names for messages.
    """

    name: str
    vendor: str
    file: str
    offers: str
    as_of: dt.date
    until: dt.date | None = None
    states_start: bool = True
    since: dt.date | None = None
    called: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> str:
        """Return what the vendor calls one of our columns."""
        return self.called.get(name, name)


def look(sql: str) -> list[tuple[Any, ...]]:
    """Run a query over a file; times are UTC, as when its prices are taken, wherever the machine stands."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()


def literal(text: str) -> str:
    """Quote text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Quote a column name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def csv_header(path: Path, skip: int = 0) -> list[str]:
    """Return the column names of a CSV file after ``skip`` lines; InputError when it is no text or is empty."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            for _ in range(skip):
                handle.readline(LONGEST_ROW)
            header = next(csv.reader([handle.readline(LONGEST_ROW)]), [])
    except UnicodeDecodeError:
        raise InputError(
            [Problem(path.name, 0, "", "not UTF-8; allowed: the CSV file as the vendor delivers it")]
        ) from None
    if not any(name.strip() for name in header):
        raise InputError(
            [Problem(path.name, skip + 1, "", "no header row; allowed: a price sheet with its header")]
        )
    return [name.strip() for name in header]


def csv_rows(path: Path, header: Sequence[str], skip: int = 0) -> str:
    """Return a FROM item: the rows of a CSV file as text, and ``row``, their number from 1."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in _distinct(header))
    return (
        f"(select *, row_number() over () as row from read_csv({literal(_plain(path))}, auto_detect = false, "
        f"header = true, skip = {skip}, delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}}, "
        f"nullstr = [''], strict_mode = true, null_padding = false, max_line_size = {LONGEST_ROW}))"
    )


def _distinct(header: Sequence[str]) -> list[str]:
    """Give empty and repeated names one of their own, as the CSV reader needs."""
    names: list[str] = []
    for position, name in enumerate(header, start=1):
        taken = {each.casefold() for each in names} | {"row"}
        names.append(name if name and name.casefold() not in taken else f"column {position} {name}".strip())
    return names


def _plain(path: Path) -> str:
    """Return a path in which `*`, `?` and `[` mean themselves."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in str(path))


class Columns:
    """The columns of a delivered file, found without regard to case, blanks and underscores."""

    def __init__(self, file: str, header: Iterable[str]) -> None:
        self.file = file
        self.names = [name for name in header if name]
        self._by_key = {_key(name): name for name in reversed(self.names)}

    def has(self, *names: str) -> bool:
        """Tell whether the file has one of the columns."""
        return any(_key(name) in self._by_key for name in names)

    def sql(self, *names: str) -> str:
        """Return SQL for the first of the columns that the file has; ``null`` without any."""
        found = [self._by_key[_key(name)] for name in names if _key(name) in self._by_key]
        return f"nullif(trim({identifier(found[0])}), '')" if found else "cast(null as varchar)"

    def called(self, *names: str) -> str:
        """Return the delivered name of a column, or the first name asked for."""
        return next((self._by_key[_key(name)] for name in names if _key(name) in self._by_key), names[0])

    def require(self, kind: str, *needed: str | tuple[str, ...]) -> None:
        """Raise InputError for every column that a sheet of this kind must have and this file lacks."""
        missing = [
            names for names in (n if isinstance(n, tuple) else (n,) for n in needed) if not self.has(*names)
        ]
        if missing:
            raise InputError([self._missing(kind, names) for names in missing])

    def _missing(self, kind: str, names: tuple[str, ...]) -> Problem:
        there = shown(", ".join(self.names), 600)
        return Problem(
            self.file,
            1,
            " or ".join(names),
            f"column is missing{suggest(names[0], self.names)}; {kind} needs it; the file has: {there}",
        )


def _key(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
