"""A reseller that changes over to cspbill is not asked to invoice again what was billed elsewhere."""

from decimal import Decimal
from pathlib import Path

from harness import OCTOBER, SEPTEMBER, Warehouse, World


def test_what_fell_due_before_billing_starts_is_billed_nowhere_and_changes_after_it_are(tmp_path: Path):
    world = World(billing_starts="2024-09-01")
    world.product("monthly", "31")
    world.product("yearly", "366", interval="year")
    world.customer("old")
    world.subscription("s-month", "old", "monthly", "2021-05-01 start")
    world.subscription("s-year", "old", "yearly", "2024-01-01 start 10", "2024-09-30 change 12")
    world.adjustment("long-ago", "old", "2024-08-31", "-50")
    world.adjustment("lately", "old", "2024-09-01", "-5")
    told = Warehouse.in_directory(tmp_path)
    told.rate(world)

    drafts = told.rows("select billing_period, net_amount from marts.fct_invoice order by billing_period")
    # 93 days of the year are left on 30 September: 10 units back, 12 anew.
    assert sorted((line["description"], line["amount"]) for line in told.lines("old", SEPTEMBER)) == [
        ("lately", Decimal("-5.00")),
        ("monthly", Decimal("31.00")),
        ("yearly", Decimal("-930.00")),
        ("yearly", Decimal("1116.00")),
    ]
    assert [(draft["billing_period"], draft["net_amount"]) for draft in drafts] == [
        (SEPTEMBER, Decimal("212.00")),
        (OCTOBER, Decimal("31.00")),
    ]
