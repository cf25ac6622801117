"""From Azure's own files to charges: extract, load and staging over the real samples and a partner's month."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from emulators.azure_exports import (
    ACCOUNT,
    DATA,
    RESERVATION,
    SAVINGS_PLAN,
    TENANT,
    Reseller,
    charge,
    reseller,
)

from cspbill.settings import Settings

FOCUS_CATEGORIES = {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
EA = "/providers/Microsoft.Billing/billingAccounts/8611537"
PAYG = "/subscriptions/11111111-12ab-34dc-56ef-123456abcdef"


def put_sample(exports: Reseller, name: str, type_: str, scope: str, month: str) -> None:
    """Deliver a sample file, unchanged, as a run of an export."""
    content = (DATA / name).read_bytes()
    rows = len(list(csv.reader(content.decode("utf-8-sig").splitlines()))) - 1
    export, first = Path(name).stem.lower(), f"{month.replace('-', '')}01"
    days = f"{first}-{month.replace('-', '')}{'30' if month.endswith('09') else '28'}"
    part = {"blobName": "part_0_0001.csv", "byteCount": len(content), "dataRowCount": rows}
    exports.put(f"{export}/{days}/202410010400/run/part_0_0001.csv", content)
    config = {"type": type_, "exportName": export}
    config["resourceId"] = f"{scope}/providers/Microsoft.CostManagement/exports/{export}"
    exports.put_json(
        f"{export}/{days}/202410010400/run/manifest.json", {"exportConfig": config, "blobs": [part]}
    )


def partner_month() -> list[dict[str, str]]:
    """A partner's actual cost: earned credit, two currencies, a reservation, a refund, marketplace, rounding."""
    dollars = {
        "pricingCurrency": "USD",
        "exchangeRatePricingToBilling": "0.9",
        "PayGPrice": "2.5",
        "unitPrice": "2.5",
    }
    reserved = {"reservationId": "ri-1", "benefitId": RESERVATION, "PricingModel": "Reservation"}
    return [
        # 10 h at 2.5 USD: 22.50 EUR, less 15 % credit.
        charge(
            1,
            "19.125",
            quantity="10",
            effectivePrice="2.125",
            paygCostInBillingCurrency="22.5",
            partnerEarnedCreditApplied="1",
            partnerEarnedCreditRate="15",
            tags='"env": "prod","team": "web"',
            **dollars,
        ),
        charge(2, "22.5", quantity="10", effectivePrice="2.5", paygCostInBillingCurrency="22.5", **dollars),
        charge(2, "90", chargeType="Purchase", frequency="Recurring", ResourceId=RESERVATION, **reserved),
        charge(
            2,
            "0",
            effectivePrice="0",
            unitPrice="3",
            PayGPrice="0",
            paygCostInBillingCurrency="0",
            **reserved,
        ),
        charge(3, "-30", chargeType="Refund", quantity="-1", unitPrice="30", PayGPrice="30"),
        charge(
            4,
            "12",
            publisherType="Marketplace",
            publisherName="Contoso",
            consumedService="",
            serviceFamily="",
            ResourceId="",
            meterCategory="SaaS",
            ProductId="",
            chargeType="Purchase",
            frequency="OneTime",
            resourceLocation="",
        ),
        charge(
            30,
            "-0.000000000001",
            chargeType="RoundingAdjustment",
            unitPrice="0",
            PayGPrice="0",
            SubscriptionId="",
        ),
    ]


def partner_amortised() -> list[dict[str, str]]:
    """The same month as amortised cost: the reservation's 90 over its usage, its unused part and other months."""
    reserved = {"reservationId": "ri-1", "benefitId": RESERVATION, "PricingModel": "Reservation"}
    usage = charge(
        2,
        "1.8",
        effectivePrice="1.8",
        unitPrice="3",
        PayGPrice="0",
        paygCostInBillingCurrency="0",
        **reserved,
    )
    unused = charge(
        2,
        "1.2",
        chargeType="UnusedReservation",
        unitPrice="1.2",
        ResourceId="",
        SubscriptionId="",
        **reserved,
    )
    return [usage, unused, *(row for row in partner_month() if not row["benefitId"])]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory, stage: Callable[[Settings], None]) -> Reseller:
    """The enterprise samples, a pay-as-you-go file with German headers, and a partner's month: three scopes."""
    exports = reseller(tmp_path_factory.mktemp("azure"))
    put_sample(exports, "EA_ActualCost_Small.csv", "ActualCost", EA, "2023-09")
    put_sample(exports, "EA_AmortizedCost_Small.csv", "AmortizedCost", EA, "2023-09")
    put_sample(exports, "opencost-headersets/German.csv", "Usage", PAYG, "2021-02")
    exports.run(partner_month(), form="snappy.parquet")
    exports.run(partner_amortised(), export="amortised", type="AmortizedCost", form="csv.gz")
    result = exports.take()
    assert (result.problems, len(result.landed)) == ((), 3)
    stage(exports.settings)
    return exports


