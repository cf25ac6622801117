"""VAT: categories, the breakdown (BG-23) and why no tax is due (BT-120, BT-121)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoices.einvoice.source import Source, text
from invoices.labels import tax_label
from invoices.model import Line, Tax
from invoices.money import plain

#: Out of scope: such a document says no rate and no VAT id, and holds no other category (BR-O-2 … BR-O-14).
OUTSIDE = "O"
#: Without tax, for a reason that must be given.
_REASONS = {"E": None, "AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", OUTSIDE: "VATEX-EU-O"}


@dataclass(frozen=True)
class Category:
    """A VAT category code and its rate in percent."""

    code: str
    rate: Decimal

    @property
    def percent(self) -> str | None:
        """The rate as written; out of scope has none."""
        return None if self.code == OUTSIDE else plain(self.rate)


def category(item: Line | Tax) -> Category:
    """The category of a line or tax row: a standard rate of 0 % is what EN 16931 calls zero rated."""
    code, rate = item.tax_code or "S", item.tax_rate or Decimal(0)
    return Category("Z" if code == "S" and not rate else code, rate)


def categories(taxes: Iterable[Tax]) -> dict[Category, list[Tax]]:
    """A document's tax rows by category."""
    found: dict[Category, list[Tax]] = {}
    for tax in taxes:
        found.setdefault(category(tax), []).append(tax)
    return found


def breakdown(source: Source) -> list[dict[str, Any]]:
    """BG-23: taxable amount and tax by category and rate, as the ledger has them."""
    return [
        {
            "BT-116": source.money(source.turned(sum((tax.taxable_amount for tax in taxes), Decimal(0)))),
            "BT-117": source.money(source.turned(sum((tax.tax_amount for tax in taxes), Decimal(0)))),
            "BT-118": found.code,
            "BT-119": found.percent,
            **_reason(source, found, taxes),
        }
        for found, taxes in categories(source.document.taxes).items()
    ]


def _reason(source: Source, found: Category, taxes: Iterable[Tax]) -> Mapping[str, str | None]:
    if found.code not in _REASONS:
        return {}
    notes = dict.fromkeys(filter(None, (text(tax.legal_note) for tax in taxes)))
    name = tax_label(found.code, source.formats.language)
    return {"BT-120": " ".join(notes) or name, "BT-121": _REASONS[found.code]}


def notes(taxes: Iterable[Tax]) -> list[str]:
    """Legal notes on taxes that are due; those on taxes that are not are reasons."""
    return [text(tax.legal_note) for tax in taxes if category(tax).code not in _REASONS]
