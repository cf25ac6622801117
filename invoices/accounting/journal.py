"""The journal as dbt posts it (``marts.fct_journal_entry``), and its own file, ``journal.csv``."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

import duckdb

from invoices.accounting.csv_file import csv_bytes
from invoices.money import minor_units, plain
from invoices.read import rows


@dataclass(frozen=True)
class Posting:
    """One posting; fields are columns of ``marts.fct_journal_entry``. ``amount``: debit positive, credit negative."""

    entry_id: str
    line_number: int
    posting_date: dt.date
    entry_type: str
    posting_type: str
    account: str
    account_name: str
    cost_center: str | None
    customer_id: str
    customer_name: str | None
    document_number: str | None
    reference: str | None
    billing_period: dt.date | None
    due_date: dt.date | None
    vendor: str | None
    service: str | None
    tax_code: str | None
    tax_rate: Decimal | None
    tax_type: str | None
    debit: Decimal
    credit: Decimal
    amount: Decimal
    tax_amount: Decimal | None
    currency: str
    description: str

    def shown(self, amount: Decimal) -> str:
        """An amount with the decimals that the posting's currency has: ``119.00``, ``500``."""
        return plain(amount, minor_units(self.currency))


COLUMNS = tuple(
    field.name for field in fields(Posting) if field.name not in {"amount", "tax_amount", "tax_type"}
)


#: A copy of the journal for one piece of work, made by who reads from it.
TABLE = "accounting_journal"


def read_postings(connection: duckdb.DuckDBPyConnection, period: dt.date) -> list[Posting]:
    """The postings of a month, in the order of their days and entries."""
    names = ", ".join(field.name for field in fields(Posting))
    sql = f"""
    select {names} from {TABLE}
    where accounting_period = $1
    order by posting_date, entry_id, line_number
    """
    return [Posting(**row) for row in rows(connection, sql, [period])]


def unbalanced(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Name every entry and currency whose debits are not its credits, to the last decimal."""
    sql = f"""
    select entry_id, currency, sum(debit - credit) as rest from {TABLE}
    group by entry_id, currency having sum(debit - credit) <> 0 or sum(amount) <> 0
    order by entry_id, currency
    """
    for row in rows(connection, sql):
        yield f"{row['entry_id']} is off by {plain(row['rest'])} {row['currency']}"


def to_csv(postings: Sequence[Posting]) -> bytes:
    """``journal.csv``: a posting per row, amounts positive in ``debit`` or ``credit``, days as YYYY-MM-DD."""
    return csv_bytes(COLUMNS, (_cells(posting) for posting in postings))


def bookings(content: bytes) -> list[dict[str, str]]:
    """What a ``journal.csv`` books: all of it but names, which may be spelt anew without any entry being another."""
    found = csv.DictReader(io.StringIO(content.decode("utf-8")))
    return [{name: value for name, value in row.items() if name != "customer_name"} for row in found]


def _cells(posting: Posting) -> list[object]:
    special: dict[str, object] = {
        "billing_period": posting.billing_period and f"{posting.billing_period:%Y-%m}",
        "tax_rate": None if posting.tax_rate is None else plain(posting.tax_rate),
        "debit": posting.shown(posting.debit),
        "credit": posting.shown(posting.credit),
    }
    return [special.get(name, getattr(posting, name)) for name in COLUMNS]