def charges(staged: Reseller, scope: str, columns: str, rest: str = "") -> list[tuple[Any, ...]]:
    return staged.query(
        f"select {columns} from staging.stg_azure_cost__charges where scope = '{scope.lower()}' {rest}"
    )


def test_the_enterprise_sample_adds_up_to_its_actual_cost_exactly(staged: Reseller):
    rows = csv.DictReader((DATA / "EA_ActualCost_Small.csv").read_text("utf-8-sig").splitlines())
    as_delivered = sum(Decimal(row["Cost"]) for row in rows)
    assert as_delivered == Decimal("8.5450077867419368")
    # 11 rows of actual cost and the 2 amortised ones that a commitment pays for; costs are kept at 12 decimals.
    assert charges(staged, EA, "count(*), sum(billed_cost)") == [(13, Decimal("8.545007786742"))]


def test_the_enterprise_samples_commitments_are_effective_where_they_are_used(staged: Reseller):
    found = charges(
        staged,
        EA,
        "file_name, charge_category, commitment_discount_type, commitment_discount_status, billed_cost, "
        "effective_cost, contracted_cost",
        "and commitment_discount_type is not null order by all",
    )
    assert found == [
        (
            "actual/part_0_0001.csv",
            "Purchase",
            "Reservation",
            None,
            Decimal("3.25"),
            Decimal(0),
            Decimal("3.25"),
        ),
        (
            "amortized/part_0_0001.csv",
            "Usage",
            "Reservation",
            "Used",
            Decimal(0),
            Decimal("0.493152"),
            Decimal("1.168"),
        ),
        (
            "amortized/part_0_0001.csv",
            "Usage",
            "Savings Plan",
            "Used",
            Decimal(0),
            Decimal("0.006000000468"),
            Decimal("0.013347594624"),
        ),
    ]


def test_the_enterprise_samples_services_and_regions_have_microsofts_focus_names(staged: Reseller):
    found = charges(
        staged,
        EA,
        "distinct service, service_category, region, region_name, resource_type",
        "and file_name like 'actual/%' and row_number_in_file in (1, 2, 7) order by all",
    )
    assert found == [
        (
            "Azure Reservations",
            "Management and Governance",
            "uksouth",
            "UK South",
            "microsoft.capacity/reservationorders/reservations",
        ),
        ("Key Vault", "Security", None, None, "microsoft.keyvault/vaults"),
        ("Storage Accounts", "Storage", "eastus2", "East US 2", "microsoft.storage/storageaccounts"),
    ]


def test_a_german_pay_as_you_go_file_is_understood(staged: Reseller):
    assert charges(
        staged,
        PAYG,
        "billing_period::varchar, charge_day::varchar, billed_cost, sub_account_id, region, unit, service",
    ) == [
        (
            "2021-02-01",
            "2021-02-02",
            Decimal("0.075000000000"),
            "11111111-12ab-34dc-56ef-123456abcdef",
            "eastus",
            "100 Hours",
            "Load Balancer",
        )
    ]


def test_a_partners_month_adds_up_and_its_amortised_cost_is_spread(staged: Reseller):
    # 19.125 + 22.5 + 90 + 0 - 30 + 12 - 0.000000000001; the purchase of 90 is effective as 1.8 + 1.2 of the month.
    assert charges(staged, ACCOUNT, "sum(billed_cost), sum(effective_cost)") == [
        (Decimal("113.624999999999"), Decimal("26.624999999999"))
    ]


def test_a_partners_rows_lead_to_the_customer_and_back_to_the_file(staged: Reseller):
    assert charges(
        staged,
        ACCOUNT,
        "distinct billing_account_id, billing_account_name, vendor, host_provider, invoice_issuer, vendor_currency",
    ) == [(TENANT, "Acme", "Microsoft", "Microsoft", "Microsoft", "EUR")]
    assert charges(staged, ACCOUNT, "file_name, row_number_in_file", "order by all") == [
        *(("actual/part_0_0001.snappy.parquet", row) for row in (1, 2, 3, 5, 6, 7)),
        *(("amortized/part_0_0001.csv.gz", row) for row in (1, 2)),
    ]


