"""Checks of what the books are told: which account each posting goes to, and which money came in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from cspbill.book.commitments import not_of_documents
from cspbill.book.model import Draft, Row
from cspbill.book.periods import overlapping
from cspbill.errors import Problem

ACCOUNTS, PAYMENTS = "account_map.csv", "payments.csv"

#: Selectors from the most to the least telling; each outweighs all that follow it.
ACCOUNT_SELECTORS = ("service", "vendor", "tax_rate", "tax_code", "country", "currency")

#: By posting type: what its postings can be told apart by.
SELECTORS_OF: Mapping[str, frozenset[str]] = {
    "receivable": frozenset({"country", "currency"}),
    "prepaid": frozenset({"country", "currency"}),
    "revenue": frozenset(ACCOUNT_SELECTORS),
    "tax": frozenset({"tax_rate", "tax_code", "country", "currency"}),
    "cost": frozenset({"service", "vendor", "currency"}),
    "accrual": frozenset({"vendor", "currency"}),
    "bank": frozenset({"currency"}),
}


def account_selectors(draft: Draft) -> Iterator[Problem]:
    """Refuse selectors that no posting of their type has."""
    for row in draft.whole("account_map"):
        kind = str(row.values["posting_type"])
        useful = SELECTORS_OF[kind] | ({"tax_type"} if kind == "tax" else set())
        for name in (*ACCOUNT_SELECTORS, "tax_type"):
            if row.values.get(name) is not None and name not in useful:
                uses = ", ".join(each for each in ACCOUNT_SELECTORS if each in useful)
                yield Problem(
                    ACCOUNTS,
                    row.line,
                    name,
                    f"has no effect on {kind} postings; allowed: blank; {kind} uses: {uses}",
                )


def account_ties(draft: Draft) -> Iterator[Problem]:
    """Refuse two accounts for the same postings: equally specific rows match together only with equal selectors."""
    for row, other in overlapping(draft.whole("account_map"), _selected):
        yield Problem(
            ACCOUNTS,
            row.line,
            "account",
            f"'{row.values['account']}' for the same {row.values['posting_type']} postings as line {other.line}; "
            "allowed: one row per posting_type and selectors",
        )


def _selected(row: Row) -> tuple[str, ...]:
    rate = row.values.get("tax_rate")
    shown = {"tax_rate": f"{rate.normalize():f}"} if isinstance(rate, Decimal) else {}
    return tuple(shown.get(name) or row.text(name) for name in ("posting_type", *ACCOUNT_SELECTORS))


def payments(draft: Draft) -> Iterator[Problem]:
    """Refuse payments that no document could meet, that are nothing, or that are top-ups as well."""
    customers = {row.text("customer_id"): row for row in draft.whole("customers")}
    top_ups = {
        (row.text("customer_id"), row.text("reference")): row.line
        for row in draft.whole("prepaid")
        if row.text("reference")
    }
    for row in draft.whole("payments"):
        customer = customers.get(row.text("customer_id"))
        if customer is not None:
            yield from not_of_documents(PAYMENTS, "payments", row, customer)
        yield from _contradictions(row, top_ups.get((row.text("customer_id"), row.text("reference"))))


def _contradictions(row: Row, top_up_line: int | None) -> Iterator[Problem]:
    amount = row.values["amount"]
    if isinstance(amount, Decimal) and amount == 0:
        yield Problem(PAYMENTS, row.line, "amount", "'0' moves no money; allowed: any other amount")
    if isinstance(amount, Decimal) and amount < 0 and row.values.get("document_number") is not None:
        yield Problem(
            PAYMENTS,
            row.line,
            "document_number",
            "money paid back settles no invoice, it takes from the customer's credit; allowed: blank",
        )
    if top_up_line is not None:
        yield Problem(
            PAYMENTS,
            row.line,
            "reference",
            f"'{row.values['reference']}' is a top-up in line {top_up_line} of prepaid.csv, so it would count twice; "
            "allowed: top-ups in prepaid.csv only",
        )
