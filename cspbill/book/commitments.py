"""Checks of what customers commit to, are capped at and pay in advance."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cspbill.book.codes import minor_units
from cspbill.book.model import Draft, Row
from cspbill.errors import Problem

#: Billing periods that a commitment covers, by its interval.
PERIODS = {"month": 1, "year": 12}


def commitments(draft: Draft) -> Iterator[Problem]:
    """Refuse minimum commitments that do not say for how long, or whose years have no first day."""
    for row in draft.whole("contracts"):
        committed = row.values.get("minimum_commitment") is not None
        interval = row.text("commitment_interval")
        if committed and not interval:
            yield _contract(
                row, "commitment_interval", "blank beside minimum_commitment; allowed: month, year"
            )
        for name in ("commitment_currency", "commitment_interval"):
            if row.values.get(name) is not None and not committed:
                yield _contract(row, name, "has no effect without minimum_commitment; allowed: blank")
        if committed and interval == "year" and row.values.get("valid_from") is None:
            yield _contract(
                row,
                "valid_from",
                "blank; a yearly commitment needs the day on which its years start",
            )


def caps(draft: Draft) -> Iterator[Problem]:
    """Refuse contracts whose minimum lies above their cap: no bill could satisfy both."""
    customers = _customers(draft)
    for row in draft.whole("contracts"):
        minimum, cap = row.values.get("minimum_commitment"), row.values.get("spend_cap")
        customer = customers.get(row.text("customer_id"))
        if not isinstance(minimum, Decimal) or not isinstance(cap, Decimal) or customer is None:
            continue
        periods = PERIODS.get(row.text("commitment_interval"), 1)
        same_currency = row.text("commitment_currency") in {"", customer.text("currency")}
        if same_currency and minimum > cap * periods:
            least = "" if periods == 1 else f" / {periods}"
            yield _contract(
                row,
                "spend_cap",
                f"'{cap}' is below minimum_commitment {minimum}{least}; allowed: at least the minimum",
            )


def _contract(row: Row, column: str, message: str) -> Problem:
    return Problem("contracts.csv", row.line, column, message)


def top_ups(draft: Draft) -> Iterator[Problem]:
    """Refuse top-ups that no document could draw, or that cannot be told apart."""
    customers = _customers(draft)
    first: dict[tuple[str, ...], int] = {}
    for row in draft.whole("prepaid"):
        key = tuple(row.text(name) for name in ("customer_id", "date", "reference"))
        if key in first:
            yield _prepaid(
                row,
                "reference",
                f"the same customer, date and reference as line {first[key]}; "
                "allowed: a reference that tells the two top-ups apart",
            )
        first.setdefault(key, row.line)
        customer = customers.get(row.text("customer_id"))
        if customer is not None:
            yield from _undrawable(row, customer)


def _undrawable(row: Row, customer: Row) -> Iterator[Problem]:
    yield from not_of_documents("prepaid.csv", "top-ups", row, customer)
    expires, date = row.values.get("expires"), row.values["date"]
    if expires is not None and str(expires) <= str(date):
        yield _prepaid(
            row, "expires", f"'{expires}' is not after date {date}; allowed: a later day, or blank"
        )


def not_of_documents(file: str, what: str, row: Row, customer: Row) -> Iterator[Problem]:
    """Refuse an amount that no document of the customer could meet: other currency, too fine, the parent's."""
    currency, amount = str(row.values.get("currency") or customer.values["currency"]), row.values["amount"]
    if currency != customer.values["currency"]:
        yield Problem(
            file,
            row.line,
            "currency",
            f"'{currency}' is not the currency of the customer's invoices; allowed: {customer.values['currency']}",
        )
    elif isinstance(amount, Decimal) and amount != round(amount, minor_units()[currency]):
        yield Problem(
            file,
            row.line,
            "amount",
            f"'{amount}' has more decimals than {currency} has; allowed: at most {minor_units()[currency]}",
        )
    parent = customer.values.get("parent_customer_id")
    if parent is not None:
        yield Problem(
            file,
            row.line,
            "customer_id",
            f"'{row.values['customer_id']}' gets no invoices, its parent does; allowed: {what} of '{parent}' "
            "or its own parent",
        )


def _prepaid(row: Row, column: str, message: str) -> Problem:
    return Problem("prepaid.csv", row.line, column, message)


def _customers(draft: Draft) -> dict[str, Row]:
    return {row.text("customer_id"): row for row in draft.whole("customers")}
