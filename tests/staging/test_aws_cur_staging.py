"""AWS's reports, from a copy of the bucket to FOCUS charges: the vendor's total exactly, every row traceable."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from emulators.aws_exports import (
    APRIL,
    DATA,
    PAYER,
    AwsVendor,
    Row,
    export_manifest,
    legacy_csv,
    legacy_manifest,
    line,
    new_vendor,
    parquet,
    put_all,
)

from cspbill.settings import Settings

PLAN, RESERVED = (
    "arn:aws:savingsplans::111111111111:savingsplan/bc1d08fd",
    "arn:aws:ec2:::reserved-instances/f8c2",
)
EC2 = {
    "product_product_name": "Amazon Elastic Compute Cloud",
    "product_sku": "K7ERD2Q28HHU97DT",
    "product_region_code": "eu-central-1",
    "line_item_usage_type": "EUC1-BoxUsage:t3.nano",
    "pricing_unit": "Hrs",
    "pricing_public_on_demand_rate": "0.0055",
    "line_item_unblended_rate": "0.0052",
    "line_item_resource_id": "i-1",
    "product_product_family": "Compute Instance",
}
SELLER = {
    "bill_billing_entity": "AWS Marketplace",
    "line_item_legal_entity": "Red Hat, Inc.",
    "bill_invoicing_entity": "Amazon Web Services, Inc.",
    "line_item_product_code": "4suvt7x",
    "product_product_name": "Red Hat OpenShift",
}


def all_kinds() -> list[Row]:
    """A month with a row of every kind; its cash is 313.722200000001 USD, its amortised cost 182.703100000001."""
    plan = {**EC2, "savings_plan_savings_plan_a_r_n": PLAN}
    negated = "SavingsPlanNegation used by AccountId : 222222222222 and UsageSku : K7ERD2Q28HHU97DT"
    support = {"line_item_product_code": "AWSSupportBusiness", "line_item_usage_account_id": PAYER}
    march = {"line_item_usage_start_date": dt.datetime.combine(APRIL, dt.time()) - dt.timedelta(days=20)}
    return [
        line("10", day=2, pricing_public_on_demand_cost="12", **EC2, resource_tags={"user_team": "web"}),
        line("0.0052", "SavingsPlanCoveredUsage", 3, **plan, pricing_public_on_demand_cost="0.0055",
             savings_plan_savings_plan_effective_cost="0.0026"),
        line("0.0026", "SavingsPlanCoveredUsage", 3, **plan, pricing_public_on_demand_cost="0.00275",
             savings_plan_savings_plan_effective_cost="0.0013", line_item_usage_amount="0.5"),
        line("-0.0078", "SavingsPlanNegation", 3, savings_plan_savings_plan_a_r_n=PLAN, pricing_unit="Hrs",
             product_region_code="eu-central-1", line_item_usage_type="EUC1-BoxUsage:t3.nano",
             line_item_line_item_description=negated, line_item_usage_amount="-1.5"),
        line("0.01", "SavingsPlanRecurringFee", 3, savings_plan_savings_plan_a_r_n=PLAN,
             line_item_product_code="ComputeSavingsPlans", savings_plan_total_commitment_to_date="0.01",
             savings_plan_used_commitment="0.0039"),
        line("43.8", "SavingsPlanUpfrontFee", 3, savings_plan_savings_plan_a_r_n=PLAN,
             line_item_product_code="ComputeSavingsPlans"),
        line("0", "DiscountedUsage", 4, **EC2, reservation_reservation_a_r_n=RESERVED,
             pricing_public_on_demand_cost="0.1", reservation_effective_cost="0.0309"),
        line("23", "RIFee", 1, **EC2, reservation_reservation_a_r_n=RESERVED, line_item_usage_amount="744",
             reservation_unused_amortized_upfront_fee_for_billing_period="1.5",
             reservation_unused_recurring_fee="2.25"),
        line("68", "Fee", 4, **EC2, reservation_reservation_a_r_n=RESERVED, bill_bill_type="Purchase",
             bill_invoice_id="EUINV-1"),
        line("100", "Fee", 30, **support),
        line("50", "Fee", 5, **SELLER),
        line("7.25", "Usage", 5, **SELLER, pricing_public_on_demand_cost="0"),
        line("19", "Tax", 30),
        line("-5", "Credit", 6),
        line("-3", "Refund", 1, **march),
        line("-2.5", "EdpDiscount", 7),
        line("-1.25", "SppDiscount", 7),
        line("0", "Usage", 8, **EC2, split_line_item_parent_resource_id="i-1", split_line_item_split_cost="3",
             pricing_public_on_demand_cost="3"),
        line("4.412200000001", "FlatRateSubscription", 9),
    ]  # fmt: skip


def as_cur2(row: Row) -> Row:
    """The same row as CUR 2.0 has it: the product's name is an entry of a map."""
    rest = {name: value for name, value in row.items() if name != "product_product_name"}
    name = row.get("product_product_name")
    return {**rest, "product": {"product_name": name} if name else {}}


