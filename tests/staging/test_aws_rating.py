"""AWS's commitments through the whole rating: what each kind of price bills for the same line items."""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from emulators.aws_exports import APRIL, AwsVendor, Row, legacy_csv, legacy_manifest, line, put_all

from cspbill.book import Source

sys.path.append(str(Path(__file__).parent.parent / "rating"))
from compiled import Project, without_dbt
from harness import SOURCE, Warehouse, World

BILLED, AMORTISED, LISTED, COUNTED = "111111111111", "222222222222", "333333333333", "444444444444"


def bill(account: str) -> list[Row]:
    """On demand, a savings plan's usage, a reserved hour, the reservation's fee, tax and a credit; in euros."""
    common = {
        "line_item_usage_account_id": account,
        "line_item_currency_code": "EUR",
        "product_product_name": "Amazon Elastic Compute Cloud",
        "pricing_unit": "Hrs",
        "bill_invoice_id": "EUINV-1",
    }
    plan = {**common, "savings_plan_savings_plan_a_r_n": f"arn:aws:savingsplans::{account}:savingsplan/plan"}
    reserved = {**common, "reservation_reservation_a_r_n": f"reservation-{account}"}
    effective = "savings_plan_savings_plan_effective_cost"
    unused = "reservation_unused_recurring_fee"
    return [
        line("10", pricing_public_on_demand_cost="12", **common),
        line(
            "52", "SavingsPlanCoveredUsage", pricing_public_on_demand_cost="55", **plan, **{effective: "26"}
        ),
        line(
            "26", "SavingsPlanCoveredUsage", pricing_public_on_demand_cost="27.5", **plan, **{effective: "13"}
        )
        | {"line_item_usage_amount": "0.5"},
        line("-78", "SavingsPlanNegation", **plan) | {"line_item_usage_amount": "-1.5"},
        line(
            "0",
            "DiscountedUsage",
            pricing_public_on_demand_cost="100",
            reservation_effective_cost="30.9",
            **reserved,
        ),
        line("23", "RIFee", **reserved, **{unused: "3.75"}) | {"line_item_usage_amount": "744"},
        line("19", "Tax", **common),
        line("-5", "Credit", **common),
    ]


def shop() -> World:
    """One customer per way to price."""
    world = World()
    for customer, values in {
        BILLED: {"model": "cost_plus", "basis": "billed", "percent": "10"},
        AMORTISED: {"model": "cost_plus", "basis": "effective", "percent": "10"},
        LISTED: {"model": "list_minus", "percent": "10"},
        COUNTED: {"model": "unit_price", "unit": "Hrs", "unit_price": "0.2"},
    }.items():
        world.customer(customer, world.book(f"book-{customer}"))
        world.rule(f"rule-{customer}", f"book-{customer}", service="Amazon Elastic Compute Cloud", **values)
    return world


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory, compiled_manifest: Callable[[], Path]) -> Warehouse:
    built = Warehouse.in_directory(tmp_path_factory.mktemp("aws"))
    bucket, key = built.settings.home.parent / "bucket", "r/20240401-20240501/r-1.csv.gz"
    rows = [row for account in (BILLED, AMORTISED, LISTED, COUNTED) for row in bill(account)]
    manifest = legacy_manifest("r", [key])
    put_all(bucket, {key: legacy_csv(rows), "r/20240401-20240501/r-Manifest.json": manifest})
    source = Source(SOURCE, "aws_cur", "AWS", Decimal(0), (), {"path": str(bucket)})
    assert len(AwsVendor(built.settings, source).run().landed) == 1
    with without_dbt(lambda: Project.read(compiled_manifest(), "aws_cur")):
        built.rate(shop())
    return built


@pytest.mark.parametrize(
    ("customer", "revenue"),
    [
        (BILLED, "36.3"),  # (10 + 52 + 26 − 78 + 0 + 23) × 1.1: the cash
        (AMORTISED, "92.015"),  # (10 + 26 + 13 + 30.9 + 3.75 unused) × 1.1: the fees' shares, not the fees
        (LISTED, "175.05"),  # (12 + 55 + 27.5 + 100) × 0.9: as if there were no commitments
        (COUNTED, "0.7"),  # (1 + 1 + 0.5 + 1) hours × 0.2: negations, fees and what went unused count no hour
    ],
)
def test_every_price_bills_the_covered_usage_once(rated: Warehouse, customer: str, revenue: str):
    assert rated.revenue(customer, APRIL) == Decimal(revenue)


def test_nothing_of_the_bill_is_left_without_a_price(rated: Warehouse):
    assert rated.values("select count(*) from marts.fct_unpriced_charge") == [0]


def test_the_vendors_total_is_reconciled_to_the_cent(rated: Warehouse):
    # Four times 10 + 52 + 26 − 78 + 0 + 23 + 19 − 5.
    found = rated.rows("select vendor_total, verdict from marts.fct_vendor_reconciliation")
    assert found == [{"vendor_total": Decimal(188), "verdict": "ties"}]
