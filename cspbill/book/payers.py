"""Who pays for a customer: itself, or the parent at the end of its chain of parents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cspbill.book.model import Draft, Row
from cspbill.book.values import quote
from cspbill.errors import Problem


def customers_by_id(draft: Draft) -> Mapping[str, Row]:
    """Return the rows of customers.csv by casefolded id."""
    return {row.text("customer_id"): row for row in draft.tables["customers"]}


def payer_of(rows: Mapping[str, Row], customer: Row) -> Row:
    """Return the row of who pays for a customer; of parents in a circle, which are refused, any."""
    payer, seen = customer, {customer.line}
    while (parent := rows.get(payer.text("parent_customer_id"))) and parent.line not in seen:
        payer = parent
        seen.add(payer.line)
    return payer


def payers(draft: Draft) -> Iterator[Problem]:
    """Refuse customers whose currency or billing frequency is not that of who pays for them."""
    rows = customers_by_id(draft)
    for row in draft.whole("customers"):
        payer = payer_of(rows, row)
        if payer.line == row.line or payer.broken:
            continue
        name = quote(str(payer.values["customer_id"]))
        currency, frequency = payer.values["currency"], payer.values.get("billing_frequency") or "monthly"
        if row.values["currency"] != currency:
            yield _differs(row, "currency", f"{name} pays for this customer, in {currency}", str(currency))
        if row.values.get("billing_frequency") not in {None, frequency}:
            told = f"{name} pays for this customer, and its invoices are {frequency}"
            yield _differs(row, "billing_frequency", told, f"blank, {frequency}")


def _differs(row: Row, column: str, told: str, allowed: str) -> Problem:
    return Problem(
        "customers.csv", row.line, column, f"{quote(str(row.values[column]))}, but {told}; allowed: {allowed}"
    )
