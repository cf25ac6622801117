"""Exchange rates of own products whose days are to come when they are billed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from compiled import Memory, Project
from harness import OCTOBER, World


def test_days_to_come_are_converted_at_the_day_on_which_the_cycle_began(project: Project):
    world = World(fx_policy="charge_date")
    world.customer("swiss", currency="CHF", country="CH")
    year = {"interval": "year", "currency": "USD", "term_months": "12", "cancel_window_days": "30"}
    world.product("year", "366", unit_cost="36.6", **year)
    for day, dollars, francs in (("2024-09-10", "1.25", "0.9375"), ("2024-10-01", "1", "1")):
        world.fx(day, "EUR", "USD", dollars)
        world.fx(day, "EUR", "CHF", francs)
    world.subscription("s", "swiss", "year", "2024-09-12 start", "2024-10-02 cancel")
    memory = Memory(project).rate(world)
    assert [line["amount"] for line in memory.lines("swiss")] == [Decimal("274.5")]
    (refund,) = memory.lines("swiss", OCTOBER)
    assert (refund["amount"], refund["fx_rate"]) == (Decimal("-259.46"), Decimal("0.75"))
    assert memory.rows(
        "select count(*) as days, count(revenue_base) as converted, max(day) as last from marts.fct_margin_daily"
    ) == [{"days": 710, "converted": 710, "last": dt.date(2025, 9, 11)}]
