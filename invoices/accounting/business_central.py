"""``business-central.csv``: lines for a general journal of Microsoft Dynamics 365 Business Central.

Columns are fields of table 81 "Gen. Journal Line" under their own names, as a configuration package or "Edit in
Excel" of the General Journals page takes them (learn.microsoft.com, Base Application, Table "Gen. Journal Line").
Dates are YYYY-MM-DD, numbers have a point; ``Amount``: debit positive, credit negative. The local currency's code is
blank there. Bounds: ``Document No.`` and ``Account No.`` 20 characters, ``External Document No.`` 35,
``Description`` 100; only the last is shortened, since the others must arrive whole or not at all.
A receivable is posted to the customer (``customer_id`` is its No.), whose posting group names the account.
"""

from __future__ import annotations

from collections.abc import Sequence

from invoices.accounting.csv_file import csv_bytes
from invoices.accounting.journal import Posting

HEADER = (
    "Journal Template Name",
    "Journal Batch Name",
    "Line No.",
    "Account Type",
    "Account No.",
    "Posting Date",
    "Document Type",
    "Document No.",
    "Description",
    "Currency Code",
    "Amount",
    "Due Date",
    "External Document No.",
    "Shortcut Dimension 1 Code",
)
TEMPLATE, BATCH = "GENERAL", "DEFAULT"
LINE_STEP = 10_000
DOCUMENT_TYPES = {
    "invoice": "Invoice",
    "credit_note": "Credit Memo",
    "payment": "Payment",
    "refund": "Refund",
}


def business_central(postings: Sequence[Posting], base_currency: str) -> dict[str, bytes]:
    """The file by its name; one row per posting."""
    rows = (_row(place, posting, base_currency) for place, posting in enumerate(postings, 1))
    return {"business-central.csv": csv_bytes(HEADER, rows)}


def _row(place: int, posting: Posting, base_currency: str) -> tuple[object, ...]:
    is_customers = posting.posting_type == "receivable"
    return (
        TEMPLATE,
        BATCH,
        place * LINE_STEP,
        "Customer" if is_customers else "G/L Account",
        posting.customer_id if is_customers else posting.account,
        posting.posting_date,
        DOCUMENT_TYPES.get(posting.entry_type),
        posting.entry_id,
        posting.description[:100],
        None if posting.currency == base_currency else posting.currency,
        posting.shown(posting.amount),
        posting.due_date if is_customers else None,
        posting.reference,
        posting.cost_center,
    )
