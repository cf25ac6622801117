"""A quote as text for a terminal, two columns of money: the first period and a month."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from invoices.money import minor_units, plain

Row = tuple[str, str, str]


def as_text(found: dict[str, Any]) -> str:
    """Render what `quote` returned; what it does not hold (cost, margin) is not shown."""
    lines = [_title(found), ""]
    if found["blocked"]:
        lines += ["It could not be billed:", *(f"  {reason}" for reason in found["blocked"]), ""]
    else:
        lines += [*_table([*_amounts(found)]), "", *_terms(found), ""]
    lines += ["Assumed:", *(f"  {note}" for note in found["assumed"])]
    return "\n".join(lines)


def _title(found: dict[str, Any]) -> str:
    parts = (found["description"], found["service"], found["region"])
    what = ", ".join(dict.fromkeys(part for part in parts if part))
    until = f" until {found['until']}" if found["until"] else ""
    often = " a month" if found["is_monthly"] else ""
    return (
        f"Quote for {found['customer_name']} ({found['customer_id']})\n"
        f"{plain(found['quantity'])} {found['unit']}{often} of {found['sku']}: {what}, by {found['vendor']}, "
        f"from {found['from']}{until}"
    )


def _amounts(found: dict[str, Any]) -> Iterator[Row]:
    first, month = found["first_period"], found["month"] or {}
    currency = first["currency"]
    yield "", f"invoice of {found['period']}", "a month" if month else ""
    yield _amount("amount_before_discount", f"Amount before discounts, {currency}", first, month)
    for kind in ("discounts", "commitments"):
        yield from _lines(kind, first, month)
    for name, title in (
        ("net_amount", "Net"),
        ("tax_amount", _tax(first)),
        ("gross_amount", "Gross"),
        ("list_amount", "At list price, before tax"),
        ("cost", "Cost (internal)"),
        ("margin", "Margin (internal)"),
    ):
        if name in first:
            yield _amount(name, title, first, month)


def _amount(name: str, title: str, first: dict[str, Any], month: dict[str, Any]) -> Row:
    return title, _money(first[name], first["currency"]), _money(month.get(name), first["currency"])


def _lines(kind: str, first: dict[str, Any], month: dict[str, Any]) -> Iterator[Row]:
    """Every discount, or every commitment's line, that either column has."""
    left, right = (
        {line.get("discount_id") or line["line_type"]: line for line in offer.get(kind, [])}
        for offer in (first, month)
    )
    for key in dict.fromkeys([*left, *right]):
        both = [column.get(key) for column in (left, right)]
        known = [line for line in both if line]
        earned = ", earned with it" if any(line.get("newly_earned") for line in known) else ""
        amounts = [_money(line["amount"], first["currency"]) if line else "" for line in both]
        yield f"{_title_of(known[0])}{earned}", amounts[0], amounts[1]


def _title_of(line: dict[str, Any]) -> str:
    percent = f", {plain(line['percent'])} %" if line.get("percent") is not None else ""
    return f"{line['description']}{percent}"


def _money(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else f"{amount:,.{minor_units(currency)}f}"


def _tax(first: dict[str, Any]) -> str:
    taxes = [
        f"{plain(tax['tax_rate'])} %" + ("" if tax["tax_code"] == "S" else f" ({tax['tax_code']})")
        for tax in first["taxes"]
        if tax["tax_rate"] is not None
    ]
    return "Tax " + " and ".join(dict.fromkeys(taxes))


def _table(rows: list[Row]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    return [f"  {row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}".rstrip() for row in rows]


def _terms(found: dict[str, Any]) -> Iterator[str]:
    """Unit price, rule and rates."""
    first = found["first_period"]
    if first["unit_price"] is not None:
        price = f"{plain(first['unit_price'])} {first['currency']}"
        yield f"  Unit price       {price} per {found['unit']}, before discounts"
    if found["list_price"] is not None:
        yield f"  List price       {plain(found['list_price'])} {found['list_currency']} per {found['unit']}"
    for detail in first["details"]:
        yield f"  As on invoice    {detail}"
    for rule in first["rules"]:
        until = f", until {rule['valid_to']}" if rule["valid_to"] else ""
        name = f"rule {rule['rule_id']} of {rule['price_book']}" if rule["rule_id"] else "own product"
        yield f"  Price by         {name} ({rule['model']}){until}"
    for rate in first["rates"]:
        yield (
            f"  Exchange rate    1 {rate['from_currency']} = {plain(rate['rate'])} {rate['to_currency']} "
            f"of {rate['date']}"
        )
    yield f"  Valid for        a start on {found['from']}"
