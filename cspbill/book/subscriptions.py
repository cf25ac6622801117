"""Checks of the reseller's own products and of what happens to their subscriptions, in the order of R6."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from cspbill.book.model import Draft, Row
from cspbill.errors import Problem

#: The source of charges for own products: no configured source may be called so.
OWN_SOURCE = "own"
RECURRING_COLUMNS = (
    "interval",
    "timing",
    "alignment",
    "proration",
    "term_months",
    "cancel_window_days",
    "extended_term_percent",
)
TERM_COLUMNS = ("cancel_window_days", "extended_term_percent")


@dataclass(frozen=True)
class _Term:
    """What binds a subscription when its next event comes."""

    quantity: Decimal
    start: dt.date
    end: dt.date | None
    locked_from: dt.date | None  # first day on which the quantity may not fall; None = never

    def locks(self, day: dt.date) -> bool:
        return self.locked_from is not None and self.end is not None and self.locked_from <= day < self.end


def source_names(draft: Draft) -> Iterator[Problem]:
    """Refuse a source with the name under which own products are rated."""
    for item in draft.sources:
        if item.source.name.casefold() == OWN_SOURCE:
            yield Problem(
                "reseller.yml",
                item.line,
                "name",
                f"'{item.source.name}' stands for the reseller's own products; allowed: another name",
            )


def products(draft: Draft) -> Iterator[Problem]:
    """Refuse recurring products without a cycle, one-off products with one, and conditions of no term."""
    for row in draft.whole("products"):
        recurring = row.values["charge_type"] == "recurring"
        if recurring and row.values.get("interval") is None:
            yield Problem(
                "products.csv",
                row.line,
                "interval",
                "blank; a recurring product needs: month, year or three_years",
            )
        yield from _without_effect(row, () if recurring else RECURRING_COLUMNS, "on a one_off product")
        if recurring and row.values.get("term_months") is None:
            yield from _without_effect(row, TERM_COLUMNS, "without term_months")


def _without_effect(row: Row, names: tuple[str, ...], where: str) -> Iterator[Problem]:
    for name in names:
        if row.values.get(name) is not None:
            yield Problem("products.csv", row.line, name, f"has no effect {where}; allowed: blank")


def subscriptions(draft: Draft) -> Iterator[Problem]:
    """Refuse events that make no sense in their order: by date, then by line."""
    known = {row.text("product_id"): row for row in draft.whole("products")}
    events: dict[str, list[Row]] = defaultdict(list)
    for row in draft.whole("subscriptions"):
        events[row.text("subscription_id")].append(row)
    for rows in events.values():
        ordered = sorted(rows, key=lambda row: (str(row.values["effective_date"]), row.line))
        found = [*_order(ordered), *_one_owner(ordered), *_cells(ordered)]
        yield from found
        product = known.get(ordered[0].text("product_id"))
        if product is not None and not found:
            yield from _terms(ordered, product)


def _order(rows: list[Row]) -> Iterator[Problem]:
    first, cancelled = rows[0], False
    if first.values["event"] != "start":
        yield _event_problem(first, "is the subscription's first event; allowed: start")
    for row in rows[1:]:
        if cancelled:
            yield _event_problem(row, "comes after the subscription's cancel; allowed: a new subscription_id")
        elif row.values["event"] == "start":
            yield _event_problem(row, "comes after the subscription's start; allowed: change, renew, cancel")
        cancelled = cancelled or row.values["event"] == "cancel"


def _event_problem(row: Row, what: str) -> Problem:
    return Problem("subscriptions.csv", row.line, "event", f"'{row.values['event']}' {what}")


def _one_owner(rows: list[Row]) -> Iterator[Problem]:
    for row in rows[1:]:
        for name in ("customer_id", "product_id"):
            if row.text(name) != rows[0].text(name):
                yield Problem(
                    "subscriptions.csv",
                    row.line,
                    name,
                    f"'{row.values[name]}' differs from line {rows[0].line} of the same subscription; "
                    f"allowed: {rows[0].values[name]}",
                )


def _cells(rows: list[Row]) -> Iterator[Problem]:
    for row in rows:
        given = [name for name in ("quantity", "unit_price") if row.values.get(name) is not None]
        if row.values["event"] == "change" and not given:
            yield _event_problem(row, "changes nothing; allowed: with a quantity or a unit_price")
        for name in given if row.values["event"] == "cancel" else ():
            yield Problem("subscriptions.csv", row.line, name, "has no effect on a cancel; allowed: blank")


def _terms(rows: list[Row], product: Row) -> Iterator[Problem]:
    if product.values["charge_type"] == "one_off":
        for row in rows[1:]:
            yield _event_problem(
                row, "of a one_off product, which is bought once; allowed: a new subscription_id"
            )
        return
    term = _begun(rows[0], product, Decimal(1))
    for row in rows[1:]:
        yield from _renewal(row, product, term) if row.values["event"] == "renew" else _reduction(row, term)
        if row.values["event"] == "renew":
            term = _begun(row, product, term.quantity)
        else:
            term = replace(term, quantity=_quantity(row, term.quantity))


def _renewal(row: Row, product: Row, term: _Term) -> Iterator[Problem]:
    if term.end is None:
        name = product.values["product_id"]
        yield _event_problem(row, f"of product '{name}', which has no term_months; allowed: change, cancel")
    elif _day(row) < term.end:
        yield Problem(
            "subscriptions.csv",
            row.line,
            "effective_date",
            f"'{_day(row)}' lies in the term from {term.start}; allowed: from its end on, {term.end}",
        )


def _reduction(row: Row, term: _Term) -> Iterator[Problem]:
    quantity = _quantity(row, term.quantity)
    if quantity < term.quantity and term.locks(_day(row)):
        yield Problem(
            "subscriptions.csv",
            row.line,
            "quantity",
            f"{quantity:f} is less than the {term.quantity:f} units that are bound to the term; allowed: "
            f"before {term.locked_from} (cancel_window_days), from the term's end on {term.end}, "
            "or a product that is cancellable_anytime",
        )


def _begun(row: Row, product: Row, quantity: Decimal) -> _Term:
    start, months, window = (
        _day(row),
        product.values.get("term_months"),
        product.values.get("cancel_window_days"),
    )
    end = _months_after(start, months) if isinstance(months, int) else None
    days = window if isinstance(window, int) else 0
    bound = end is not None and not product.values["cancellable_anytime"]
    return _Term(_quantity(row, quantity), start, end, start + dt.timedelta(days=days + 1) if bound else None)


def _quantity(row: Row, before: Decimal) -> Decimal:
    value = row.values.get("quantity")
    return value.normalize() if isinstance(value, Decimal) else before


def _day(row: Row) -> dt.date:
    value = row.values["effective_date"]
    assert isinstance(value, dt.date)  # noqa: S101 - whole rows hold what their column's kind says
    return value


def _months_after(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or that month's last (R2.3)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
