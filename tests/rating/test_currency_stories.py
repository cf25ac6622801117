"""R8.1 told by small worlds: which rate a charge is converted with, and what happens where there is none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from compiled import Memory, Project
from harness import OCTOBER, SEPTEMBER, World

RATES = {"2024-08-30": "1.25", "2024-09-06": "1.6", "2024-09-16": "2"}


def shop(fx_policy: str) -> World:
    """Costs in dollars, and books in euros and dollars."""
    world = World(fx_policy=fx_policy)
    world.rule("pass", world.book("pass"), "cost_plus", basis="billed", percent="0")
    world.rule("hours", world.book("dollars", "USD"), "unit_price", unit_price="4", unit="Hours")
    for day, rate in RATES.items():
        world.fx(day, "EUR", "USD", rate)
    return world


def use(world: World, customer: str, *days: str, cost: str = "100", currency: str = "USD") -> None:
    for day in days:
        world.charge(customer, day, cost, BillingCurrency=currency, period=SEPTEMBER)


def converted(memory: Memory, customer: str) -> list[tuple[dt.date, Decimal, Decimal]]:
    """The day of each rate, the rate, and the amount that it made."""
    return [(row["fx_date"], row["fx_rate"], row["revenue"]) for row in memory.rated(customer)]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_by_month_every_day_is_converted_at_the_last_rate_before_the_period(project: Project):
    world = shop("month")
    world.customer("acme", "pass")
    use(world, "acme", "2024-09-01", "2024-09-20", "2024-07-15")
    memory = Memory(project).rate(world)
    rate = (day("2024-08-30"), Decimal("0.8"), Decimal(80))
    assert converted(memory, "acme") == [rate, rate, rate]
    (line,) = memory.lines("acme")
    assert (line["vendor_currency"], line["currency"], line["amount"]) == ("USD", "EUR", Decimal(240))
    assert (line["fx_rate"], line["fx_date"], line["fx_source"]) == (Decimal("0.8"), day("2024-08-30"), "ECB")


def test_by_charge_date_each_day_has_its_own_rate_and_weekends_look_back(project: Project):
    world = shop("charge_date")
    world.customer("acme", "pass")
    use(world, "acme", "2024-09-05", "2024-09-06", "2024-09-08", "2024-09-16")
    assert converted(Memory(project).rate(world), "acme") == [
        (day("2024-08-30"), Decimal("0.8"), Decimal(80)),
        (day("2024-09-06"), Decimal("0.625"), Decimal("62.5")),
        (day("2024-09-06"), Decimal("0.625"), Decimal("62.5")),
        (day("2024-09-16"), Decimal("0.5"), Decimal(50)),
    ]


def test_prices_are_converted_like_costs_each_at_its_own_day(project: Project):
    world = shop("charge_date")
    world.customer("acme", "dollars")
    use(world, "acme", "2024-09-06", "2024-09-16")
    memory = Memory(project).rate(world)
    assert [row["revenue"] for row in memory.rated("acme")] == [Decimal("2.5"), Decimal(2)]
    # A line over several days has no rate of its own, and no price of one hour that would make its amount.
    (line,) = memory.lines("acme")
    assert (line["amount"], line["fx_rate"], line["fx_date"], line["fx_source"]) == (
        Decimal("4.5"),
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("policy", "last_found", "first_missing"),
    [("month", "2024-08-22", "2024-08-21"), ("charge_date", "2024-09-10", "2024-09-09")],
)
def test_a_rate_holds_for_ten_days_and_its_absence_blocks_only_whom_it_concerns(
    project: Project, policy: str, last_found: str, first_missing: str
):
    world = World(fx_policy=policy)
    world.rule("pass", world.book("pass"), "cost_plus", basis="billed", percent="0")
    world.fx(last_found, "EUR", "USD", "1.25")
    world.fx(first_missing, "EUR", "GBP", "0.8")
    for customer, currency in (("found", "USD"), ("missing", "GBP"), ("at-home", "EUR")):
        world.customer(customer, "pass")
        use(world, customer, "2024-09-20", currency=currency)
    memory = Memory(project).rate(world)
    drafts = {customer: memory.draft(customer) for customer in ("found", "missing", "at-home")}
    needed = "2024-09-01" if policy == "month" else "2024-09-20"
    assert {customer: draft["blocked_reason"] for customer, draft in drafts.items()} == {
        "found": None,
        "missing": f"1 charges without a price (no exchange rate GBP to EUR for {needed})",
        "at-home": None,
    }
    assert (drafts["found"]["net_amount"], drafts["at-home"]["net_amount"]) == (Decimal(80), Decimal(100))


@pytest.mark.parametrize(
    ("currency", "rate", "cost", "exact", "printed"),
    [
        ("JPY", "160.5", "0.1", "16.05", "16"),
        ("JPY", "160", "0.115625", "18.5", "19"),
        ("HUF", "395.37", "0.01", "3.9537", "3.95"),
        ("KWD", "0.34", "3.63", "1.2342", "1.234"),
    ],
)
def test_lines_and_totals_have_the_decimals_of_their_currency(
    project: Project, currency: str, rate: str, cost: str, exact: str, printed: str
):
    world = World()
    world.rule("pass", world.book("pass"), "cost_plus", basis="billed", percent="0")
    world.fx("2024-08-30", "EUR", currency, rate)
    world.customer("far", "pass", currency=currency)
    use(world, "far", "2024-09-20", cost=cost, currency="EUR")
    memory = Memory(project).rate(world)
    (line,) = memory.lines("far")
    assert (line["exact_amount"], line["amount"]) == (Decimal(exact), Decimal(printed))
    assert memory.draft("far")["net_amount"] == Decimal(printed)


def test_a_rate_edited_later_moves_drafts_and_no_issued_line(project: Project):
    def told(rate: str) -> World:
        world = shop("month")
        world.tables["fx_rates"][0]["rate"] = rate
        for customer in ("issued", "draft"):
            world.customer(customer, "pass")
            use(world, customer, "2024-09-20")
        world.charge("draft", "2024-10-02", "1", period=OCTOBER)
        return world

    memory = Memory(project).rate(told("1.25"))
    memory.issue("INV-1", "issued")
    memory.rate(told("1"))
    (issued,) = memory.lines("issued", status="issued")
    assert (issued["amount"], issued["fx_rate"], issued["fx_source"]) == (Decimal(80), Decimal("0.8"), "ECB")
    assert converted(memory, "issued") == [(day("2024-08-30"), Decimal("0.8"), Decimal(80))]
    (draft,) = memory.lines("draft")
    assert (draft["amount"], draft["fx_rate"]) == (Decimal(100), Decimal(1))


def test_a_price_list_in_one_currency_reaches_another_over_the_euro_however_the_table_states_it(
    project: Project,
):
    world = World()
    world.rule("pass", world.book("pass"), "cost_plus", basis="billed", percent="0")
    world.fx("2024-08-30", "USD", "EUR", "0.9")
    world.fx("2024-08-30", "GBP", "EUR", "1.2")
    world.customer("british", "pass", currency="GBP")
    use(world, "british", "2024-09-20")
    assert converted(Memory(project).rate(world), "british") == [
        (day("2024-08-30"), Decimal("0.75"), Decimal(75))
    ]
