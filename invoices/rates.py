"""The exchange rates that a document's amounts were converted with (R8.1), for its notes."""

from __future__ import annotations

from collections.abc import Iterable

from invoices.formats import Formats
from invoices.labels import label
from invoices.model import Line


def rates_note(lines: Iterable[Line], formats: Formats) -> str | None:
    """``Converted at: 1 USD ≈ 0.902446 EUR (30 Aug 2024).``; None when nothing was converted.

    A line with a price of its own starts from the price book, not from the vendor's currency: its vendor's rate
    says nothing to the customer. A subscription's price is its product's, in the product's currency.
    """
    rates = {
        (line.vendor_currency, line.fx_date, line.fx_rate)
        for line in lines
        if line.unit_price is None or line.subscription_id
        if line.vendor_currency and line.vendor_currency != line.currency
    }
    told = [
        f"1 {currency} {_equals(formats.unit_price(rate))} {formats.currency} ({formats.date(day)})"
        for currency, day, rate in sorted((c, d, r) for c, d, r in rates if d and r)
    ]
    return label("converted", formats.language, rates=", ".join(told)) if told else None


def _equals(rate: str) -> str:
    return rate if rate.startswith("≈") else f"= {rate}"
