"""Traps that other billing systems fell into: `where_told.yaml` names the tests that catch each."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pytest
from compiled import Memory, Project
from harness import SEPTEMBER, World
from named_tests import unknown_tests, where_told

CENT = Decimal("0.01")
APRIL, MAY = dt.date(2024, 4, 1), dt.date(2024, 5, 1)
#: Traps of the design's list that concern rating.
RATING = {1, 2, 3, 8, 10, 12, 13, 14, 17, 18, 19, 20, 22, 23, 24, 25, 27, 28, 29, 30, 31, 35, 36, 37, 38}


def test_every_trap_that_concerns_rating_is_caught_by_tests_that_exist():
    told = where_told("traps")
    assert set(told) >= RATING
    assert unknown_tests(told) == []


@pytest.fixture(scope="session")
def trapped(project: Project) -> Memory:
    """The traps that are caught here, rated together."""
    world = World()
    world.sources = {"aws": (), "azure": ()}
    world.book("pass-through")
    world.rule("pass", "pass-through", "cost_plus", basis="billed", percent="0")
    tellers = (
        tell_amounts,
        tell_legs,
        tell_tiers,
        tell_cycle,
        tell_sources,
        tell_ids,
        tell_skus,
        tell_wording,
    )
    for tell in tellers:
        tell(world)
    return Memory(project).rate(world)


def nets(trapped: Memory, customer: str, period: dt.date = SEPTEMBER) -> list[Decimal]:
    return [line["amount"] for line in trapped.lines(customer, period)]


def tell_amounts(world: World) -> None:
    world.customer("floored", "pass-through")
    prices = {"ContractedUnitPrice": "3.485", "PricingQuantity": "7"}
    world.charge("floored", "2024-09-02", "24.39", **prices)
    world.customer("equal", "pass-through")
    for _ in range(2):
        world.charge("equal", "2024-09-02", "7.50", ResourceId="vm-1", ChargeDescription="same")


def test_trap_1_a_floored_amount_is_sold_as_it_is_and_not_as_price_times_quantity_rounds(trapped: Memory):
    computed = Decimal("3.485") * 7
    assert computed.quantize(CENT, ROUND_FLOOR) != computed.quantize(CENT, ROUND_HALF_UP)
    assert nets(trapped, "floored") == [Decimal("24.39")]


def test_trap_8_two_equal_rows_of_one_file_are_both_sold(trapped: Memory):
    assert nets(trapped, "equal") == [Decimal("15.00")]


def tell_legs(world: World) -> None:
    """100 becomes 200 with 10 of 30 days left: together 33.333…, the lines 66.67 - 33.33."""
    world.product("plan", "100")
    world.customer("legs")
    world.subscription(
        "legs", "legs", "plan", "2024-04-11 start", "2024-05-01 change 1 200", "2024-05-11 cancel"
    )


def test_trap_3_each_leg_of_a_change_is_rounded_as_a_line_and_the_net_is_their_sum(trapped: Memory):
    assert sorted(nets(trapped, "legs", MAY)) == [Decimal("-33.33"), Decimal("66.67")]
    assert trapped.draft("legs", MAY)["net_amount"] == Decimal("33.34")


def tell_tiers(world: World) -> None:
    world.book("tiers")
    world.rule("tiers", "tiers", "graduated", unit="Hours")
    for up_to, price in (("5", "1"), ("10", "2"), ("", "3")):
        world.tier("tiers", up_to, price)
    world.customer("reversed", "tiers")
    for day, quantity in enumerate(("7", "-4", "6"), start=1):
        world.charge("reversed", f"2024-09-0{day}", "1", PricingQuantity=quantity)


def test_trap_12_a_reversal_walks_back_down_the_tiers_that_it_came_from(trapped: Memory):
    by_day = [row["revenue"] for row in trapped.rated("reversed")]
    # 7 = 5 × 1 + 2 × 2; back to 3: two units of 2 and two of 1; on to 9: two of 1 and four of 2.
    assert by_day == [Decimal(9), Decimal(-6), Decimal(10)]
    assert nets(trapped, "reversed") == [Decimal("13.00")]


def tell_cycle(world: World) -> None:
    world.product("licence", "30")
    world.customer("cycle")
    world.subscription("cycle", "cycle", "licence", "2024-04-15 start", "2024-05-15 cancel")


def test_trap_17_a_cycle_across_months_is_invoiced_in_one_and_earned_in_both(trapped: Memory):
    assert (nets(trapped, "cycle", APRIL), nets(trapped, "cycle", MAY)) == ([Decimal("30.00")], [])
    earned = trapped.rows(
        "select month, sum(revenue) as revenue from marts.fct_margin_monthly where customer_id = 'cycle' "
        "group by month order by month"
    )
    assert [(row["month"], row["revenue"]) for row in earned] == [(APRIL, Decimal(16)), (MAY, Decimal(14))]


def tell_sources(world: World) -> None:
    world.customer("twice", "pass-through")
    for source in ("aws", "azure"):
        world.charge("twice", "2024-09-02", "10", source=source)


def test_trap_33_an_account_that_comes_from_two_sources_needs_force(trapped: Memory):
    reason = trapped.draft("twice")["force_reason_needed"]
    assert "delivered twice: account twice (Compute) comes from aws and azure" in reason


def tell_ids(world: World) -> None:
    world.book("by-sku")
    world.rule("by-sku", "by-sku", "unit_price", unit_price="2", unit="hours", sku=" vm-SMALL ")
    world.customer("cased", "by-sku")
    world.account(" ACCOUNT-Ä ", "cased")
    for account, sku in (("account-ä", "VM-small"), ("Account-Ä", "vm-small")):
        world.charge(account, "2024-09-02", "1", SkuId=sku, PricingUnit="HOURS")


def test_trap_35_letter_case_and_spaces_of_ids_change_no_owner_and_no_price(trapped: Memory):
    rated = trapped.rated("cased")
    assert [(row["disposition"], row["rule_id"], row["revenue"]) for row in rated] == [
        ("sold", "by-sku", Decimal(2)),
        ("sold", "by-sku", Decimal(2)),
    ]


def tell_skus(world: World) -> None:
    """A term that goes on by itself comes under another SKU of the same subscription."""
    world.book("terms")
    world.rule("annual", "terms", "unit_price", unit_price="10", unit="Hours", sku="annual")
    world.rule("monthly", "terms", "unit_price", unit_price="12.30", unit="Hours", sku="monthly")
    world.customer("extended", "terms")
    for day, sku in (("02", "annual"), ("03", "monthly")):
        world.charge("extended", f"2024-09-{day}", "1", SkuId=sku, ResourceId="subscription-1")


def test_trap_36_a_new_sku_of_the_same_subscription_has_its_own_price(trapped: Memory):
    assert sorted(nets(trapped, "extended")) == [Decimal("10.00"), Decimal("12.30")]


def tell_wording(world: World) -> None:
    world.customer("worded", "tiers")
    wordings = ("Promotion (10 %), adjustment", "Adjustment; promotion (10 %)", "Adjusted", "adjusted")
    for day, wording in zip(("02", "02", "03", "03"), wordings, strict=True):
        world.charge("worded", f"2024-09-{day}", "1", PricingQuantity="2", ChargeDescription=wording)


def test_trap_38_the_wording_of_a_description_changes_neither_price_nor_line(trapped: Memory):
    # 8 units: 5 × 1 + 3 × 2, one line of two days, not four that each begin at the first tier.
    assert nets(trapped, "worded") == [Decimal("11.00")]
    assert [row["quantity"] for row in trapped.rated("worded")] == [Decimal(4), Decimal(4)]
