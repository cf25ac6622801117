"""``quickbooks-journal.csv``: journal entries for QuickBooks Online, Settings › Import data › Journal entries.

Columns are those of Intuit's sample file for that import. Rows with one ``*JournalNo`` (at most 21 characters) are
one entry, all in one currency; dates are MM/DD/YYYY, numbers have a point, each row fills one of debits and credits.
Accounts go by their names (Intuit: account numbers are turned off for the import), sub-accounts as ``Parent:Child``;
a receivable names its customer. A cost center is the class.
"""

from __future__ import annotations

from collections.abc import Sequence

from invoices.accounting.csv_file import csv_bytes
from invoices.accounting.journal import Posting

HEADER = (
    "*JournalNo",
    "*JournalDate",
    "*AccountName",
    "*Debits",
    "*Credits",
    "Description",
    "Name",
    "Currency",
    "Location",
    "Class",
)


def quickbooks(postings: Sequence[Posting], base_currency: str) -> dict[str, bytes]:
    """The file by its name; one row per posting, the currency stated on each of them, also the home currency."""
    del base_currency
    return {"quickbooks-journal.csv": csv_bytes(HEADER, map(_row, postings))}


def _row(posting: Posting) -> tuple[object, ...]:
    return (
        posting.entry_id,
        f"{posting.posting_date:%m/%d/%Y}",
        posting.account_name,
        posting.shown(posting.debit) if posting.debit else None,
        posting.shown(posting.credit) if posting.credit else None,
        posting.description,
        posting.customer_name if posting.posting_type == "receivable" else None,
        posting.currency,
        None,
        posting.cost_center,
    )
