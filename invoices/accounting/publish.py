"""Write ``published/accounting/<month>/``: the journal of each month, and the wanted exports of it.

An entry belongs to the month of its posting date. A month stays open until the reseller's closing day in the next
one; from then on its published files are what the books have, and are never written over. What would change them is
told instead (docs/decisions/0021).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import duckdb

from cspbill import atomic, warehouse
from cspbill.errors import CspbillError
from cspbill.settings import Settings
from invoices.accounting import journal
from invoices.accounting.beancount import beancount
from invoices.accounting.business_central import business_central
from invoices.accounting.journal import Posting
from invoices.accounting.quickbooks import quickbooks
from invoices.accounting.xero import xero
from invoices.files import period_directory
from invoices.read import rows

STATE = "accounting_files"
JOURNAL = "journal.csv"
_MONTH = "[0-9][0-9][0-9][0-9]-[0-9][0-9]"
EXPORTS: Mapping[str, Callable[[Sequence[Posting], str], dict[str, bytes]]] = {
    "business-central": business_central,
    "xero": xero,
    "quickbooks": quickbooks,
    "beancount": beancount,
}
EXPORT_FILES = frozenset(name for export in EXPORTS.values() for name in export((), ""))


@dataclass(frozen=True)
class AccountingFiles:
    """Files written now, and what a person should know of the journal and the payments."""

    written: tuple[Path, ...]
    notes: tuple[str, ...]


def publish_accounting(settings: Settings) -> AccountingFiles:
    """Write the files of every month whose journal is new, or open and changed.

    Raises CspbillError when an entry does not balance; nothing is written then.
    """
    with warehouse.connect(settings) as connection:
        fingerprint = _fingerprint(connection, settings)
        if _is_published(connection, settings, fingerprint):
            return AccountingFiles((), ())
        # Once: the journal of all months follows from every charge ever frozen.
        connection.execute(f"create temp table {journal.TABLE} as select * from marts.fct_journal_entry")
        _refuse_unbalanced(connection)
        files, written, notes = list[Path](), list[Path](), _payment_notes(connection)
        for month in _months(connection, settings):
            files += month.files
            written += month.write()
            notes += month.notes()
        _remember(connection, settings, fingerprint, files)
    return AccountingFiles(tuple(written), tuple(notes))


def closing_day(period: dt.date, close_day: int) -> dt.date:
    """The first day on which a month's files are no longer written over."""
    return (period + dt.timedelta(days=31)).replace(day=close_day)


@dataclass(frozen=True)
class Month:
    """One month's folder and what should stand in it, the journal last: the exports beside it are of its postings."""

    folder: Path
    made: Mapping[str, bytes]
    is_closed: bool

    @property
    def files(self) -> list[Path]:
        """Every file that the month should have."""
        return [self.folder / name for name in self.made]

    @property
    def is_kept(self) -> bool:
        """Whether the month is closed with other bookings than it would have now."""
        path = self.folder / JOURNAL
        return (
            self.is_closed
            and path.exists()
            and journal.bookings(path.read_bytes()) != journal.bookings(self.made[JOURNAL])
        )

    def write(self) -> list[Path]:
        """Write what is missing; of an open month also what has changed. Returns the files written."""
        if not self.is_closed:
            self._remove_unwanted()
        lacking = [path for path in self.files if not self.is_kept and self._is_due(path)]
        for path in lacking:
            atomic.write_bytes(path, self.made[path.name])
        return lacking

    def _remove_unwanted(self) -> None:
        """An export that is no longer wanted would stay behind what the journal says."""
        for name in EXPORT_FILES - self.made.keys():
            (self.folder / name).unlink(missing_ok=True)

    def _is_due(self, path: Path) -> bool:
        return not path.exists() or (not self.is_closed and path.read_bytes() != self.made[path.name])

    def notes(self) -> list[str]:
        """What a person should know of it."""
        name = self.folder.name
        return (
            [f"accounting/{name} {_KEPT}; or delete {self.folder} and run `cspbill run`"]
            if self.is_kept
            else []
        )


_KEPT = (
    "is closed and stays as it was exported, but its journal would be another now: a payment or top-up dated in it, "
    "or the account map, was changed later. Give late money a day in an open month, and new accounts a valid_from"
)


def _months(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Month]:
    sql = "select base_currency, accounting_exports, close_day from config.reseller"
    reseller = rows(connection, sql)[0]
    for period in _periods(connection, settings):
        postings = journal.read_postings(connection, period)
        yield Month(
            period_directory(settings.published / "accounting", period),
            _files(postings, reseller["accounting_exports"], reseller["base_currency"]),
            settings.today >= closing_day(period, reseller["close_day"]),
        )


def _periods(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[dt.date]:
    """Months with postings until today's, and months that have files."""
    found = rows(connection, f"select distinct accounting_period from {journal.TABLE}")
    known = (path.parent.name for path in (settings.published / "accounting").glob(f"{_MONTH}/{JOURNAL}"))
    periods = {row["accounting_period"] for row in found} | {
        dt.date.fromisoformat(f"{name}-01") for name in known
    }
    return sorted(period for period in periods if period <= settings.today)


def _refuse_unbalanced(connection: duckdb.DuckDBPyConnection) -> None:
    broken = [f"  {text}" for text in journal.unbalanced(connection)]
    if broken:
        raise CspbillError(
            "The journal does not balance; no accounting file was written.\n" + "\n".join(broken)
        )


def _files(postings: Sequence[Posting], wanted: str | None, base_currency: str) -> dict[str, bytes]:
    names = list(EXPORTS) if wanted is None else [name for name in wanted.split(", ") if name]
    made: dict[str, bytes] = {}
    for name in names:
        made |= EXPORTS[name](postings, base_currency)
    return made | {JOURNAL: journal.to_csv(postings)}


def _payment_notes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    sql = "select reference, finding from marts.fct_payment where finding is not null order by reference"
    return [
        f"payment {row['reference']}: {row['finding']}; it settles the customer's oldest documents instead"
        for row in rows(connection, sql)
    ]


def _fingerprint(connection: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """Digest all that the files follow from: ledger, book, what is closed today, and how files are written."""
    ledger = connection.execute(
        "select document_number, content_sha256 from ledger.document "
        "union all select document_number, credit_note_number from ledger.void order by all"
    ).fetchall()
    content = warehouse.state(connection, "config_content")
    day, version = settings.today, metadata.version("cspbill")
    return hashlib.sha256(repr([ledger, content, f"{day}", version]).encode()).hexdigest()


def _is_published(connection: duckdb.DuckDBPyConnection, settings: Settings, fingerprint: str) -> bool:
    known = json.loads(warehouse.state(connection, STATE) or "{}")
    files = known.get("files", [])
    return known.get("fingerprint") == fingerprint and all(
        (settings.published / name).exists() for name in files
    )


def _remember(
    connection: duckdb.DuckDBPyConnection, settings: Settings, fingerprint: str, files: Sequence[Path]
) -> None:
    names = [path.relative_to(settings.published).as_posix() for path in files]
    value = json.dumps({"fingerprint": fingerprint, "files": names})
    connection.execute("insert or replace into ops.state values (?, ?)", [STATE, value])
