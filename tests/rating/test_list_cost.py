"""The price list where a vendor states no list cost, on one warehouse that is rated again and again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from harness import SEPTEMBER, Warehouse, World


def shop(prices: list[dict[str, str]]) -> World:
    """One customer at list price less 10 %, whose vendor states a list cost for one of two charges."""
    world = World()
    world.customer("acme", world.book("list"))
    world.rule("list-10", "list", "list_minus", percent="10")
    world.charge("acme", "2024-09-10", "1", ListCost=None, PricingQuantity="4")
    world.charge("acme", "2024-09-11", "1", ListCost="100", PricingQuantity="4")
    world.tables["price_list"] = prices
    return world


def price(amount: str, **values: str) -> dict[str, str]:
    row = {"vendor": "AWS", "sku": "vm", "unit": "Hours", "list_price": amount, "currency": "EUR"}
    return {**row, **values}


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    rated = Warehouse.in_directory(tmp_path_factory.mktemp("shop"))
    rated.rate(shop([price("2.5")]))
    return rated


def test_quantity_times_list_price_is_billed_only_where_the_vendor_gives_no_list_cost(rated: Warehouse):
    rated.rate(shop([price("2.5")]))
    rows = rated.rated("acme")
    assert [(row["list_cost"], row["revenue"]) for row in rows] == [
        (Decimal(10), Decimal(9)),
        (Decimal(100), Decimal(90)),
    ]


def test_a_new_price_rates_the_open_period_again_without_a_new_delivery(rated: Warehouse):
    result = rated.rate(shop([price("3", valid_from="2024-09-10")]))
    assert result.periods == (SEPTEMBER,)
    assert rated.revenue("acme") == Decimal("100.8")


def test_a_description_or_a_cost_price_changes_no_amount_and_rates_nothing_again(rated: Warehouse):
    rated.rate(shop([price("2.5")]))
    result = rated.rate(shop([price("2.5", description="a note", cost_price="2")]))
    assert result.periods == ()


def test_a_charge_without_any_list_price_is_unpriced_and_never_free(rated: Warehouse):
    rated.rate(shop([price("2.5", unit="GB")]))
    reasons = rated.rows("select reason, cost from marts.fct_unpriced_charge where customer_id = 'acme'")
    assert [row["cost"] for row in reasons] == [Decimal(1)]
    assert rated.revenue("acme") == Decimal(90)
