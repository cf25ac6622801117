"""Budgets: one per scope, in the currency that the customer is billed in."""

from __future__ import annotations

from collections.abc import Iterator

from cspbill.book.model import Draft, Row
from cspbill.book.payers import customers_by_id
from cspbill.book.values import quote
from cspbill.errors import Problem

FILE = "budgets.csv"
SCOPE = ("customer_id", "vendor", "service")


def budgets(draft: Draft) -> Iterator[Problem]:
    """Refuse budgets that another row states already, or that no invoice could be held against."""
    customers = customers_by_id(draft)
    first: dict[tuple[str, ...], int] = {}
    for row in draft.whole("budgets"):
        scope = tuple(row.text(name) for name in SCOPE)
        if scope in first:
            yield _repeated(row, first[scope])
        first.setdefault(scope, row.line)
        customer = customers.get(row.text("customer_id"))
        if customer is not None and not customer.broken:
            yield from _other_currency(row, customer)


def _repeated(row: Row, line: int) -> Problem:
    shown = ", ".join(quote(str(row.values.get(name) or "*")) for name in SCOPE)
    return Problem(
        FILE,
        row.line,
        "service",
        f"{', '.join(SCOPE)} {shown} have a budget in line {line} already; allowed: one per scope",
    )


def _other_currency(row: Row, customer: Row) -> Iterator[Problem]:
    currency, billed = row.values.get("currency"), customer.values["currency"]
    if currency not in {None, billed}:
        yield Problem(
            FILE,
            row.line,
            "currency",
            f"{quote(str(currency))}, but {quote(str(row.values['customer_id']))} is billed in {billed}; "
            f"allowed: blank, {billed}",
        )
