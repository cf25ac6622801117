"""Validity of rows in time: half-open periods, what overlaps, and shares that exceed the whole."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from decimal import Decimal

from cspbill.book.model import Draft, Row
from cspbill.book.schema import TABLES
from cspbill.errors import Problem

WHOLE = Decimal(100)


def validity(row: Row) -> tuple[dt.date, dt.date]:
    """Return ``[valid_from, valid_to)`` with the ends of the calendar for blanks."""
    start, end = row.values.get("valid_from"), row.values.get("valid_to")
    return (
        start if isinstance(start, dt.date) else dt.date.min,
        end if isinstance(end, dt.date) else dt.date.max,
    )


def overlapping(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> Iterator[tuple[Row, Row]]:
    """Yield (later row, earlier row) of equal ``key`` whose periods overlap, in order of their start."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    for group in groups.values():
        last: Row | None = None
        for row in sorted(group, key=lambda each: (validity(each), each.line)):
            if last is not None and validity(row)[0] < validity(last)[1]:
                yield (row, last) if row.line > last.line else (last, row)
            if last is None or validity(row)[1] > validity(last)[1]:
                last = row


def words(row: Row) -> str:
    """Say the row's period in a message."""
    start, end = row.values.get("valid_from"), row.values.get("valid_to")
    return f"[{start or 'always'}, {end or 'open'})"


def empty_periods(draft: Draft) -> Iterator[Problem]:
    """Refuse rows that end on or before their first day."""
    for table in TABLES.values():
        if any(column.name == "valid_from" for column in table.columns):
            for row in draft.whole(table.name):
                start, end = validity(row)
                if end <= start:
                    yield Problem(
                        table.file,
                        row.line,
                        "valid_to",
                        f"{end} is not after valid_from {start}; allowed: a later day (exclusive), or blank",
                    )


def contracts(draft: Draft) -> Iterator[Problem]:
    """Refuse contracts of one customer that overlap."""
    for row, other in overlapping(draft.whole("contracts"), lambda each: each.text("customer_id")):
        yield Problem(
            "contracts.csv",
            row.line,
            "valid_from",
            f"contract '{row.values['contract_id']}' {words(row)} overlaps contract "
            f"'{other.values['contract_id']}' {words(other)} of line {other.line} of the same customer; "
            "allowed: one contract per customer on any day",
        )


def repeated_accounts(draft: Draft) -> Iterator[Problem]:
    """Refuse a second row for one account and customer in the same period: shares are stated once."""
    rows = draft.whole("accounts")
    key = lambda row: tuple(row.text(name) for name in ("source", "account_id", "customer_id"))  # noqa: E731
    for row, other in overlapping(rows, key):
        yield Problem(
            "accounts.csv",
            row.line,
            "account_id",
            f"'{row.values['account_id']}' already belongs to '{row.values['customer_id']}' by line "
            f"{other.line} {words(other)}; allowed: one row per account, customer and day",
        )


def shares(draft: Draft) -> Iterator[Problem]:
    """Refuse accounts whose shares exceed 100 on any day, rows for any source (`*`) included."""
    by_account: dict[str, list[Row]] = defaultdict(list)
    for row in draft.whole("accounts"):
        by_account[row.text("account_id")].append(row)
    for rows in by_account.values():
        if len(rows) > 1:
            yield from _shares_of_account(rows)


def _shares_of_account(rows: list[Row]) -> Iterator[Problem]:
    for source in sorted({row.text("source") for row in rows} - {""}) or [""]:
        seen = [row for row in rows if row.text("source") in {source, ""}]
        for day in sorted({validity(row)[0] for row in seen}):
            valid = [row for row in seen if validity(row)[0] <= day < validity(row)[1]]
            total = sum((Decimal(str(row.values["share"])) for row in valid), Decimal(0))
            if total > WHOLE:
                yield _share_problem(valid, day, total)
                break


def _share_problem(rows: list[Row], day: dt.date, total: Decimal) -> Problem:
    last = max(rows, key=lambda row: row.line)
    lines = ", ".join(str(row.line) for row in sorted(rows, key=lambda row: row.line))
    when = "at all times" if day == dt.date.min else f"on {day}"
    return Problem(
        "accounts.csv",
        last.line,
        "share",
        f"the shares of account '{last.values['account_id']}' sum to {total} {when} (lines {lines}); "
        "allowed: at most 100",
    )


def tax_rates(draft: Draft) -> Iterator[Problem]:
    """Refuse two rates of one country and category on one day."""
    key = lambda row: (row.text("country"), row.text("tax_category"))  # noqa: E731
    for row, other in overlapping(draft.whole("tax_rates"), key):
        yield Problem(
            "tax_rates.csv",
            row.line,
            "valid_from",
            f"{words(row)} overlaps line {other.line} {words(other)} of the same country and tax_category; "
            "allowed: one rate per country, tax_category and day",
        )


def list_prices(draft: Draft) -> Iterator[Problem]:
    """Refuse two list prices of one sku, region, unit and currency on one day."""
    names = ("vendor", "service", "sku", "region", "unit", "currency")
    for row, other in overlapping(draft.whole("price_list"), lambda each: tuple(map(each.text, names))):
        yield Problem(
            "price_list.csv",
            row.line,
            "valid_from",
            f"{words(row)} overlaps line {other.line} {words(other)} of the same {', '.join(names)}; "
            "allowed: one price per day",
        )
