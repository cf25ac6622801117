"""Invoice lines (BG-25) with what discounts take off them (BG-27, BG-28), and discounts on the whole (BG-20, BG-21).

A discount stands under the line that it reduces; one on a whole period is an allowance on the document, by tax
category. What takes instead of gives is the same the other way round: a charge. Prices are never negative
(BR-27): a line that gives money back has a negative quantity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoices.einvoice.source import Source, last_day, text
from invoices.einvoice.units import PIECE, unit_code
from invoices.einvoice.vat import category
from invoices.model import Line
from invoices.money import plain, round_money

Terms = dict[str, Any]
#: "Discount" of UNTDID 5189.
DISCOUNT = "95"
#: How far price times quantity may lie from the line's amount (PEPPOL-EN16931-R120).
SLACK = Decimal("0.02")


@dataclass(frozen=True)
class Sorted:
    """A document's lines by the part that they play."""

    lines: tuple[Line, ...]
    under: dict[str, list[Line]]
    general: tuple[Line, ...]


def sort(lines: Iterable[Line]) -> Sorted:
    """Tell lines, their discounts and discounts on the whole apart; discounts alone are the lines."""
    lines = tuple(lines)
    items = tuple(line for line in lines if line.line_type != "discount") or lines
    taxed = {line.line_id: category(line) for line in items}
    under: dict[str, list[Line]] = defaultdict(list)
    general = []
    for line in lines:
        if line.line_id in taxed or not line.amount:
            continue
        if line.parent_line_id and taxed.get(line.parent_line_id) == category(line):
            under[line.parent_line_id].append(line)
        else:
            general.append(line)
    return Sorted(items, under, tuple(general))


def line(source: Source, item: Line, discounts: Iterable[Line]) -> Terms:
    """BG-25: one line. Its net amount (BT-131) is after its own discounts."""
    taxed, discounts = category(item), list(discounts)
    net = sum((source.net(each) for each in (item, *discounts)), Decimal(0))
    return {
        "BT-126": str(item.line_number),
        **_quantity(source, item),
        "BT-131": source.money(net),
        "BT-134": item.charge_period_start,
        "BT-135": last_day(item.charge_period_start, item.charge_period_end),
        "BT-151": taxed.code,
        "BT-152": taxed.percent,
        "BT-153": _name(source, item),
        "BT-154": text(source.translated(item.detail)),
        "BT-155": text(item.sku, 60),
        "BG-27": [_reduction(source, each) for each in discounts if source.net(each) < 0],
        "BG-28": [_reduction(source, each) for each in discounts if source.net(each) > 0],
    }


def general(source: Source, discounts: Iterable[Line], sign: int) -> list[Terms]:
    """BG-20 (``sign`` -1) or BG-21 (1): allowances or charges on the whole document."""
    return [
        {
            **_reduction(source, each),
            "vat_category_code": category(each).code,
            "vat_rate": category(each).percent,
        }
        for each in discounts
        if source.net(each) * sign > 0
    ]


def _reduction(source: Source, discount: Line) -> Terms:
    net = source.net(discount)
    said = (discount.description, source.translated(discount.detail), _corrected(source, discount))
    return {
        "amount": source.money(abs(net)),
        "reason": text(" · ".join(filter(None, said))) or source.say("discounts"),
        "reason_code": DISCOUNT if net < 0 else None,
    }


def _name(source: Source, item: Line) -> str:
    said = source.translated(item.description)
    if item.service and item.service.casefold() not in said.casefold():
        said = f"{item.service}: {said}"
    return text(said) or source.say("description")


def _corrected(source: Source, item: Line) -> str:
    """The document and month that a line corrects."""
    corrects = (
        item.reference_document and item.reference_document != source.document.header.reference_document
    )
    return f"{item.reference_document}, {source.formats.month(item.used_in_period)}" if corrects else ""


def _quantity(source: Source, item: Line) -> Terms:
    """Quantity, unit and price where they make the amount; else one piece at the amount, the quantity in words."""
    net = source.net(item)
    code = unit_code(item.unit)
    if item.quantity is not None and item.unit_price is not None and _makes(source, item, net):
        terms = (source.turned(item.quantity), code or PIECE, item.unit_price)
        told = code is not None
    else:
        terms = (Decimal(-1 if net < 0 else 1), PIECE, abs(net))
        told = item.quantity is None
    quantity, unit, price = terms
    return {
        "BT-129": plain(quantity),
        "BT-130": unit,
        "BT-146": plain(price),
        "BG-32": _attributes(source, item, is_told=told),
    }


def _makes(source: Source, item: Line, net: Decimal) -> bool:
    if item.quantity is None or item.unit_price is None or item.unit_price < 0 or not item.quantity:
        return False
    made = source.turned(item.quantity) * item.unit_price
    return round_money(made, item.currency) == net and abs(made - net) <= SLACK


def _attributes(source: Source, item: Line, *, is_told: bool) -> list[Terms]:
    """BG-32: what the other terms of a line have no place for."""
    user = item.used_by_customer_id
    used_by = f"{source.document.users.get(user, '')} ({user})" if source.document.is_of_others else None
    quantity = None
    if not is_told and item.quantity is not None:
        told = f"{source.formats.quantity(source.turned(item.quantity))} {source.translated(item.unit)}"
        quantity = told.strip()
    named = {
        "vendor": item.vendor,
        "user": used_by,
        "quantity": quantity,
        "corrections": _corrected(source, item),
    }
    return [
        {"BT-160": source.say(name), "BT-161": text(value)} for name, value in named.items() if text(value)
    ]
