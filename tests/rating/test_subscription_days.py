"""Own products day by day: random histories against rule R6 written down once more, and rates looked up by day."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from compiled import Memory, Project
from harness import World

COMPARED_UNTIL = dt.date(2024, 9, 1)
Event = tuple[dt.date, str, int, int]


def events(chance: random.Random) -> list[Event]:
    """A start and changes of quantity or price in any order of days, several on one day, perhaps a cancel."""
    day = dt.date(2023, 11, 1) + dt.timedelta(days=chance.randrange(120))
    found = [(day, "start", chance.randrange(1, 9), chance.randrange(1, 40))]
    for _ in range(chance.randrange(6)):
        day += dt.timedelta(days=chance.choice((0, 0, 1, 9, 31, 45)))
        found.append((day, "change", chance.randrange(9), chance.randrange(1, 40)))
    if chance.random() < 0.5:
        day += dt.timedelta(days=chance.randrange(60))
        found.append((day, "cancel", 0, 0))
    return found


def expected(told: list[Event]) -> Iterator[tuple[dt.date, Fraction]]:
    """Each day's price × quantity / days of its cycle, at the day's final state."""
    start, cycle = told[0][0], 0
    day = start
    while day < COMPARED_UNTIL:
        while day >= later(start, cycle + 1):
            cycle += 1
        state = [event for event in told if event[0] <= day][-1]
        days = (later(start, cycle + 1) - later(start, cycle)).days
        yield day, Fraction(state[2] * state[3], days)
        day += dt.timedelta(days=1)


def later(start: dt.date, months: int) -> dt.date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = (dt.date(year + month // 11, (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(start.day, last))


def test_charges_and_refunds_of_any_history_come_to_each_days_final_state(project: Project):
    chance = random.Random(6)
    world, told = World(), {}
    for timing in ("advance", "arrears"):
        world.product(timing, "1", timing=timing, unit_cost="0.5")
    for number in range(60):
        name = f"c{number}"
        world.customer(name)
        told[name] = events(chance)
        for timing in ("advance", "arrears"):
            lines = [
                f"{day} {event}" + (f" {quantity} {price}" if event != "cancel" else "")
                for day, event, quantity, price in told[name]
            ]
            world.subscription(f"{name}-{timing}", name, timing, *lines)
    memory = Memory(project).rate(world)
    rows = memory.rows(
        "select customer_id, sku, charge_day, sum(amount_before_discount) as amount from marts.fct_rated_charge "
        "where charge_day < ? group by all",
        COMPARED_UNTIL,
    )
    billed = {(row["customer_id"], row["sku"], row["charge_day"]): row["amount"] for row in rows}
    for name, history in told.items():
        for day, amount in expected(history):
            in_advance = billed.pop((name, "advance", day), Decimal(0))
            assert abs(Fraction(in_advance) - amount) < Fraction(1, 10**10), (name, day, history)
            assert in_advance == billed.pop((name, "arrears", day), Decimal(0)), (name, day, history)
    assert {key: amount for key, amount in billed.items() if amount} == {}


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
    (refund,) = memory.lines("swiss", dt.date(2024, 10, 1))
    assert (refund["amount"], refund["fx_rate"]) == (Decimal("-259.46"), Decimal("0.75"))
    assert memory.rows(
        "select count(*) as days, count(revenue_base) as converted, max(day) as last from marts.fct_margin_daily"
    ) == [{"days": 710, "converted": 710, "last": dt.date(2025, 9, 11)}]
