"""Other systems' known answers on minimum commitments and prepaid balances, rated by the project's own SQL."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal

import pytest
from commitment_stories import BOOK, monthly, yearly
from compiled import Memory, Project
from harness import AUGUST, SEPTEMBER, World
from oracle_cases import OF_CONTRACTS, Case, all_cases, cases_of, major, name_of
from test_oracle_prices import rule_of, tiers_of

MINIMA = cases_of("commitment")
CREDITS = [all_cases()[name] for name in OF_CONTRACTS if "prepaid" in name]
CASES = [*MINIMA, *(all_cases()[name] for name in OF_CONTRACTS)]
FEBRUARY = dt.date(2024, 2, 1)


@pytest.fixture(scope="module")
def rated(project: Project) -> Memory:
    """One customer per case; nobody is taxed, because the cases are not."""
    world = World()
    world.book(BOOK)
    world.rule("pass", BOOK, "cost_plus", basis="billed", percent="0")
    for case in MINIMA:
        _tell_minimum(world, case)
    for case in CREDITS:
        _tell_credits(world, case)
    _tell_last_part(world)
    return Memory(project).rate(world)


def _month(case: Case) -> dt.date:
    return next(
        month for month in (FEBRUARY, AUGUST, SEPTEMBER) if _days(month) == int(case["inputs"]["period_days"])
    )


def _days(month: dt.date) -> int:
    return calendar.monthrange(month.year, month.month)[1]


def _tell_minimum(world: World, case: Case) -> None:
    """A contract over the last days of a month of the case's length; a fee and usage are one charge."""
    inputs, month = case["inputs"], _month(case)
    end = month + dt.timedelta(days=_days(month))
    start = end - dt.timedelta(days=int(inputs["days"]))
    used = (inputs.get("used_minor"), case["expected"].get("plan_fee_minor"), inputs.get("usage_minor"))
    world.customer(case["id"], country="US")
    terms = monthly(str(major(inputs["minimum_minor"])), valid_from=str(start), valid_to=str(end))
    world.terms(case["id"], BOOK, **terms)
    spent = sum((major(amount) for amount in used if amount), Decimal(0))
    world.charge(case["id"], str(end - dt.timedelta(days=1)), str(spent))


def _tell_credits(world: World, case: Case) -> None:
    """The case's price as a book, its minimum as the contract's, each credit a top-up of its own."""
    inputs, name = case["inputs"], case["id"]
    world.book(name)
    model, columns = rule_of({key: value for key, value in inputs.items() if key != "minimum"})
    world.rule(name, name, model, **columns)
    for up_to, unit_price, fee in tiers_of(inputs):
        world.tier(name, up_to, unit_price, flat_fee=fee)
    world.customer(name, country="US")
    world.terms(name, name, **(monthly(inputs["minimum"]) if "minimum" in inputs else {}))
    world.charge(name, "2024-09-02", "1", PricingQuantity=inputs["quantity"])
    for number, amount in enumerate(inputs["credits"]):
        world.top_up(name, "2024-08-15", amount, reference=str(number))


def _tell_last_part(world: World) -> None:
    """A year whose last month is September, and one whose first month it is."""
    world.customer("no-usage", country="US")
    world.terms("no-usage", BOOK, **monthly("100"))
    world.customer("last-part", country="US")
    world.terms("last-part", BOOK, **yearly("150", "2023-10-01"))
    world.charge("last-part", "2024-08-02", "100")
    world.customer("first-part", country="US")
    world.terms("first-part", BOOK, **yearly("1000", "2024-09-01"))


def true_up(rated: Memory, customer: str, period: dt.date = SEPTEMBER) -> Decimal:
    lines = rated.lines(customer, period)
    return sum((line["amount"] for line in lines if line["line_type"] == "true_up"), Decimal(0))


@pytest.mark.parametrize("case", MINIMA, ids=name_of)
def test_a_shortfall_is_the_minimum_of_the_days_less_what_was_used(rated: Memory, case: Case):
    assert true_up(rated, case["id"], _month(case)) == major(case["expected"]["true_up_minor"])


@pytest.mark.parametrize("case", CREDITS, ids=name_of)
def test_credits_pay_what_usage_and_minimum_come_to(rated: Memory, case: Case):
    assert rated.draft(case["id"])["payable_amount"] == Decimal(case["expected"]["amount"])


def test_who_used_nothing_owes_the_minimum(rated: Memory):
    expected = all_cases()["openmeter-minimum-spend-007"]["expected"]
    assert rated.draft("no-usage")["net_amount"] == Decimal(expected["amount"])
    assert true_up(rated, "no-usage") == Decimal(expected["minimum_true_up"])


def test_a_minimum_over_several_periods_is_billed_with_the_last_one_only(rated: Memory):
    deltas = all_cases()["openmeter-restatement-018"]["expected"]["deltas"]
    nets = [rated.draft("last-part", period)["net_amount"] for period in (AUGUST, SEPTEMBER)]
    assert nets == [Decimal(delta) for delta in deltas]
    expected = all_cases()["openmeter-minimum-spend-002"]["expected"]["minimum_true_up"]
    assert true_up(rated, "first-part") == Decimal(expected)
