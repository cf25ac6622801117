"""Fill config/price_list.csv from one price sheet: read it, decide what changes, replace the file."""

from __future__ import annotations

import datetime as dt
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cspbill.errors import CspbillError
from cspbill.settings import Settings
from extractors.price_sheets.merging import Changes, merge
from extractors.price_sheets.offers import read_offers
from extractors.price_sheets.price_list import PriceList, load, read_price_list, sheet_of, write
from extractors.price_sheets.sheets import Sheet

MANY_ROWS = 200_000
MEMORY = "512MB"


@dataclass(frozen=True)
class Wish:
    """Which prices to take over: those of ``skus`` (and of what the list has from the sheet already), or all.

    ``since``: prices that are new to the list count from this day at the latest, where their sheet says a later one.
    """

    skus: frozenset[str]
    everything: bool = False
    since: dt.date | None = None


@dataclass(frozen=True)
class Filled:
    """What filling did to the list, and what a person should know."""

    sheet: str
    path: Path
    changes: Changes
    notes: tuple[str, ...]


def fill(settings: Settings, sheet: Sheet, wish: Wish, folder: Path) -> Filled:
    """Take over a sheet's prices into price_list.csv; ``folder`` is scratch space.

    The file is replaced in one step, and only when a row differs. Raises InputError for wrong rows of the sheet or of
    the list, CspbillError when the list cannot be written.
    """
    path = settings.config / "price_list.csv"
    with _locked(settings), _scratch(folder) as connection:
        listed = read_price_list(path)
        load(connection, listed)
        notes = read_offers(connection, sheet, _wanted(listed, sheet, wish))
        changes = merge(connection, sheet, wish.since or sheet.since)
        if changes.added or changes.changed or changes.removed:
            _write(connection, listed, sheet)
    return Filled(sheet.name, path, changes, (*notes, *_remarks(changes, wish)))


def _wanted(listed: PriceList, sheet: Sheet, wish: Wish) -> frozenset[str] | None:
    if wish.everything:
        return None
    kept = {str(row.values["sku"]) for row in listed.rows if sheet_of(row) == sheet.name}
    return wish.skus | kept


def _write(connection: duckdb.DuckDBPyConnection, listed: PriceList, sheet: Sheet) -> None:
    try:
        write(connection, listed, sheet.name)
    except OSError as error:
        raise CspbillError(
            f"{listed.path} cannot be written: {error.strerror}; the old list stands"
        ) from None


def _remarks(changes: Changes, wish: Wish) -> Iterator[str]:
    rows = changes.added + changes.changed + changes.unchanged
    if changes.left_out:
        yield (
            f"{changes.left_out} prices left out on some days: the list has its own or another sheet's price for them"
        )
    if rows > MANY_ROWS:
        yield (
            f"{rows} rows make every `cspbill check` and run slower; without --all only SKUs that are used are taken"
        )
    if not rows and not changes.removed and not wish.everything:
        yield (
            "no price taken: none of its SKUs is used in the warehouse or named by price_rules.csv; "
            "name some with --sku, or take --all"
        )


@contextmanager
def _scratch(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(folder / "prices.duckdb"))
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute("set threads = 2")
        yield connection
    finally:
        connection.close()


@contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    """Keep two fillings from losing each other's rows."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "prices.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
