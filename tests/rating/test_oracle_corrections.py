"""Other systems' known answers for restatements, each run issued before the next comes: what R9.3 bills is its delta.

`test_oracle_prices.py` rates every run by itself; here one customer is invoiced, restated and corrected.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from compiled import Memory, Project
from harness import SEPTEMBER, World
from oracle_cases import OF_CONTRACTS, Case, binding_cases, cases_of, name_of
from test_oracle_prices import rule_of, tiers_of, use

PERIODS = (SEPTEMBER, dt.date(2024, 10, 1), dt.date(2024, 11, 1))
CASES = [
    case
    for case in cases_of("restate_usage")
    if "cumulative_quantities" in case["inputs"] and case["id"] not in OF_CONTRACTS
]
BY_PERIOD = binding_cases()["openmeter-percentage-discount-001"]
HALVED = "halved"


def told(run: int) -> World:
    """Every case's customer, whose September is what its run says."""
    world = World()
    for case in CASES:
        book = world.book(case["id"])
        model, columns = rule_of(case["inputs"]["price"])
        world.rule(f"{book}.rule", book, model, service="meter", **columns)
        for up_to, unit_price, fee in tiers_of(case["inputs"]["price"]):
            world.tier(f"{book}.rule", up_to, unit_price, flat_fee=fee)
        quantities = case["inputs"]["cumulative_quantities"]
        world.customer(case["id"], book)
        use(world, case["id"], "meter", Decimal(quantities[min(run, len(quantities) - 1)]))
    _halved(world, run)
    return world


def _halved(world: World, run: int) -> None:
    """Ten a unit, half of it off, over three months: the third snapshot finds one unit more in the first month."""
    inputs = BY_PERIOD["inputs"]
    world.book(HALVED)
    world.rule(HALVED, HALVED, "unit_price", unit="Hours", unit_price=inputs["price"]["unit_amount"])
    world.discount("half", inputs["percent_discount"], customer_id=HALVED)
    world.customer(HALVED, HALVED)
    cumulative = [Decimal(value) for value in inputs["snapshots_cumulative_by_period"][run]]
    for period, so_far, before in zip(PERIODS, cumulative, [Decimal(0), *cumulative], strict=False):
        if so_far > before:
            world.charge(HALVED, f"{period:%Y-%m}-02", "1", PricingQuantity=str(so_far - before))


@pytest.fixture(scope="module")
def deltas(project: Project) -> dict[str, list[Decimal]]:
    """What the documents of each customer came to, run by run; 0 where none was due."""
    memory = Memory(project)
    billed: dict[str, list[Decimal]] = {name: [] for name in (*map(name_of, CASES), HALVED)}
    number = 0
    for run, period in enumerate(PERIODS):
        memory.rate(told(run))
        for customer, so_far in sorted(billed.items()):
            drafts = memory.rows(
                "select billing_period, net_amount from marts.fct_invoice where customer_id = ? and status = 'draft'",
                customer,
            )
            assert [draft["billing_period"] for draft in drafts] in ([], [period])
            so_far.append(sum((draft["net_amount"] for draft in drafts), Decimal(0)))
            if drafts:
                number += 1
                memory.issue(f"INV-{number:03}", customer, period)
    return billed


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_each_run_bills_what_is_more_or_less_than_was_billed_before(
    case: Case, deltas: dict[str, list[Decimal]]
):
    """Tiers and packages would be priced anew for the difference alone."""
    expected = [Decimal(delta) for delta in case["expected"]["deltas"]]
    assert deltas[case["id"]] == expected + [Decimal(0)] * (3 - len(expected))


def test_a_corrected_month_is_billed_beside_the_new_one_with_its_own_discount(
    deltas: dict[str, list[Decimal]],
):
    """15 for three units at half price, 10 for two, 5 for one unit that the first month turned out to have more."""
    assert deltas[HALVED] == [Decimal(total) for total in BY_PERIOD["expected"]["run_totals"]]
