"""Checks inside the rows of the other files: commitments, products, subscriptions, rates and taxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cspbill.book.model import Draft, Row
from cspbill.errors import Problem

RECURRING_COLUMNS = ("interval", "timing", "alignment", "proration", "term_months", "extended_term_percent")


def commitments(draft: Draft) -> Iterator[Problem]:
    """Refuse half-stated minimum commitments."""
    names = ("minimum_commitment", "commitment_currency", "commitment_interval")
    for row in draft.whole("contracts"):
        given = [name for name in names if row.values.get(name) is not None]
        for name in names:
            if given and name not in given:
                yield Problem(
                    "contracts.csv",
                    row.line,
                    name,
                    f"blank beside {given[0]}; allowed: all of {', '.join(names)}",
                )


def products(draft: Draft) -> Iterator[Problem]:
    """Refuse recurring products without a cycle, and one-off products with one."""
    for row in draft.whole("products"):
        recurring = row.values["charge_type"] == "recurring"
        if recurring and row.values.get("interval") is None:
            yield Problem(
                "products.csv",
                row.line,
                "interval",
                "blank; a recurring product needs: month, year or three_years",
            )
        for name in RECURRING_COLUMNS:
            if not recurring and row.values.get(name) is not None:
                yield Problem(
                    "products.csv", row.line, name, "has no effect on a one_off product; allowed: blank"
                )


def subscriptions(draft: Draft) -> Iterator[Problem]:
    """Refuse events that make no sense in their order: by date, then by line."""
    events: dict[str, list[Row]] = defaultdict(list)
    for row in draft.whole("subscriptions"):
        events[row.text("subscription_id")].append(row)
    for rows in events.values():
        ordered = sorted(rows, key=lambda row: (str(row.values["effective_date"]), row.line))
        yield from _events(ordered)
        yield from _one_owner(ordered)


def _events(rows: list[Row]) -> Iterator[Problem]:
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


def currency_pairs(draft: Draft) -> Iterator[Problem]:
    """Refuse rates of a currency in itself."""
    for row in draft.whole("fx_rates"):
        if row.values["base"] == row.values["quote"]:
            yield Problem(
                "fx_rates.csv",
                row.line,
                "quote",
                f"'{row.values['quote']}' is also the base; allowed: another currency",
            )


def tax_codes(draft: Draft) -> Iterator[Problem]:
    """Refuse EN 16931 codes that contradict their rate (BR-S-05, BR-Z-05 and their like)."""
    for row in draft.whole("tax_rates"):
        code, rate = row.values.get("code"), row.values["rate"]
        if code is not None and (code == "S") != bool(rate):
            allowed = "S" if rate else "Z, E, AE, K, G, O"
            yield Problem(
                "tax_rates.csv", row.line, "code", f"'{code}' with a rate of {rate} %; allowed: {allowed}"
            )
