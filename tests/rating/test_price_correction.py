"""Prices of an issued month: kept whatever becomes of the book, corrected where the reseller asks (R4.4, R9.3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiled import Project, keep_compiled
from harness import SEPTEMBER, Warehouse, World, write_config

from cspbill.errors import InputError
from cspbill.price_correction import correct_prices
from invoices.issue import issue

OCTOBER = SEPTEMBER.replace(month=10)


def told(cost: str, percent: str = "10") -> World:
    world = World()
    book = world.book("plus")
    world.rule("plus", book, "cost_plus", basis="billed", percent=percent)
    world.customer("acme", book)
    world.charge("acme", "2024-09-10", cost)
    world.charge("acme", "2024-10-02", "20")
    return world


@pytest.fixture
def built(project: Project, tmp_path: Path) -> Warehouse:
    """September is issued: 50 plus ten percent."""
    made = Warehouse.in_directory(tmp_path)
    keep_compiled(project, made.settings)
    made.rate(told("50"))
    assert issue(made.settings, SEPTEMBER, force_reason="a test").issued == ("INV-000001",)
    return made


def october(built: Warehouse) -> list[tuple[str, str]]:
    return [(line["line_type"], f"{line['amount']:.2f}") for line in built.lines("acme", OCTOBER)]


def test_what_is_restated_is_corrected_at_the_prices_that_the_month_was_issued_with(built: Warehouse):
    """60 plus ten percent less 55; at the new ninety percent the customer would be charged 59 for September."""
    built.rate(told("60", percent="90"))
    assert october(built) == [("usage", "38.00"), ("correction", "11.00")]


def test_a_price_is_corrected_where_the_reseller_asks_and_says_why(built: Warehouse, tmp_path: Path):
    """50 plus twenty percent less 55."""
    write_config(tmp_path / "corrected", told("50", percent="20"))
    with pytest.raises(InputError, match="needs a reason"):
        correct_prices(built.settings, SEPTEMBER, tmp_path / "corrected", (), " ")
    with pytest.raises(InputError, match="2024-10 is not issued"):
        correct_prices(built.settings, OCTOBER, tmp_path / "corrected", (), "agreed")
    assert correct_prices(built.settings, SEPTEMBER, tmp_path / "corrected", (), "agreed") == ("acme",)
    for _ in range(2):
        built.rate(told("50"))
        assert october(built) == [("usage", "22.00"), ("correction", "5.00")]
