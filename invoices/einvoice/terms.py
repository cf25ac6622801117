"""A document in the business terms (BT) and groups (BG) of EN 16931, from which both syntaxes are written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from invoices.einvoice import lines, parties, vat
from invoices.einvoice.source import Source, last_day, source_of, text
from invoices.model import CREDIT_NOTE, Document
from invoices.rates import rates_note

Terms = dict[str, Any]
INVOICE_CODE, CREDIT_NOTE_CODE = "380", "381"
BILLING_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
LONGEST_NOTE = 4000


def terms(document: Document) -> Terms:
    """Every term of an issued document; what it does not say is None or empty."""
    source = source_of(document)
    header = document.header
    found = lines.sort(document.lines)
    return {
        "BT-1": header.document_number,
        "BT-2": header.issue_date,
        "BT-3": CREDIT_NOTE_CODE if header.document_type == CREDIT_NOTE else INVOICE_CODE,
        "BT-5": header.currency,
        "BT-10": _reference(document),
        "BT-13": text(header.purchase_order),
        "BT-23": BILLING_PROCESS,
        **_due(source),
        # When the supply was completed: the day whose tax rates count.
        "BT-72": last_day(header.period_start, header.period_end),
        **_period(document),
        "BG-1": _notes(source),
        "BG-3": _originals(document),
        "BG-4": parties.seller(document),
        "BG-7": parties.buyer(document),
        "BG-13": parties.delivery(document),
        **parties.payment(source),
        "BG-20": lines.general(source, found.general, -1),
        "BG-21": lines.general(source, found.general, 1),
        **_totals(source, found),
        "BG-23": vat.breakdown(source),
        "BG-25": [lines.line(source, item, found.under.get(item.line_id, ())) for item in found.lines],
    }


def _reference(document: Document) -> str | None:
    """Peppol wants a reference of the buyer's or an order; where there is neither, the customer's number is one."""
    header = document.header
    return text(header.buyer_reference) or (None if header.purchase_order else text(header.customer_id))


def _due(source: Source) -> Terms:
    header = source.document.header
    if header.document_type == CREDIT_NOTE or header.payable_amount <= 0:
        return {"BT-20": source.say("nothing_due")}
    days = header.payment_terms_days
    return {"BT-9": header.due_date, "BT-20": source.say("days", n=days) if days else source.say("at_once")}


def _period(document: Document) -> Terms:
    """BG-14 spans every line's period, as its definition and Peppol (R110, R111) have it."""
    header = document.header
    ends = [last_day(line.charge_period_start, line.charge_period_end) for line in document.lines]
    return {
        "BT-73": min([header.period_start, *(line.charge_period_start for line in document.lines)]),
        "BT-74": max([last_day(header.period_start, header.period_end), *ends]),
    }


def _notes(source: Source) -> list[Terms]:
    """BG-1: one note (Peppol allows no more): the billing period, and what the page says below its totals."""
    document, formats = source.document, source.formats
    header, left = document.header, document.header.prepaid_balance
    said = [
        f"{source.say('billing_period')}: {formats.period(header.period_start, header.period_end)}",
        None
        if left is None
        else source.say("prepaid_left", amount=formats.money(left), currency=header.currency),
        *vat.notes(document.taxes),
        text(rates_note(document.lines, formats)),
        text(document.seller.footer),
    ]
    return [{"BT-22": text(" · ".join(dict.fromkeys(filter(None, said))), LONGEST_NOTE)}]


def _originals(document: Document) -> list[Terms]:
    """BG-3: the documents that this one credits or corrects."""
    named = [document.header.reference_document, *(line.reference_document for line in document.lines)]
    return [{"BT-25": number} for number in dict.fromkeys(filter(None, named))]


def _totals(source: Source, found: lines.Sorted) -> Terms:
    """BG-22. The ledger's totals; the sums of lines and of allowances are what makes them up."""
    header = source.document.header
    general = [source.net(line) for line in found.general]
    allowances = sum((-net for net in general if net < 0), Decimal(0))
    charges = sum((net for net in general if net > 0), Decimal(0))
    prepaid = source.turned(header.prepaid_drawn)
    return {
        "BT-106": source.money(source.turned(header.net_amount) + allowances - charges),
        "BT-107": source.money(allowances) if allowances else None,
        "BT-108": source.money(charges) if charges else None,
        "BT-109": source.money(source.turned(header.net_amount)),
        "BT-110": source.money(source.turned(header.tax_amount)),
        "BT-112": source.money(source.turned(header.gross_amount)),
        "BT-113": source.money(prepaid) if prepaid else None,
        "BT-115": source.money(source.turned(header.payable_amount)),
    }