def as_legacy(row: Row) -> Row:
    """The same row as a legacy report has it: every tag is a column."""
    rest = {name: value for name, value in row.items() if name != "resource_tags"}
    tags = row.get("resource_tags") or {}
    return {**rest, **{f"resourceTags/{key}": value for key, value in tags.items()}}


def put_sample(root: Path, file: str, month: str, account: str) -> None:
    """A sample that is one file, below the folder of its report, with a manifest."""
    end = f"{month[:4]}{int(month[4:6]) + 1:02}01"
    key = f"report/{month}-{end}/{file}"
    manifest = legacy_manifest("report", [key], account=account, billingPeriod={"start": month}, columns=[])
    put_all(
        root,
        {key: (DATA / "koku" / file).read_bytes(), f"report/{month}-{end}/report-Manifest.json": manifest},
    )


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory, stage: Callable[[Settings], None]) -> AwsVendor:
    """Six sources in one warehouse, staged once."""
    root = tmp_path_factory.mktemp("aws")
    legacy, cur2 = (
        "report/20240401-20240501/report-1.csv.gz",
        "x/data/BILLING_PERIOD=2024-04/x-00001.snappy.parquet",
    )
    put_all(
        root / "legacy",
        {
            legacy: legacy_csv([as_legacy(row) for row in all_kinds()]),
            "report/20240401-20240501/report-Manifest.json": legacy_manifest("report", [legacy]),
        },
    )
    put_all(
        root / "cur2",
        {
            cur2: parquet([as_cur2(row) for row in all_kinds()]),
            "x/metadata/BILLING_PERIOD=2024-04/x-Manifest.json": export_manifest(
                "x", "bucket", [f"ours/{cur2}"]
            ),
        },
    )
    put_sample(root / "marketplace", "2022-07-01-alt-columns.csv", "20220701", "999999")
    put_sample(root / "final", "2023-06-01.csv", "20230601", "0099999999999")
    put_sample(root / "estimate", "2023-06-01-not-final.csv", "20230601", "9999999999999")
    paths = {name: root / name for name in ("legacy", "cur2", "marketplace", "final", "estimate")}
    paths["koku"] = DATA / "koku" / "bucket_with_prefix"
    vendor = new_vendor(root)
    for name, path in paths.items():
        source = vendor.source.__class__(name, "aws_cur", "AWS", Decimal(0), (), {"path": str(path)})
        result = AwsVendor(vendor.settings, source).run()
        assert not result.problems, result.problems
    stage(vendor.settings)
    return vendor


def charges(staged: AwsVendor, source: str, columns: str, rest: str = "") -> list[tuple[Any, ...]]:
    return staged.query(
        f"select {columns} from staging.stg_aws_cur__charges where source = '{source}' {rest}"
    )


@pytest.mark.parametrize(
    ("source", "rows", "total"),
    [
        ("koku", 6190, "29684.780682464859"),
        ("marketplace", 2, "0"),
        ("final", 3, "30"),
        ("estimate", 3, "30"),
        ("legacy", 21, "313.722200000001"),
        ("cur2", 21, "313.722200000001"),
    ],
)
def test_billed_cost_adds_up_to_the_vendors_total_exactly(
    staged: AwsVendor, source: str, rows: int, total: str
):
    found = charges(staged, source, "count(*), sum(billed_cost), count(distinct row_number_in_file)")
    assert found[0][:2] == (rows, Decimal(total))
    vendor = staged.query(
        f"select vendor_total_json::json, row_count from ops.delivery where source = '{source}'"
    )
    assert list(json.loads(vendor[0][0]).values()) == [f"{Decimal(total):.12f}"]
    assert found[0][2] == vendor[0][1]


def test_billed_cost_adds_up_by_invoice(staged: AwsVendor):
    assert charges(staged, "final", "vendor_invoice_id, sum(billed_cost)", "group by all") == [
        ("987654321", Decimal(30))
    ]
    by_invoice = "vendor_invoice_id, sum(billed_cost)"
    assert charges(staged, "legacy", by_invoice, "group by all order by all") == [
        ("EUINV-1", Decimal(68)),
        (None, Decimal("245.722200000001")),
    ]


