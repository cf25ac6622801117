"""What the PDF's template prints: the document as formatted text, row by row, in the customer's locale.

The template only lays out. Everything here is a string, a list or a flag, so nothing can be taken for markup.
A credit note's amounts are negative in the ledger and are printed with the sign turned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from invoices import outline as parts
from invoices.formats import Formats, country_name, formats_for
from invoices.labels import label, tax_label
from invoices.model import CREDIT_NOTE, Buyer, Document, Line, Seller
from invoices.phrases import translated
from invoices.printable import printable
from invoices.rates import rates_note

DEFAULT_ACCENT = "#1d4f76"
LONGEST_CHUNK = 12
Row = dict[str, Any]
Sections = tuple[parts.Section, ...]


@dataclass(frozen=True)
class Print:
    """A document with what printing it needs: formats, language and the sign of its amounts."""

    document: Document
    formats: Formats
    sections: tuple[parts.Section, ...]
    sign: int

    def say(self, name: str, /, **values: object) -> str:
        """A label in the document's language."""
        return label(name, self.formats.language, **values)

    def money(self, amount: Decimal) -> str:
        """An amount as printed."""
        return self.formats.money(self.sign * amount + 0)  # plus nothing: there is no negative zero


def view(document: Document) -> Row:
    """Everything that the template prints."""
    header = document.header
    formats = formats_for(header.locale, header.currency)
    turned = -1 if header.document_type == CREDIT_NOTE else 1
    page = Print(document, formats, parts.outline(document.lines, header.cancelled), turned)
    number = header.document_number or ""
    kind = _kind(page)
    return {
        "language": formats.language,
        "paper": formats.paper,
        "accent": _accent(document.seller.brand_color),
        "title": f"{kind} {number}".strip(),
        "author": printable(document.seller.legal_name),
        "watermark": page.say("draft") if header.is_draft else "",
        "notices": _notices(page),
        "logo": document.seller.logo or "",
        "seller": printable(document.seller.legal_name),
        "sender": " · ".join(_address(document.seller, formats, own=True)[:-1]),
        "buyer": _address(document.buyer, formats),
        "kind": kind,
        "meta": _meta(page),
        "headline": _headline(page),
        "summary": _summary(page),
        "taxes": _taxes(page),
        "totals": _totals(page),
        "payment_title": page.say("payment"),
        "payment": _payment(page),
        "notes": _notes(page),
        "details": _details(page),
        "running": " · ".join(
            filter(None, (f"{kind} {number}".strip(), printable(document.buyer.legal_name, 60)))
        ),
        "footer": _footer(page),
        "closing": printable(document.seller.footer),
        "number": number,
        "page": page.say("page"),
    }


def _accent(color: str | None) -> str:
    return color if color and re.fullmatch(r"#[0-9a-fA-F]{6}", color) else DEFAULT_ACCENT


def _kind(page: Print) -> str:
    header = page.document.header
    return page.say(f"draft_{header.document_type}" if header.is_draft else header.document_type)


def _notices(page: Print) -> list[str]:
    header = page.document.header
    if not header.is_draft:
        return []
    reasons = [reason for reason in (header.blocked_reason, header.force_reason_needed) if reason]
    return [page.say("draft_notice")] + [
        f"{page.say('blocked')}: {printable(reason, 400)}" for reason in reasons
    ]


def _address(party: Seller | Buyer, formats: Formats, *, own: bool = False) -> list[str]:
    town = " ".join(filter(None, (party.postal_code, party.city)))
    if formats.locale.territory in {"US", "CA"} and not own:
        town = " ".join(filter(None, (party.city, party.postal_code)))
    country = country_name(party.country, formats)
    lines = (party.legal_name, party.street, town, country)
    return [printable(part, 80) for part in lines if part]