def test_partner_earned_credit_lowers_the_cost_and_no_price(staged: Reseller):
    found = charges(
        staged,
        ACCOUNT,
        "list_cost, contracted_cost, billed_cost, partner_credit, list_unit_price, contracted_unit_price",
        "and charge_category = 'Usage' and commitment_discount_type is null order by billed_cost",
    )
    assert found == [
        (
            Decimal("22.5"),
            Decimal("22.5"),
            Decimal("19.125"),
            Decimal("3.375"),
            Decimal("2.25"),
            Decimal("2.25"),
        ),
        (Decimal("22.5"), Decimal("22.5"), Decimal("22.5"), None, Decimal("2.25"), Decimal("2.25")),
    ]


def test_a_reservations_rows_are_bought_once_used_once_and_their_rest_is_unused(staged: Reseller):
    found = charges(
        staged,
        ACCOUNT,
        "charge_category, pricing_category, commitment_discount_status, commitment_discount_id, sub_account_id, "
        "billed_cost, effective_cost, list_cost",
        "and commitment_discount_type = 'Reservation' order by charge_category, commitment_discount_status desc",
    )
    assert found == [
        ("Purchase", "Standard", None, RESERVATION, "sub-1", Decimal(90), Decimal(0), Decimal(90)),
        ("Usage", "Committed", "Used", RESERVATION, "sub-1", Decimal(0), Decimal("1.8"), Decimal(3)),
        ("Usage", "Committed", "Unused", RESERVATION, None, Decimal(0), Decimal("1.2"), Decimal(0)),
    ]


def test_purchases_refunds_and_adjustments_keep_their_nature(staged: Reseller):
    found = charges(
        staged,
        ACCOUNT,
        "charge_category, charge_class, charge_frequency, service, service_category, publisher, sku, region, "
        "billed_cost",
        "and charge_day in ('2024-09-03', '2024-09-04', '2024-09-30') order by charge_day",
    )
    virtual_machine = ("Virtual Machines", "Compute", "Microsoft", "DZH318Z0BQ35", "eastus2")
    assert found == [
        ("Purchase", "Correction", "One-Time", *virtual_machine, Decimal(-30)),
        ("Purchase", None, "One-Time", "SaaS", "Other", "Contoso", "meter-1", None, Decimal(12)),
        ("Adjustment", None, "Usage-Based", *virtual_machine, Decimal("-0.000000000001")),
    ]


def test_tags_are_json_objects_with_or_without_braces(staged: Reseller):
    ((tags,),) = charges(staged, ACCOUNT, "tags", "and tags is not null")
    assert json.loads(tags) == {"env": "prod", "team": "web"}
    every = [tags for (tags,) in staged.query("select tags from staging.stg_azure_cost__charges") if tags]
    assert len(every) > 5
    assert all(isinstance(json.loads(tags), dict) for tags in every)


def test_every_charge_has_what_focus_asks_of_each(staged: Reseller):
    ((rows, whole, categories),) = staged.query(
        "select count(*), count(*) filter (list_cost is not null and contracted_cost is not null "
        "and effective_cost is not null and service is not null and charge_period_end > charge_period_start "
        "and billing_account_id is not null), list(distinct charge_category) from staging.stg_azure_cost__charges"
    )
    assert (rows, whole) == (22, 22)
    assert set(categories) <= FOCUS_CATEGORIES


def test_a_savings_plan_is_told_from_a_reservation(tmp_path: Path, stage: Callable[[Settings], None]):
    exports = reseller(tmp_path)
    plan = {"benefitId": SAVINGS_PLAN, "PricingModel": "SavingsPlan"}
    exports.run([charge(1, "5", **plan, chargeType="Purchase"), charge(1, "0", **plan), charge(2, "1")])
    exports.run(
        [
            charge(1, "0.5", **plan),
            charge(1, "0.25", benefitId=SAVINGS_PLAN, chargeType="UnusedSavingsPlan"),
            charge(2, "1", reservationId="00000000-0000-0000-0000-000000000000"),
        ],
        export="amortised",
        type="AmortizedCost",
    )
    exports.take()
    stage(exports.settings)
    found = exports.query(
        "select charge_category, commitment_discount_type, commitment_discount_category, commitment_discount_status, "
        "billed_cost, effective_cost from staging.stg_azure_cost__charges order by billed_cost, effective_cost"
    )
    assert found == [
        ("Usage", "Savings Plan", "Spend", "Unused", Decimal(0), Decimal("0.25")),
        ("Usage", "Savings Plan", "Spend", "Used", Decimal(0), Decimal("0.5")),
        ("Usage", None, None, None, Decimal(1), Decimal(1)),
        ("Purchase", "Savings Plan", "Spend", None, Decimal(5), Decimal(0)),
    ]
