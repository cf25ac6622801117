"""The partner's billed documents, from ``GET /v1/invoices``: invoices, and the notes that amend them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from cspbill.errors import CspbillError
from extractors.names import shown, unsafe
from extractors.partner_center.service import Service, content

PAGE = 200


@dataclass(frozen=True, order=True)
class Document:
    """One document of a billing period; ``total`` includes tax and is negative on a credit note.

    ``is_note``: it only amends what an invoice bills, so that it does not make a month an invoiced one.
    """

    period: dt.date
    currency: str
    number: str
    date: dt.date
    total: Decimal
    is_note: bool = False


@dataclass(frozen=True)
class Documents:
    """What is billed. ``currencies``: all that the partner was ever billed in. ``notes``: by billing period."""

    billed: tuple[Document, ...]
    currencies: tuple[str, ...]
    notes: tuple[tuple[dt.date, str], ...] = ()


def read_documents(service: Service, api_url: str) -> Documents:
    """List every billed document; CspbillError when the service refuses or answers what cannot be used."""
    found = list(_pages(service, f"{api_url}/v1/invoices"))
    billed: list[Document] = []
    notes: list[tuple[dt.date, str]] = []
    for invoice in found:
        _sort_out(service, invoice, None, billed, notes)
    currencies = {str(invoice.get("currencyCode") or "").upper() for invoice in found if _exportable(invoice)}
    return Documents(tuple(sorted(billed)), tuple(sorted(currencies - {""})), tuple(notes))


def _pages(service: Service, url: str) -> Iterator[Mapping[str, Any]]:
    read = 0
    while True:
        address = f"{url}?size={PAGE}&offset={read}"
        response = service.get(address)
        if response.status_code != 200:
            raise service.refused("GET /v1/invoices", response)
        page = content(response)
        items = page.get("items")
        if not isinstance(items, list):
            raise CspbillError(f"{service.what('GET /v1/invoices')}: the answer has no list of invoices")
        yield from (item for item in items if isinstance(item, dict))
        read += len(items)
        if not items or read >= int(page.get("totalCount") or 0):
            return


def _sort_out(
    service: Service,
    invoice: Mapping[str, Any],
    amended: Mapping[str, Any] | None,
    billed: list[Document],
    notes: list[tuple[dt.date, str]],
) -> None:
    """Add a document and what amends it. A voided one bills nothing: what replaces it is among its amendments."""
    number = str(invoice.get("id") or "")
    period = _period(service, invoice)
    if not _exportable(invoice):
        kind = "of the old kind (before new commerce), which the export API does not have"
        notes.append((period, f"invoice {shown(number)} is left out: it is {kind}"))
        return
    if _voided(invoice):
        notes.append((period, f"invoice {shown(number)} is left out: it is void"))
    else:
        replaces = amended is not None and _voided(amended)
        billed.append(_document(service, invoice, number, period, is_note=_amends(invoice) and not replaces))
    for amendment in _amendments(invoice):
        _sort_out(service, {"billingPeriodStartDate": str(period), **amendment}, invoice, billed, notes)


def _amendments(invoice: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return [one for one in invoice.get("amendments") or () if isinstance(one, dict)]


def _document(
    service: Service, invoice: Mapping[str, Any], number: str, period: dt.date, *, is_note: bool
) -> Document:
    currency = str(invoice.get("currencyCode") or "").upper()
    total = _amount(invoice.get("totalCharges"))
    if not number or "/" in number or unsafe(number) or not currency or total is None:
        raise CspbillError(
            f"{service.what('GET /v1/invoices')}: invoice {shown(number)!r} has no usable id, currencyCode or "
            "totalCharges"
        )
    return Document(period, currency, number, _day(invoice.get("invoiceDate")) or period, total, is_note)


def _amends(invoice: Mapping[str, Any]) -> bool:
    kind = str(invoice.get("documentType") or "").replace("_", " ").casefold()
    return bool(invoice.get("amendsOf")) or kind in {"credit note", "creditnote", "adjustment note"}


def _period(service: Service, invoice: Mapping[str, Any]) -> dt.date:
    """Return the month that a document bills: as it says (a note says its invoice's), else that before its date."""
    if start := _day(invoice.get("billingPeriodStartDate")):
        return start.replace(day=1)
    date = _day(invoice.get("invoiceDate"))
    if not date:
        number = shown(str(invoice.get("id")))
        raise CspbillError(f"{service.what('GET /v1/invoices')}: invoice {number} has no invoiceDate")
    return previous(date)


def previous(day: dt.date) -> dt.date:
    """Return the first day of the month before a day's."""
    return (day.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def _exportable(invoice: Mapping[str, Any]) -> bool:
    return str(invoice.get("invoiceType") or "").replace("_", "").casefold() != "recurring"


def _voided(invoice: Mapping[str, Any]) -> bool:
    kinds = {str(invoice.get(key) or "").replace("_", " ").casefold() for key in ("documentType", "status")}
    return bool(kinds & {"void", "void note", "voided"})


def _amount(value: object) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _day(value: object) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
    return day if day.year > 2000 else None  # 0001-01-01 stands for no date