def _meta(page: Print) -> list[list[str]]:
    header, buyer = page.document.header, page.document.buyer
    formats = page.formats
    is_credit = header.document_type == CREDIT_NOTE
    due = formats.date(header.due_date) if header.due_date and not is_credit else None
    terms = _terms(page) if header.is_draft and not is_credit else None
    pairs = [
        ("number", header.document_number),
        ("credits", ", ".join(page.document.credited) if is_credit else None),
        ("issue_date", formats.date(header.issue_date) if header.issue_date else None),
        ("due_date", due),
        ("terms", terms),
        ("billing_period", formats.period(header.period_start, header.period_end)),
        ("customer", buyer.customer_id),
        ("buyer_tax_id", buyer.tax_id),
        ("purchase_order", header.purchase_order),
        ("buyer_reference", header.buyer_reference),
    ]
    return [[page.say(name), printable(value, 90)] for name, value in pairs if value]


def _terms(page: Print) -> str:
    days = page.document.header.payment_terms_days
    return page.say("days", n=days) if days else page.say("at_once")


def _headline(page: Print) -> Row:
    header = page.document.header
    name, when = "amount_payable", None
    if header.due_date:
        when = page.say("due_by", date=page.formats.long_date(header.due_date))
    if header.is_draft:
        name, when = "amount_so_far", None
    elif header.document_type == CREDIT_NOTE:
        name, when = "amount_credited", None
    elif header.payable_amount <= 0:
        when = page.say("nothing_due")
    period = page.say("for_period", period=page.formats.period(header.period_start, header.period_end))
    return {
        "label": page.say(name),
        "currency": header.currency,
        "amount": page.money(header.payable_amount),
        "when": when or "",
        "period": period,
    }


def _summary(page: Print) -> Row:
    currency = page.document.header.currency
    has_discounts = any(section.discounts for section in page.sections)
    names = ["before_discounts", "discounts", "net"] if has_discounts else ["net"]

    def cells(title: str, net: Decimal, discounts: Decimal) -> list[str]:
        amounts = [net - discounts, discounts, net] if has_discounts else [net]
        return [title, *map(page.money, amounts)]

    discounts = sum((section.discounts for section in page.sections), Decimal(0))
    parts_of = "user" if page.document.is_of_others else "vendor"
    return {
        "title": page.say("summary"),
        "head": [page.say(parts_of), *(f"{page.say(name)} {currency}" for name in names)],
        "rows": [cells(title, *_sums(sections)) for title, sections in _summed(page)],
        "total": cells(page.say("total_net"), page.document.header.net_amount, discounts),
    }


def _summed(page: Print) -> Iterator[tuple[str, Sections]]:
    """What page 1 adds up: vendors, or the customers that a document is paid for."""
    if page.document.is_of_others:
        yield from _by_user(page)
    else:
        yield from ((_section_title(page, part), (part,)) for part in page.sections)


def _by_user(page: Print) -> Iterator[tuple[str, Sections]]:
    for user, name in page.document.users.items():
        lines = [line for line in page.document.lines if line.used_by_customer_id == user]
        title = printable(f"{name} ({user})", 80)
        yield title, parts.outline(lines, page.document.header.cancelled)


def _sums(sections: Sections) -> tuple[Decimal, Decimal]:
    """Net and discounts."""
    nets, discounts = [part.net for part in sections], [part.discounts for part in sections]
    return sum(nets, Decimal(0)), sum(discounts, Decimal(0))


def _section_title(page: Print, section: parts.Section) -> str:
    return printable(section.name, 80) if section.kind == parts.VENDOR else page.say(section.kind)


def _taxes(page: Print) -> Row:
    currency = page.document.header.currency
    language = page.formats.language
    return {
        "head": [
            page.say("tax"),
            page.say("rate"),
            f"{page.say('taxable')} {currency}",
            f"{page.say('tax_amount')} {currency}",
        ],
        "rows": [
            [
                tax_label(tax.tax_code, language),
                page.formats.percent(tax.tax_rate),
                page.money(tax.taxable_amount),
                page.money(tax.tax_amount),
            ]
            for tax in page.document.taxes
        ],
    }


