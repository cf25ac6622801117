"""The demo's files in the vendors' own layouts: what their totals are, read here without the product's extractors.

A change of any literal amount changes what the demo bills; it must be meant.
"""

from __future__ import annotations

import csv
import hashlib
import json
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from cspbill.demo import write_demo

MONTHS = ("2024-06", "2024-07", "2024-08", "2024-09")
MONEY = "decimal(28, 12)"


@pytest.fixture(scope="module")
def vendor(demo: Path) -> duckdb.DuckDBPyConnection:
    """Return views over the files of the four sources: cur, daily, reconciliation, actual, amortized, billing."""
    files = demo / "vendor-files"
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(
        f"create view cur as select *, cast(line_item_unblended_cost as {MONEY}) as cost,"
        " strftime(bill_billing_period_start_date, '%Y-%m') as month"
        f" from read_parquet('{files}/aws_payer/cur/*/data/*/*.parquet', hive_partitioning = false)"
    )
    for view, folder in (("daily", "daily-usage"), ("reconciliation", "reconciliation")):
        connection.execute(
            f"create view {view} as select *, '20' || InvoiceNumber[3:4] || '-' || InvoiceNumber[5:6] as month"
            f" from read_json('{files}/partner_center/EUR/*/{folder}/*/*.json.gz', format = 'newline_delimited',"
            " sample_size = -1, map_inference_threshold = -1, columns = "
            f"{_text_columns(files / 'partner_center', folder)})"
        )
    for view in ("actual", "amortized"):
        connection.execute(
            f"create view {view} as select *, cast(costInBillingCurrency as {MONEY}) as cost,"
            " billingPeriodStartDate[7:10] || '-' || billingPeriodStartDate[1:2] as month"
            f" from read_csv('{files}/azure/nordwolke-{view}/*/*/*/*.csv.gz', all_varchar = true)"
        )
    connection.execute(
        f"create view billing as select *, cast(cost as {MONEY}) + coalesce(list_sum(list_transform(credits,"
        f" lambda credit: cast(credit.amount as {MONEY}))), 0) as net,"
        " invoice.month[1:4] || '-' || invoice.month[5:6] as month"
        f" from read_parquet('{files}/gcp/*/*/*.parquet', hive_partitioning = false)"
    )
    return connection


def _text_columns(source: Path, folder: str) -> str:
    keys = duckdb.sql(
        "select distinct unnest(json_keys(json)) from "
        f"read_json_objects('{source}/EUR/*/{folder}/*/*.json.gz', format = 'newline_delimited')"
    ).fetchall()
    return "{" + ", ".join(f"'{key}': 'VARCHAR'" for (key,) in sorted(keys)) + "}"


def rows(vendor: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return vendor.execute(query).fetchall()


def by_month(vendor: duckdb.DuckDBPyConnection, amount: str, view: str) -> dict[str, Decimal]:
    return dict(rows(vendor, f"select month, sum({amount}) from {view} group by month order by month"))


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_DOWN)


# AWS


def test_aws_bills_these_totals(vendor: duckdb.DuckDBPyConnection) -> None:
    assert by_month(vendor, "cost", "cur") == {
        "2024-06": Decimal("6252.195414068"),
        "2024-07": Decimal("6525.287682325"),
        "2024-08": Decimal("6497.479804315"),
        "2024-09": Decimal("6477.000081112"),
    }


def test_aws_has_every_kind_of_line_that_a_reseller_meets(vendor: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        vendor,
        "select line_item_line_item_type, count(*), sum(cost) from cur where month = '2024-09' group by 1 order by 1",
    )

    assert found == [
        ("Credit", 1, Decimal(-120)),
        ("DiscountedUsage", 42, Decimal(0)),
        ("Fee", 1, Decimal(100)),
        ("RIFee", 1, Decimal("475.2")),
        ("Refund", 1, Decimal("-38.4")),
        ("SavingsPlanCoveredUsage", 150, Decimal("761.76")),
        ("SavingsPlanNegation", 150, Decimal("-761.76")),
        ("SavingsPlanRecurringFee", 30, Decimal("626.4")),
        ("Tax", 1, Decimal("38.99")),
        ("Usage", 466, Decimal("5394.810081112")),
    ]


def test_aws_names_the_invoice_on_every_line_and_the_marketplaces_apart(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        vendor,
        "select bill_billing_entity, bill_invoice_id, count(*) from cur where month = '2024-09'"
        " group by all order by all",
    ) == [("AWS", "EUINDE24-0941077", 841), ("AWS Marketplace", "EUINDE24-0990313", 2)]


