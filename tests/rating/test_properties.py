"""What must hold for any prices and any usage; hypothesis draws them, the project's compiled SQL rates them."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal, localcontext

from compiled import Memory, Project
from expected_prices import expected_amount
from generated import SERVICES, Charge, Rule, books, examples, tell_book, tell_usage, up_to_the_bounds, usages
from harness import World
from hypothesis import given
from hypothesis import strategies as st

Told = dict[str, list[Charge]]


def rate_usage(project: Project, book: tuple[Rule, ...], told: Told) -> Memory:
    """Rate customers of one book, each by the rows given; the identities of R10 are proven on the way."""
    world = World()
    tell_book(world, book)
    for customer, rows in told.items():
        world.customer(customer, "book")
        tell_usage(world, customer, rows)
    return Memory(project).rate(world)


def amounts(memory: Memory) -> dict[str, list[Decimal]]:
    """Each customer's amount before discounts, by service."""
    found: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * SERVICES)
    rows = memory.rows(
        "select customer_id, service, sum(amount_before_discount) as amount from marts.fct_rated_charge group by all"
    )
    for row in rows:
        found[row["customer_id"]][int(row["service"].split()[1])] = row["amount"]
    return found


def expected(book: tuple[Rule, ...], rows: list[Charge]) -> list[Decimal]:
    with localcontext(prec=60):
        return [
            expected_amount(rule, [row for row in rows if row.service == service])
            for service, rule in enumerate(book)
        ]


@examples
@given(book=books, customers=st.lists(usages, min_size=1, max_size=6), which=st.integers(0, 2))
def test_the_days_of_a_period_sum_exactly_to_what_the_rule_asks_for_the_whole(
    project: Project, book: tuple[Rule, ...], customers: list[list[Charge]], which: int
):
    told = {f"c{number}": rows for number, rows in enumerate(customers)}
    told |= {f"bound{number}": up_to_the_bounds(book, rows, which) for number, rows in enumerate(customers)}
    found = amounts(rate_usage(project, book, told))
    assert {name: found[name] for name in told} == {name: expected(book, rows) for name, rows in told.items()}


@examples
@given(book=books, customers=st.lists(usages, min_size=1, max_size=4), data=st.data())
def test_splitting_rows_in_two_and_their_order_change_nothing(
    project: Project, book: tuple[Rule, ...], customers: list[list[Charge]], data: st.DataObject
):
    told: Told = {}
    for number, rows in enumerate(customers):
        percents = data.draw(st.lists(st.integers(0, 100), min_size=len(rows), max_size=len(rows)))
        pairs = zip(rows, percents, strict=True)
        told |= {f"whole{number}": rows, f"shuffled{number}": data.draw(st.permutations(rows))}
        told[f"split{number}"] = [part for row, percent in pairs for part in row.split(percent)]
    found = amounts(rate_usage(project, book, told))
    for number, rows in enumerate(customers):
        whole = found[f"whole{number}"]
        assert found[f"shuffled{number}"] == whole
        for service, rule in enumerate(book):
            # A percentage of each part is rounded at the twelfth decimal.
            slack = len(rows) * Decimal("1e-12") if rule.model in {"cost_plus", "list_minus"} else Decimal(0)
            assert abs(found[f"split{number}"][service] - whole[service]) <= slack


@examples
@given(book=books, customers=st.lists(usages, min_size=1, max_size=6))
def test_a_refund_of_everything_leaves_only_flat_prices_and_minimums(
    project: Project, book: tuple[Rule, ...], customers: list[list[Charge]]
):
    told = {f"c{n}": rows + [row.refund() for row in rows] for n, rows in enumerate(customers)}
    found = amounts(rate_usage(project, book, told))
    for number, rows in enumerate(customers):
        for service, rule in enumerate(book):
            used = any(row.service == service and row.category in {"Usage", "Purchase"} for row in rows)
            left = rule.unit_price if rule.model == "flat" else Decimal(0)
            left = left if rule.maximum is None else min(left, rule.maximum)
            left = left if rule.minimum is None else max(left, rule.minimum)
            assert found[f"c{number}"][service] == (left if used else 0)