def _totals(page: Print) -> list[list[str]]:
    header = page.document.header
    found = [
        ("total_net", header.net_amount),
        ("total_tax", header.tax_amount),
        ("total_gross", header.gross_amount),
    ]
    if header.prepaid_drawn:
        found.append(("prepaid" if header.prepaid_drawn > 0 else "prepaid_returned", -header.prepaid_drawn))
    name = "amount_credited" if header.document_type == CREDIT_NOTE else "amount_payable"
    found.append((name, header.payable_amount))
    return [[f"{page.say(name)} {header.currency}", page.money(amount)] for name, amount in found]


def _payment(page: Print) -> list[list[str]]:
    header, seller = page.document.header, page.document.seller
    if header.is_draft or header.document_type == CREDIT_NOTE or header.payable_amount <= 0:
        return []
    pairs = [
        (page.say("account_holder"), seller.legal_name),
        ("IBAN", spaced_iban(seller.iban)),
        ("BIC", seller.bic),
        (page.say("reference"), header.document_number),
    ]
    return [[name, printable(value, 80)] for name, value in pairs if value]


def spaced_iban(iban: str | None) -> str | None:
    """An IBAN in groups of four, as printed on paper."""
    return " ".join(re.findall(".{1,4}", re.sub(r"\s", "", iban))) if iban else None


def _notes(page: Print) -> list[str]:
    notes = _balance(page) + [printable(tax.legal_note, 400) for tax in page.document.taxes if tax.legal_note]
    if any("≈" in cell for row in _rows(page) for cell in row.get("cells", ())):
        notes.append(page.say("approximate"))
    if rates := rates_note(page.document.lines, page.formats):
        notes.append(printable(rates, 400))
    return list(dict.fromkeys(notes))


def _balance(page: Print) -> list[str]:
    header = page.document.header
    if header.prepaid_balance is None:
        return []
    left = page.formats.money(header.prepaid_balance)
    return [page.say("prepaid_left", amount=left, currency=header.currency)]


def _details(page: Print) -> Row:
    priced = any(line.quantity is not None or line.unit_price is not None for line in page.document.lines)
    names = ["quantity", "unit", "unit_price"] if priced else []
    amount = f"{page.say('amount')} {page.document.header.currency}"
    return {
        "title": page.say("details"),
        "priced": priced,
        "head": [page.say("description"), page.say("period"), *map(page.say, names), amount],
        "chunks": chunks(list(_rows(page))),
    }


def chunks(rows: list[Row]) -> list[list[Row]]:
    """Runs of rows that stay on one page: headings with what follows, subtotals with what they add up."""
    made: list[list[Row]] = []
    for row in rows:
        follows = bool(made) and (
            made[-1][-1]["kind"] in {"user", "section", "service"}
            or row["kind"] in {"subtotal", "total", "discount"}
        )
        if follows and len(made[-1]) < LONGEST_CHUNK:
            made[-1].append(row)
        else:
            made.append([row])
    return made


def _rows(page: Print) -> Iterator[Row]:
    if not page.document.is_of_others:
        yield from _sections(page, page.sections)
        return
    for title, sections in _by_user(page):
        if sections:
            yield {"kind": "user", "text": title}
            yield from _sections(page, sections)
            net, _ = _sums(sections)
            yield {"kind": "total", "text": page.say("total_of", name=title), "amount": page.money(net)}


def _sections(page: Print, sections: Sections) -> Iterator[Row]:
    for section in sections:
        title = _section_title(page, section)
        yield {"kind": "section", "text": title}
        yield from _section_rows(page, section)
        yield {"kind": "total", "text": page.say("total_of", name=title), "amount": page.money(section.net)}


def _section_rows(page: Print, section: parts.Section) -> Iterator[Row]:
    small = 0
    for service in section.services:
        listed = [item for item in service.items if not item.is_small]
        if not listed:
            small += len(service.items)
            continue
        yield from _service_rows(page, service, listed)
    if small:
        yield _small_row(page, small)


