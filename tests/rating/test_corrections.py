"""What happens when an issued month turns out to be wrong (R9.3): told by customer, through the project's SQL."""

from __future__ import annotations

from decimal import Decimal

import pytest
from compiled import Memory, Project
from harness import SEPTEMBER, World

OCTOBER = SEPTEMBER.replace(month=10)


def shop(*, restated: bool = False, percent: str = "10", owner: str = "late") -> World:
    world = World()
    book = world.book("plus")
    world.rule("plus", book, "cost_plus", basis="billed", percent=percent)
    for customer in ("late", "other"):
        world.customer(customer, book)
        world.charge(customer, "2024-10-02", "20")
    for cost in ("50", "40") if not restated else ("53",):
        world.charge("late", "2024-09-10", cost, SkuId=f"vm-{cost[0]}")
    world.charge("other", "2024-09-10", "5")
    return world


@pytest.fixture
def issued(project: Project) -> Memory:
    memory = Memory(project).rate(shop())
    memory.issue("INV-1", "late")
    memory.issue("INV-2", "other")
    return memory


def amounts(memory: Memory, customer: str) -> list[tuple[str, Decimal]]:
    return [(line["line_type"], line["amount"]) for line in memory.lines(customer, OCTOBER)]


def test_a_restated_month_is_corrected_on_the_next_invoice(issued: Memory):
    issued.rate(shop(restated=True))
    assert amounts(issued, "late") == [("usage", Decimal("22.0000")), ("correction", Decimal("-40.7000"))]
    correction = issued.lines("late", OCTOBER)[1]
    assert (correction["reference_document"], correction["used_in_period"]) == ("INV-1", SEPTEMBER)
