"""Forecasts and budgets over rated months: what the models say of a customer's running month, by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from compiled import Memory, Project
from harness import AUGUST, SEPTEMBER, Row, World

AS_OF = dt.date(2024, 9, 11)


def told() -> World:
    """Ten days of September, all of August, and what is known of September as a whole."""
    world = World()
    plain = world.book("plain")
    world.rule("pass", plain, "cost_plus", basis="billed", percent="0", pass_credits="true")
    world.rule("flat", plain, "flat", service="Support plan", unit_price="30")
    for customer in ("steady", "quiet", "bound", "capped", "child"):
        world.customer(customer, "", parent_customer_id="steady" if customer == "child" else "")
    for customer in ("steady", "quiet", "child"):
        world.terms(customer, plain)
    world.terms("bound", plain, minimum_commitment="250", commitment_interval="month")
    world.terms("capped", plain, spend_cap="150")
    _usage(world)
    world.charge("steady", "2024-09-02", "5", ServiceName="Support plan")
    world.charge("steady", "2024-09-03", "50", ServiceName="Reservation", ChargeCategory="Purchase")
    world.product("seats", "60", service="Seats")
    world.subscription("s1", "steady", "seats", "2024-09-01 start 1")
    world.discount("steady", "10", customer_id="steady", service="Compute")
    world.tables["budgets"] += [
        {"customer_id": "steady", "amount": "500", "thresholds": "50;80;100"},
        {
            "customer_id": "steady",
            "vendor": "aws",
            "service": "compute",
            "amount": "100",
            "thresholds": "50;90",
        },
        {"customer_id": "child", "service": "Nothing", "amount": "10"},
    ]
    return world


def _usage(world: World) -> None:
    for day in range(1, 32):
        world.charge("steady", f"2024-08-{day:02}", "10")
        world.charge("quiet", f"2024-08-{day:02}", "1")
    for day in range(1, 11):
        for customer in ("steady", "bound", "capped"):
            world.charge(customer, f"2024-09-{day:02}", "10")
    for day in (5, 10):
        world.charge("child", f"2024-09-{day:02}", "3.5")
    world.charge("quiet", "2024-09-01", "1")


def cover(rated: Memory, period: dt.date, last: dt.date) -> None:
    """Let the deliveries of a period say that they reach to a day."""
    rated.connection.execute(
        "update ops.delivery set first_day = billing_period, last_day = ? where billing_period = ?",
        [last, period],
    )


def rate(project: Project, until: dt.date, today: dt.date = AS_OF, world: World | None = None) -> Memory:
    rated = Memory(project, today=today).rate(world or told())
    rated.connection.execute("insert or replace into ops.state values ('today', ?)", [str(today)])
    cover(rated, AUGUST, dt.date(2024, 8, 31))
    cover(rated, SEPTEMBER, until)
    return rated


@pytest.fixture(scope="module")
def rated(project: Project) -> Memory:
    """As of 11 September, delivered until the 10th, August invoiced for one of them."""
    found = rate(project, dt.date(2024, 9, 10))
    found.issue("INV-1", "steady", AUGUST)
    return found


def forecast(
    rated: Memory, customer: str, period: dt.date = SEPTEMBER
) -> dict[str, tuple[Decimal, Decimal, str]]:
    """To date, the whole month and the method, by service."""
    rows = rated.rows(
        "select * from marts.fct_forecast where customer_id = ? and billing_period = ?", customer, period
    )
    return {row["service"]: (row["net_to_date"], row["net_forecast"], row["method"]) for row in rows}


def budget(rated: Memory, customer: str, service: str | None, day: str) -> Row:
    (row,) = rated.rows(
        "select * from marts.fct_budget_status where customer_id = ? and service is not distinct from ? and day = ?",
        customer,
        service,
        dt.date.fromisoformat(day),
    )
    return row


def test_usage_goes_on_after_its_discount_and_what_is_known_stands(rated: Memory) -> None:
    """10 a day less 10 % for the 20 days that no delivery covers; seats, a flat price and a purchase come once."""
    assert forecast(rated, "steady") == {
        "Compute": (Decimal(90), Decimal(270), "daily_mean"),
        "Support plan": (Decimal(30), Decimal(30), "known"),
        "Reservation": (Decimal(50), Decimal(50), "known"),
        "Seats": (Decimal(60), Decimal(60), "known"),
    }


def test_days_without_usage_count_as_nothing_and_a_week_without_any_ends_it(rated: Memory) -> None:
    """7.00 in two of seven days are 1.00 a day; what was used on the first day only does not go on."""
    assert forecast(rated, "child") == {"Compute": (Decimal(7), Decimal(27), "daily_mean")}
    assert forecast(rated, "quiet") == {"Compute": (Decimal(1), Decimal(1), "daily_mean")}


def test_a_minimum_is_used_up_by_more_usage_and_a_cap_holds(rated: Memory) -> None:
    """300 used of 250 committed leave no true-up; a cap of 150 is what the month comes to."""
    assert forecast(rated, "bound") == {
        "Compute": (Decimal(100), Decimal(300), "daily_mean"),
        "Minimum commitment": (Decimal(150), Decimal(0), "commitment"),
    }
    assert forecast(rated, "capped") == {
        "Compute": (Decimal(100), Decimal(300), "daily_mean"),
        "Spend cap": (Decimal(0), Decimal(-150), "commitment"),
    }


def test_net_to_date_is_what_the_drafts_and_the_margin_say(rated: Memory) -> None:
    """A statement that disagreed with the draft beside it would be worth nothing."""
    by_forecast = dict(
        rated.connection.execute(
            "select customer_id, sum(net_to_date) from marts.fct_forecast where billing_period = ? group by all",
            [SEPTEMBER],
        ).fetchall()
    )
    by_margin = dict(
        rated.connection.execute(
            "select customer_id, sum(revenue) from marts.fct_margin_daily where billing_period = ? group by all",
            [SEPTEMBER],
        ).fetchall()
    )
    assert by_forecast == by_margin
    assert rated.draft("steady")["net_amount"] == by_forecast["steady"] + by_forecast["child"] == Decimal(237)
    assert rated.draft("bound")["net_amount"] == by_forecast["bound"] == Decimal(250)


def test_invoiced_months_have_no_forecast_and_open_ones_that_are_covered_forecast_themselves(
    rated: Memory,
) -> None:
    assert forecast(rated, "steady", AUGUST) == {}
    assert forecast(rated, "quiet", AUGUST) == {"Compute": (Decimal(31), Decimal(31), "complete")}


def test_a_month_that_is_covered_to_its_end_forecasts_itself_exactly(project: Project) -> None:
    covered = rate(project, dt.date(2024, 9, 30), today=dt.date(2024, 10, 1))
    for customer in ("steady", "quiet", "bound", "capped", "child"):
        for to_date, whole, method in forecast(covered, customer).values():
            assert to_date == whole
            assert method in {"complete", "known"}


def test_the_first_day_of_a_month_goes_on_like_the_week_before(project: Project) -> None:
    """On 1 September nothing of it is delivered: 30 days like the last week of August, though nothing stands yet."""
    world = told()
    world.charges = {key: rows for key, rows in world.charges.items() if key[1] == AUGUST}
    first = Memory(project, today=SEPTEMBER).rate(world)
    first.connection.execute("insert or replace into ops.state values ('today', '2024-09-01')")
    cover(first, AUGUST, dt.date(2024, 8, 31))
    assert forecast(first, "quiet") == {"Compute": (Decimal(0), Decimal(30), "daily_mean")}
    (row,) = first.rows(
        "select * from marts.fct_forecast where customer_id = 'quiet' and billing_period = ?", SEPTEMBER
    )
    assert (row["days_covered"], row["days_in_month"], row["covered_until"]) == (0, 30, dt.date(2024, 8, 31))


def test_a_source_that_is_late_is_continued_from_where_it_ends(project: Project) -> None:
    """Delivered until the 5th, on the 11th: the days since are forecast like all others, not taken for days of rest.

    Who began on the 1st used nothing on two of the seven days.
    """
    world = told()
    september = next(rows for key, rows in world.charges.items() if key[1] == SEPTEMBER)
    september[:] = [row for row in september if row["ChargePeriodStart"].day <= 5]
    late = rate(project, dt.date(2024, 9, 5), world=world)
    assert forecast(late, "steady")["Compute"] == (Decimal(45), Decimal(270), "daily_mean")
    assert forecast(late, "bound")["Compute"] == (Decimal(50), Decimal("228.571428571429"), "daily_mean")


def test_a_budget_counts_children_and_says_when_thresholds_were_crossed(rated: Memory) -> None:
    """Seats count by the day (2.00), so that 250 of 500 is not reached before the month's known rest is counted."""
    latest = budget(rated, "steady", None, "2024-09-11")
    assert latest["is_latest"]
    assert latest["spent_to_date"] == Decimal(90 + 30 + 50 + 22 + 7)
    assert latest["net_to_date"] == Decimal(237)
    assert latest["net_forecast"] == Decimal(437)
    assert latest["forecast_percent"] == Decimal("87.4")
    assert (latest["threshold_reached"], latest["threshold_forecast"]) == (None, Decimal(80))


def test_a_budget_of_one_service_is_crossed_on_its_day(rated: Memory) -> None:
    """9.00 a day of 100, and the child's 3.50 on the fifth and tenth; whatever other services cost."""
    assert budget(rated, "steady", "compute", "2024-09-05")["thresholds_crossed"] is None
    sixth, tenth = (budget(rated, "steady", "compute", f"2024-09-{day}") for day in ("06", "10"))
    assert sixth["spent_to_date"] == Decimal("57.5")
    assert (sixth["thresholds_crossed"], sixth["threshold_reached"]) == ("50", 50)
    assert (tenth["spent_percent"], tenth["thresholds_crossed"], tenth["threshold_reached"]) == (97, "90", 90)
    assert tenth["forecast_percent"] == 297


def test_a_budget_of_what_is_not_used_is_there_with_nothing_spent(rated: Memory) -> None:
    assert [
        (row["spent_to_date"], row["net_forecast"], row["threshold_reached"])
        for row in rated.rows("select * from marts.fct_budget_status where service = 'Nothing' and is_latest")
    ] == [(0, 0, None)]