def test_legacy_and_cur_2_rows_of_one_month_are_staged_alike(staged: AwsVendor):
    same = (
        "* exclude (source, delivery_id, file_name, tags), json_extract_string(tags, '$.user_team') as team"
    )
    order = "order by row_number_in_file, effective_cost"
    assert charges(staged, "legacy", same, order) == charges(staged, "cur2", same, order)
    assert charges(staged, "cur2", "tags", "and row_number_in_file = 1") == [('{"user_team":"web"}',)]


def test_amortised_cost_counts_every_commitment_once(staged: AwsVendor):
    # 10 + 0.0039 used of the plan + 0.0061 unused + 0.0309 reserved hour + 3.75 unused reservation + 100 + 50 + 7.25
    # + 19 − 5 − 3 − 2.5 − 1.25 + 4.412200000001
    assert charges(staged, "legacy", "sum(effective_cost)") == [(Decimal("182.703100000001"),)]
    assert charges(staged, "legacy", "sum(effective_cost)", "and commitment_discount_status = 'Unused'") == [
        (Decimal("3.7561"),)
    ]


def test_a_negation_has_the_service_sku_and_unit_of_what_it_offsets_and_no_quantity(staged: AwsVendor):
    found = charges(
        staged,
        "legacy",
        "service, sku, region, unit, charge_category, sum(billed_cost), sum(quantity), sum(contracted_cost)",
        "and commitment_discount_category = 'Spend' and commitment_discount_status = 'Used' group by all",
    )
    kind = ("Amazon Elastic Compute Cloud", "K7ERD2Q28HHU97DT", "eu-central-1", "Hrs", "Usage")
    assert found == [(*kind, Decimal(0), Decimal("1.5"), Decimal("0.0078"))]


def test_a_marketplace_row_names_its_seller_and_aws_as_who_invoices(staged: AwsVendor):
    names = "distinct vendor, host_provider, publisher, invoice_issuer, service"
    assert charges(staged, "legacy", names, "and publisher like 'Red Hat%'") == [
        ("AWS", None, "Red Hat, Inc.", "Amazon Web Services, Inc.", "Red Hat OpenShift")
    ]
    assert charges(staged, "marketplace", names) == [
        ("AWS", None, "Red Hat, Inc.", "Amazon Web Services, Inc.", "Red Hat® Enterprise Linux®")
    ]


def test_services_get_aws_names_and_focus_categories(staged: AwsVendor):
    found = charges(
        staged, "legacy", "distinct service, service_category, service_subcategory", "order by all"
    )
    assert ("AWS Support (Business)", "Other", "Other (Other)") in found
    assert ("Amazon Elastic Compute Cloud", "Compute", "Other (Compute)") in found
    assert ("Savings Plans for AWS Compute usage", "Compute", "Other (Compute)") in found
    # Machines, traffic and disks all come under EC2's product code.
    assert charges(staged, "koku", "service, service_category, count(*)", "group by all order by all") == [
        ("Amazon Elastic Compute Cloud", "Compute", 5625),
        ("Amazon Elastic Compute Cloud", "Networking", 115),
        ("Amazon Elastic Compute Cloud", "Storage", 450),
    ]


def test_sample_months_are_final_only_with_their_invoice(staged: AwsVendor):
    found = staged.query(
        "select source, is_final from ops.delivery where source in ('final', 'estimate', 'koku')"
    )
    assert dict(found) == {"final": True, "estimate": False, "koku": False}


def test_every_column_of_the_common_shape_is_there_in_its_order(staged: AwsVendor):
    macro = (Path(__file__).resolve().parents[2] / "dbt_project/macros/keys/charge_columns.sql").read_text(
        "utf-8"
    )
    wanted = macro.split("return([")[1].split("])")[0]
    found = staged.query("select column_name from (describe staging.stg_aws_cur__charges)")
    assert [name for (name,) in found] == [part.strip().strip("'") for part in wanted.split(",")]
    types = dict(staged.query("select column_name, column_type from (describe staging.stg_aws_cur__charges)"))
    money = ("list_cost", "contracted_cost", "billed_cost", "effective_cost", "quantity", "list_unit_price")
    assert {types[name] for name in money} == {"DECIMAL(28,12)"}
    assert (types["charge_day"], types["charge_period_end"]) == ("DATE", "TIMESTAMP")
