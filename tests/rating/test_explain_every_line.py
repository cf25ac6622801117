"""Whoever asks about any line gets its rule, discounts, rate and rounding, to the last digit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from harness import Row, Warehouse

from cspbill.explain import explain_line

ALL = 1_000_000
OF_DECIMALS = {"JPY": 0, "KWD": 3}
Found = dict[str, list[Row]]


def explained(built: Warehouse) -> list[Found]:
    """Every line of every draft."""
    lines = built.rows(
        "select customer_id, strftime(billing_period, '%Y-%m') as period, line_number "
        "from marts.fct_invoice_line where status = 'draft' order by all"
    )
    return [
        explain_line(built.settings, f"{line['customer_id']}@{line['period']}", line["line_number"], ALL)
        for line in lines
    ]


@pytest.fixture(scope="module")
def priced(told: Warehouse) -> list[Found]:
    """The golden stories."""
    return explained(told)


def lines_of(found: list[Found], *types: str) -> Iterator[tuple[Row, Found]]:
    for parts in found:
        (line,) = parts["line"]
        if line["line_type"] in types:
            yield line, parts


def summed(rows: list[Row], column: str) -> Decimal:
    return sum((row[column] for row in rows), Decimal(0))


def test_every_line_is_its_exact_amount_rounded_once(priced: list[Found]):
    assert len(priced) > 40
    for line, _ in lines_of(priced, "usage", "subscription", "one_off"):
        unit = Decimal(1).scaleb(-OF_DECIMALS.get(line["currency"], 2))
        assert line["amount"] == line["exact_amount"].quantize(unit, ROUND_HALF_UP), line


def test_the_charges_of_every_line_add_up_to_it_and_a_rule_or_a_product_says_why(priced: list[Found]):
    for line, parts in lines_of(priced, "usage", "subscription", "one_off"):
        assert summed(parts["charges"], "amount_before_discount") == line["exact_amount"], line
        if line["subscription_id"]:
            assert [row["product_id"] for row in parts["product"]] == [line["sku"]]
            assert parts["events"]
        else:
            assert [row["rule_id"] for row in parts["rule"]] == [line["rule_id"]]
            assert len(parts["vendor_rows"]) >= len(parts["charges"])


def test_every_discount_is_what_its_charges_gave_up(priced: list[Found]):
    """A kind's lines under one line, one vendor or the whole document name the same charges."""
    printed: dict[Any, Decimal] = defaultdict(Decimal)
    taken: dict[Any, Decimal] = {}
    for line, parts in lines_of(priced, "discount"):
        kind, whose = line["discount_kind"], (line["customer_id"], line["billing_period"])
        key = (*whose, kind, line["parent_line_id"], line["vendor"])
        printed[key] -= line["exact_amount"]
        taken[key] = summed(parts["charges"], f"discount_{kind}")
    assert {kind for _, _, kind, _, _ in printed} >= {"line"}
    assert taken == printed


def test_what_was_converted_names_its_rate_and_day(priced: list[Found]):
    converted = [
        charge
        for _, parts in lines_of(priced, "usage")
        for charge in parts["charges"]
        if charge["vendor_currency"] != charge["customer_currency"]
    ]
    assert converted
    assert all(charge["fx_rate"] and charge["fx_date"] for charge in converted)
