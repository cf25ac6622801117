"""``xero-invoices.csv`` and ``xero-journals.csv``: the two imports that Xero has for what is posted here.

Invoices and credit notes (Business › Invoices › Import, "tax exclusive"): columns of Xero's template
SalesInvoiceTemplate.csv. Rows with one ``*InvoiceNumber`` are one document; dates are DD/MM/YYYY; a credit note has a
negative total. A row per revenue posting, with its own part of the document's tax; what is drawn from a prepaid
balance is a row of its own. Xero itself posts the receivable and the tax.
Cost (Accounting › Manual journals › Import): columns of Xero's manual journal template. Rows of one narration and
date are one journal, ``*Amount`` is positive for debits; Xero takes 300 rows a file, and its base currency only: cost
in other currencies is in journal.csv alone.
``*TaxType`` and ``*TaxRate`` are display names of Xero's tax rates: ``tax_type`` in account_map.csv, else the
names that a British organisation has. Money is not in these files: it comes by Xero's own bank feed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from invoices.accounting.csv_file import csv_bytes
from invoices.accounting.journal import Posting
from invoices.money import plain

INVOICE_HEADER = (
    "*ContactName",
    "EmailAddress",
    "POAddressLine1",
    "POAddressLine2",
    "POAddressLine3",
    "POAddressLine4",
    "POCity",
    "PORegion",
    "POPostalCode",
    "POCountry",
    "*InvoiceNumber",
    "Reference",
    "*InvoiceDate",
    "*DueDate",
    "Total",
    "InventoryItemCode",
    "*Description",
    "*Quantity",
    "*UnitAmount",
    "Discount",
    "*AccountCode",
    "*TaxType",
    "TaxAmount",
    "TrackingName1",
    "TrackingOption1",
    "TrackingName2",
    "TrackingOption2",
    "Currency",
    "BrandingTheme",
)
JOURNAL_HEADER = (
    "*Narration",
    "*Date",
    "Description",
    "*AccountCode",
    "*TaxRate",
    "*Amount",
    "TrackingName1",
    "TrackingOption1",
    "TrackingName2",
    "TrackingOption2",
)
TRACKING = "Cost center"
NO_TAX = "No VAT"
ZERO_RATES = {"Z": "Zero Rated Income", "E": "Exempt Income"}


def xero(postings: Sequence[Posting], base_currency: str) -> dict[str, bytes]:
    """Both files by their names."""
    totals = _totals(postings)
    sales = [posting for posting in postings if posting.posting_type in {"revenue", "prepaid"}]
    invoices = (_invoice_row(each, totals[each.entry_id]) for each in sales if each.entry_id in totals)
    costs = [each for each in postings if each.entry_type == "cost" and each.currency == base_currency]
    return {
        "xero-invoices.csv": csv_bytes(INVOICE_HEADER, invoices),
        "xero-journals.csv": csv_bytes(JOURNAL_HEADER, map(_journal_row, costs)),
    }


def _totals(postings: Sequence[Posting]) -> dict[str, Decimal]:
    """What is to be paid of each document: revenue and tax, less what is drawn from a prepaid balance."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for posting in postings:
        if posting.entry_type in {"invoice", "credit_note"} and posting.posting_type != "receivable":
            totals[posting.entry_id] -= posting.amount
    return totals


def _invoice_row(posting: Posting, total: Decimal) -> tuple[object, ...]:
    is_revenue = posting.posting_type == "revenue"
    tax = -posting.tax_amount if is_revenue and posting.tax_amount is not None else Decimal(0)
    return (
        posting.customer_name or posting.customer_id,
        *[None] * 9,
        posting.entry_id,
        posting.reference,
        f"{posting.posting_date:%d/%m/%Y}",
        f"{posting.due_date:%d/%m/%Y}",
        posting.shown(total),
        None,
        posting.description,
        1,
        posting.shown(-posting.amount),
        None,
        posting.account,
        _tax_type(posting) if is_revenue else NO_TAX,
        posting.shown(tax),
        *_tracking(posting),
        posting.currency,
        None,
    )


def _tax_type(posting: Posting) -> str:
    if posting.tax_type:
        return posting.tax_type
    if posting.tax_rate:
        return f"{plain(posting.tax_rate)}% (VAT on Income)"
    return ZERO_RATES.get(posting.tax_code or "", NO_TAX)


def _tracking(posting: Posting) -> tuple[str | None, ...]:
    return (TRACKING if posting.cost_center else None, posting.cost_center, None, None)


def _journal_row(posting: Posting) -> tuple[object, ...]:
    return (
        posting.entry_id,
        f"{posting.posting_date:%d/%m/%Y}",
        posting.description,
        posting.account,
        NO_TAX,
        posting.shown(posting.amount),
        *_tracking(posting),
    )