def test_a_savings_plans_usage_is_negated_and_its_fee_is_what_is_paid(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    [(covered, negated, fee, used, effective)] = rows(
        vendor,
        "select sum(cost) filter (line_item_line_item_type = 'SavingsPlanCoveredUsage'),"
        " sum(cost) filter (line_item_line_item_type = 'SavingsPlanNegation'),"
        " sum(cost) filter (line_item_line_item_type = 'SavingsPlanRecurringFee'),"
        f" sum(cast(savings_plan_used_commitment as {MONEY})),"
        f" sum(cast(savings_plan_savings_plan_effective_cost as {MONEY})) filter (line_item_line_item_type"
        " = 'SavingsPlanCoveredUsage') from cur where month = '2024-06'",
    )

    # five of the plan's six machines run: 5/6 of the fee is used
    assert (covered + negated, fee, used, effective) == (
        Decimal(0),
        Decimal("626.4"),
        Decimal(522),
        Decimal(522),
    )


def test_a_reservations_fee_is_what_its_usage_and_its_idle_hours_amortise(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        vendor,
        "select month, sum(cost) filter (line_item_line_item_type = 'RIFee'),"
        f" sum(cast(reservation_effective_cost as {MONEY})), sum(cast(reservation_unused_recurring_fee as {MONEY}))"
        " from cur group by month order by month",
    )

    assert [fee for _, fee, *_ in found] == [
        Decimal("475.2"),
        Decimal("491.04"),
        Decimal("491.04"),
        Decimal("475.2"),
    ]
    assert [used + unused for *_, used, unused in found] == [fee for _, fee, *_ in found]


def test_a_cost_and_usage_report_has_awss_columns_and_types(vendor: duckdb.DuckDBPyConnection) -> None:
    described = dict(row[:2] for row in rows(vendor, "describe select * exclude (cost, month) from cur"))

    assert len(described) == 115
    assert {name: described[name] for name in ("product", "discount", "line_item_unblended_cost")} == {
        "product": "MAP(VARCHAR, VARCHAR)",
        "discount": "MAP(VARCHAR, DOUBLE)",
        "line_item_unblended_cost": "DOUBLE",
    }
    assert described["line_item_usage_start_date"] == "TIMESTAMP"
    assert list(described) == sorted(described)


def test_awss_manifest_names_the_file_and_is_written_after_it(demo: Path) -> None:
    bucket = demo / "vendor-files" / "aws_payer"
    for month in MONTHS:
        [path] = bucket.glob(f"cur/*/metadata/BILLING_PERIOD={month}/*-Manifest.json")
        [key] = json.loads(path.read_text("utf-8"))["dataFiles"]
        file = bucket / key.removeprefix("s3://nordwolke-billing/")

        assert file.stat().st_mtime_ns <= path.stat().st_mtime_ns


# Microsoft Partner Center


def test_partner_centers_invoices_have_these_totals(vendor: duckdb.DuckDBPyConnection) -> None:
    amount = f"cast(Subtotal as {MONEY}) + cast(TaxTotal as {MONEY})"

    totals = {
        "2024-06": Decimal("4672.66"),
        "2024-07": Decimal("10025.17"),
        "2024-08": Decimal("4971.24"),
        "2024-09": Decimal("4797.22"),
    }
    assert by_month(vendor, amount, "reconciliation") == totals
    assert by_month(vendor, f"cast(Total as {MONEY})", "reconciliation") == totals
    assert by_month(vendor, f"cast(TaxTotal as {MONEY})", "reconciliation") == dict.fromkeys(
        MONTHS, Decimal("150.02")
    )


def test_every_line_of_the_reconciliation_follows_microsofts_arithmetic(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    lines = rows(
        vendor,
        "select MeterDescription <> '', EffectiveUnitPrice, BillableQuantity, PCToBCExchangeRate, Subtotal"
        " from reconciliation",
    )

    broken = []
    for is_usage, *texts in lines:
        price, quantity, rate, subtotal = map(Decimal, texts)
        expected = cents(cents(price * quantity) * rate) if is_usage else cents(price * rate) * quantity
        if subtotal != expected:
            broken.append((is_usage, *texts, expected))
    assert broken == []
    assert len(lines) == 56


def test_daily_usage_explains_the_invoices_usage_but_for_rounding(vendor: duckdb.DuckDBPyConnection) -> None:
    compared = rows(
        vendor,
        "select invoiced, used, lines from (select InvoiceNumber, CustomerId, ProductId, SkuId, SubscriptionId,"
        f" sum(cast(Subtotal as {MONEY})) as invoiced, count(*) as lines from reconciliation"
        " where MeterDescription <> '' group by all) join (select InvoiceNumber, CustomerId, ProductId, SkuId,"
        f" SubscriptionId, sum(cast(BillingPreTaxTotal as {MONEY})) as used from daily group by all)"
        " using (InvoiceNumber, CustomerId, ProductId, SkuId, SubscriptionId)",
    )

    assert len(compared) == 28
    assert [row for row in compared if not 0 <= row[1] - row[0] <= Decimal("0.02") * row[2]] == []


def test_a_subscription_without_the_partners_access_earns_no_credit_for_five_days(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        vendor,
        "select EntitlementDescription, min(UsageDate)[1:10], max(UsageDate)[1:10] from daily"
        " where PartnerEarnedCreditPercentage = '0' group by 1",
    ) == [("hansekaffee-azure-data", "2024-08-10", "2024-08-14")]
    assert rows(vendor, "select distinct PartnerEarnedCreditPercentage from daily order by 1") == [
        ("0",),
        ("15",),
    ]


def test_more_seats_in_the_middle_of_a_cycle_reverse_the_old_ones_and_bill_the_new(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    changes = rows(
        vendor,
        "select ChargeType, cast(Quantity as decimal(9, 0)), cast(Subtotal as decimal(9, 2)), ChargeStartDate[1:10],"
        " ChargeEndDate[1:10] from reconciliation where ProductName = 'Microsoft 365 F3' and month = '2024-07'"
        " order by ChargeStartDate, 2",
    )

    # 3.28 = 6.15 × 16 days of 30, whole cents per seat
    assert changes == [
        ("addQuantity", Decimal(-120), Decimal("-393.60"), "2024-07-01", "2024-07-16"),
        ("addQuantity", Decimal(150), Decimal("492.00"), "2024-07-01", "2024-07-16"),
        ("renew", Decimal(150), Decimal("922.50"), "2024-07-17", "2024-08-16"),
    ]


def test_seats_that_were_cancelled_in_the_window_come_back_for_the_days_left(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        vendor,
        "select ChargeType, cast(Subtotal as decimal(9, 2)) from reconciliation where ProductName = 'Power BI Pro'"
        " order by ChargeStartDate",
    ) == [("new", Decimal("159.80")), ("cancelImmediate", Decimal("-139.00"))]


def test_a_promotion_a_reservation_a_credit_and_an_annual_term_are_on_the_invoices(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        vendor,
        "select month, ProductCategory, ChargeType, BillingFrequency, cast(Subtotal as decimal(9, 2))"
        " from reconciliation where month in ('2024-07', '2024-08')"
        " and (PromotionId <> '' or ReservationOrderId <> ''"
        " or CreditReasonCode <> '' or BillingFrequency in ('Annual', 'OneTime') and MeterDescription = '')"
        " order by all",
    )

    assert found == [
        ("2024-07", "Azure Reservation", "cycleCharge", "Monthly", Decimal("368.20")),
        ("2024-07", "License", "cycleCharge", "Monthly", Decimal("700.40")),
        ("2024-07", "License", "new", "Annual", Decimal("4050.00")),
        ("2024-07", "Software", "new", "OneTime", Decimal("912.40")),
        ("2024-08", "Azure Reservation", "cycleCharge", "Monthly", Decimal("364.28")),
        ("2024-08", "License", "customerCredit", "OneTime", Decimal("-45.00")),
        ("2024-08", "License", "cycleCharge", "Monthly", Decimal("700.40")),
    ]


# Azure exports


def test_azures_exports_of_actual_cost_have_these_totals(vendor: duckdb.DuckDBPyConnection) -> None:
    assert by_month(vendor, "cost", "actual") == {
        "2024-06": Decimal("2623.38136624382"),
        "2024-07": Decimal("2594.41150686197"),
        "2024-08": Decimal("2566.0782606064"),
        "2024-09": Decimal("2445.00965163585"),
    }


def test_a_reservation_costs_each_month_what_amortised_cost_spreads(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    assert by_month(vendor, "cost", "amortized") == by_month(vendor, "cost", "actual")
    assert rows(
        vendor, "select chargeType, sum(cost) from actual where month = '2024-09' group by 1 order by 1"
    ) == [
        ("Purchase", Decimal("694.140192")),
        ("Usage", Decimal("1750.86945963585")),
    ]
    assert rows(
        vendor,
        "select chargeType, count(*), sum(cost) from amortized where month = '2024-09' group by 1 order by 1",
    ) == [("UnusedReservation", 30, Decimal("154.253376")), ("Usage", 555, Decimal("2290.75627563585"))]


def test_azures_manifest_states_rows_and_bytes_of_its_part(demo: Path) -> None:
    manifests = sorted((demo / "vendor-files" / "azure").rglob("manifest.json"))

    assert len(manifests) == 8
    for path in manifests:
        manifest = json.loads(path.read_text("utf-8"))
        [blob] = manifest["blobs"]
        part = path.with_name(blob["blobName"].rpartition("/")[2])
        [(count,)] = duckdb.sql(f"select count(*) from read_csv('{part}', all_varchar = true)").fetchall()
        assert (blob["byteCount"], blob["dataRowCount"]) == (part.stat().st_size, count)
        assert manifest["dataRowCount"] == count


def test_azures_export_has_the_columns_of_a_partner_agreement(vendor: duckdb.DuckDBPyConnection) -> None:
    assert len(rows(vendor, "describe select * exclude (cost, month) from actual")) == 70
    assert rows(
        vendor,
        "select subscriptionName, partnerEarnedCreditApplied, count(*) from actual where month = '2024-06'"
        " and chargeType = 'Usage' group by all order by all",
    ) == [
        # polderdata's partner access came in July only; what a reservation covers earns nothing
        ("alpenglanz-azure-webshop", "1", 150),
        ("polderdata-azure-search", "0", 210),
        ("thames-ledger-azure-risk", "0", 90),
        ("thames-ledger-azure-risk", "1", 100),
    ]


# Google


def test_googles_invoices_have_these_totals(vendor: duckdb.DuckDBPyConnection) -> None:
    assert by_month(vendor, "net", "billing") == {
        "2024-06": Decimal("4886.71"),
        "2024-07": Decimal("5062.95"),
        "2024-08": Decimal("5185.72"),
        "2024-09": Decimal("5325.26"),
    }


def test_googles_rounding_makes_whole_cents_of_every_billing_account(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    odd = rows(
        vendor,
        "select billing_account_id, month, sum(net) as net from billing group by all having net <> round(net, 2)",
    )

    assert odd == []
    assert rows(vendor, "select cost_type, count(*) from billing group by 1 order by 1") == [
        ("adjustment", 1),
        ("regular", 14518),
        ("rounding_error", 16),
        ("tax", 16),
    ]


def test_google_credits_margin_commitments_sustained_use_and_a_promotion(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        vendor,
        f"select credit.type, count(*), sum(cast(credit.amount as {MONEY})) from"
        " (select unnest(credits) as credit from billing where month = '2024-07') group by 1 order by 1",
    )

    assert found == [
        ("COMMITTED_USAGE_DISCOUNT", 744, Decimal("-968.9856")),
        ("PROMOTION", 260, Decimal("-24.547964")),
        ("RESELLER_MARGIN", 2914, Decimal("-237.538721")),
        ("SUSTAINED_USAGE_DISCOUNT", 896, Decimal("-54.17984")),
    ]


def test_the_last_hours_of_googles_month_are_used_on_the_first_of_the_next_in_utc(
    vendor: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        vendor,
        "select min(usage_start_time)::varchar, max(usage_end_time)::varchar from billing where month = '2024-06'",
    ) == [("2024-06-01 07:00:00+00", "2024-07-01 07:00:00+00")]


# All of them


def test_a_month_whose_last_file_is_missing_is_written_again(demo: Path) -> None:
    files = demo / "vendor-files"
    before = _digests(files)
    [manifest] = (files / "aws_payer").rglob("*=2024-07/*-Manifest.json")
    [data] = (files / "aws_payer").rglob("*=2024-07/*.parquet")
    [lines] = (files / "partner_center").glob("EUR/2024-08/reconciliation/*/*")
    for path in (manifest, lines):
        path.unlink()
    data.write_bytes(b"PAR1")

    write_demo(demo)

    assert _digests(files) == before


def _digests(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_every_account_belongs_to_a_customer_or_the_reseller(
    demo: Path, vendor: duckdb.DuckDBPyConnection
) -> None:
    reseller = yaml.safe_load((demo / "config" / "reseller.yml").read_text("utf-8"))
    with (demo / "config" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        owned = {(row["source"], row["account_id"]) for row in csv.DictReader(file)}
    owned |= {
        (source["name"], account)
        for source in reseller["sources"]
        for account in source.get("owner_accounts", ())
    }
    accounts = rows(
        vendor,
        "select distinct 'aws_payer', line_item_usage_account_id from cur"
        " union select distinct 'partner_center', EntitlementId from daily"
        " union select distinct 'partner_center', CustomerId from reconciliation"
        " union select distinct 'azure', SubscriptionId from actual"
        " union select distinct 'gcp', coalesce(project.id, billing_account_id) from billing",
    )

    assert [account for account in accounts if account not in owned] == []
    assert len(accounts) == 24