def _service_rows(page: Print, service: parts.Service, listed: list[parts.Item]) -> Iterator[Row]:
    name = _service_title(page, service)
    small = len(service.items) - len(listed)
    alone = len(listed) == 1 and not service.origin
    if name and not alone:
        yield {"kind": "service", "text": name}
    for item in listed:
        if item.line.line_type == "discount":
            yield _discount_row(page, item.line)
            continue
        is_named = bool(service.origin or (name and alone))
        yield _line_row(page, _named(page, item.line) if is_named else item.line)
        yield from (_discount_row(page, discount) for discount in item.discounts)
    if small:
        yield _small_row(page, small)
    # A single line is its own subtotal, unless discounts follow it.
    if name and not (alone and not listed[0].discounts):
        yield _subtotal_row(page, name, service.net)


def _service_title(page: Print, service: parts.Service) -> str:
    """The service's name; of corrections, which document and month they correct."""
    if not service.origin:
        return printable(service.name, 80)
    month, document = page.formats.month(service.origin.period), service.origin.document
    # A cancelled document's own corrections name that document, which stands in the head already.
    if not document or document == page.document.header.cancelled:
        return month
    return page.say("correction_of", document=printable(document, 60), period=month)


def _named(page: Print, line: Line) -> Line:
    """A line without a heading of its service carries the service's name."""
    if not line.service or line.service.lower() in line.description.lower():
        return line
    said = (translated(text, page.formats) for text in (line.description, line.detail))
    detail = " · ".join(filter(None, said))
    return replace(line, description=line.service, detail=detail)


def _line_row(page: Print, line: Line) -> Row:
    formats = page.formats
    # On a credit note the whole line is turned by its quantity; a unit price stays positive.
    quantity = "" if line.quantity is None else formats.quantity(page.sign * line.quantity)
    price = "" if line.unit_price is None else formats.unit_price(line.unit_price)
    period = formats.span(
        line.charge_period_start, line.charge_period_end, page.document.header.billing_period.year
    )
    return {
        "kind": "line",
        "text": printable(translated(line.description, formats)),
        "detail": printable(translated(line.detail, formats), 240),
        "cells": [period, quantity, printable(translated(line.unit, formats), 30), price],
        "amount": page.money(line.amount),
    }


def _discount_row(page: Print, line: Line) -> Row:
    return {
        "kind": "discount",
        "text": printable(translated(line.description, page.formats)),
        "detail": printable(_discount_detail(page, line), 240),
        "amount": page.money(line.amount),
    }


def _discount_detail(page: Print, line: Line) -> str:
    """What it is taken from; which month's, where nothing above it says so."""
    of_month = page.document.is_of_months and not (line.parent_line_id or line.reference_document)
    month = page.formats.month(line.used_in_period) if of_month else ""
    return " · ".join(filter(None, (translated(line.detail, page.formats), month)))


def _subtotal_row(page: Print, name: str, amount: Decimal) -> Row:
    return {"kind": "subtotal", "text": page.say("subtotal", name=name), "amount": page.money(amount)}


def _small_row(page: Print, count: int) -> Row:
    name = "small_one" if count == 1 else "small_many"
    return {"kind": "small", "text": page.say(name, n=count, least=page.formats.least())}


def _footer(page: Print) -> list[list[str]]:
    seller = page.document.seller
    named = [
        (page.say("registration"), seller.registration),
        (page.say("vat_id"), seller.tax_id),
    ]
    bank = [("IBAN", spaced_iban(seller.iban)), ("BIC", seller.bic)]
    columns = [
        _address(seller, page.formats, own=True),
        [f"{name} {value}" for name, value in named if value]
        + [part for part in (seller.email, seller.phone) if part],
        [f"{name} {value}" for name, value in bank if value],
    ]
    return [[printable(part, 90) for part in column] for column in columns if column]
