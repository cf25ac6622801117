"""Golden vectors of the design: `where_told.yaml` lists all fifteen and the tests that tell each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from compiled import Memory, Project
from harness import SEPTEMBER, World
from named_tests import unknown_tests, where_told


def test_all_fifteen_are_told_by_tests_that_exist():
    told = where_told("vectors")
    assert list(told) == [f"G{number}" for number in range(1, 16)]
    assert unknown_tests(told) == []


@pytest.fixture(scope="session")
def vectors(project: Project) -> Memory:
    """The vectors that are told here, rated together."""
    world = World()
    world.book("pass-through")
    world.rule("pass", "pass-through", "cost_plus", basis="billed", percent="0")
    for tell in (tell_partner_credit, tell_seats, tell_order, tell_commitments):
        tell(world)
    return Memory(project).rate(world)


def tell_partner_credit(world: World) -> None:
    world.book("list")
    world.rule("list", "list", "list_minus", percent="0")
    world.customer("g1", "list")
    credited = {"PricingQuantity": "29", "ListCost": "25.172", "ContractedCost": "25.172"}
    world.charge("g1", "2024-09-02", "21.39", **credited)


def tell_seats(world: World) -> None:
    world.customer("g4-vendor", "pass-through")
    seats = (("500", "22614.68"), ("5", "33.50"), ("-495", "-25705.35"))
    for day, (quantity, amount) in enumerate(seats, start=1):
        columns = {"ServiceName": f"seats {quantity}", "ContractedUnitPrice": "45.22"}
        world.charge("g4-vendor", f"2024-09-0{day}", amount, PricingQuantity=quantity, **columns)
    world.customer("g4-own")
    world.product("seat", "51.93", timing="arrears", alignment="calendar")
    world.subscription(
        "g4-own", "g4-own", "seat", "2024-08-01 start 500", "2024-08-28 change 5", "2024-09-01 cancel"
    )


def tell_order(world: World) -> None:
    world.tables["tax_rates"].append({"country": "DE", "tax_category": "8.25", "rate": "8.25", "code": "S"})
    world.customer("g9", "pass-through")
    for service, cost in (("Database", "80"), ("Storage", "20")):
        world.charge("g9", "2024-09-02", cost, ServiceName=service, ProviderName="Flex")
    world.tables["tax_categories"].append({"tax_category": "8.25", "vendor": "Flex"})
    world.discount("g9-quarter", "25", customer_id="g9", service="Database")
    world.discount("g9-ten", "100", kind="promotion", customer_id="g9", max_amount="10")
    world.top_up("g9", "2024-09-01", "5")


def tell_commitments(world: World) -> None:
    """What exceeds the commitment costs one and a half times as much: a second tier."""
    world.book("committed")
    world.rule("committed", "committed", "graduated", unit="Hours")
    world.tier("committed", "500", "2")
    world.tier("committed", "", "3")
    minimum = {"minimum_commitment": "1000", "commitment_currency": "EUR", "commitment_interval": "month"}
    for customer, hours, terms in (
        ("g13-above", "700", minimum),
        ("g13-below", "300", minimum),
        ("g13-none", "300", {}),
    ):
        world.customer(customer)
        world.terms(customer, "committed", valid_from="2024-09-01", **terms)
        world.charge(customer, "2024-09-02", "1", PricingQuantity=hours)


def nets(vectors: Memory, customer: str, period: dt.date = SEPTEMBER) -> list[Decimal]:
    return [line["amount"] for line in vectors.lines(customer, period)]


def test_g1_partner_credit_lowers_the_cost_and_never_the_list_price(vectors: Memory):
    (row,) = vectors.rated("g1")
    assert (row["cost"], row["revenue"]) == (Decimal("21.39"), Decimal("25.172"))
    assert nets(vectors, "g1") == [Decimal("25.17")]


def test_g4_the_vendors_amounts_are_sold_though_no_printed_price_makes_them(vectors: Memory):
    assert sorted(nets(vectors, "g4-vendor")) == [
        Decimal("-25705.35"),
        Decimal("33.50"),
        Decimal("22614.68"),  # not 500 × 45.22 = 22 610
    ]
    draft = vectors.draft("g4-vendor")
    assert (draft["net_amount"], draft["document_type"]) == (Decimal("-3057.17"), "credit_note")


def test_g4_own_seats_come_to_the_same_amounts(vectors: Memory):
    assert nets(vectors, "g4-own", dt.date(2024, 8, 1)) == [Decimal("22614.68"), Decimal("33.50")]


def test_g9_percentage_then_amount_then_tax_then_balance(vectors: Memory):
    draft = vectors.draft("g9")
    assert sum(nets(vectors, "g9")) == draft["net_amount"] == Decimal("70.00")
    assert draft["tax_amount"] == Decimal("5.78")  # 5.775, half away from zero
    assert draft["prepaid_drawn"] == Decimal("5.00")
    assert draft["payable_amount"] == Decimal("70.78")


def test_g13_a_commitment_with_overage_a_true_up_and_none(vectors: Memory):
    drafts = [vectors.draft(customer)["net_amount"] for customer in ("g13-above", "g13-below", "g13-none")]
    assert drafts == [Decimal(1600), Decimal(1000), Decimal(600)]
