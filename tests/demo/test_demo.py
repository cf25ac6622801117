"""The demo is the same everywhere, ties in itself, and is what the issue asks for."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

from cspbill.book import read_book
from cspbill.demo import write_demo

SOURCES = ("aws", "microsoft", "google")
AMOUNTS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost")
NUMBERS = (*AMOUNTS, "ListUnitPrice", "ContractedUnitPrice", "PricingQuantity")
IDS = ("CommitmentDiscountId", "SkuId", "SubAccountId", "SubAccountName", "ResourceName", "PricingUnit")
KINDS = ("ChargeCategory", "ChargeClass", "ChargeDescription", "ServiceCategory", "ServiceName")
TIMES = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")


@pytest.fixture(scope="module")
def charges(demo: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    files = demo / "vendor-files"
    columns = ", ".join((*NUMBERS, *IDS, *KINDS, *TIMES))
    types = dict.fromkeys(NUMBERS, "DECIMAL(28,12)")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            f"""
            create table charges as
                select 'aws' as source, {columns}
                from read_parquet('{files}/aws/*/*.parquet', hive_partitioning = false)
                union all
                select 'google', {columns} from read_parquet('{files}/google/*/*.parquet')
                union all
                select 'microsoft', {columns} from read_csv('{files}/microsoft/*/*.csv.gz', types = {types})
            """
        )
        yield connection


def rows(charges: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return charges.execute(query).fetchall()


def book(demo: Path, name: str) -> list[dict[str, str]]:
    with (demo / "config" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digests(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_two_runs_write_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    write_demo(tmp_path)

    assert digests(tmp_path) == digests(demo)


def test_a_second_run_changes_nothing_and_keeps_what_a_person_edited(demo: Path) -> None:
    customers = demo / "config" / "customers.csv"
    original = customers.read_bytes()
    customers.write_bytes(original.replace(b"Am Sandtorkai 811", b"Am Sandtorkai 812"))
    before = {path: path.stat().st_mtime_ns for path in demo.rglob("*") if path.is_file()}

    listed = write_demo(demo)

    after = {path: path.stat().st_mtime_ns for path in demo.rglob("*") if path.is_file()}
    customers.write_bytes(original)
    assert after == before
    assert listed == sorted(before)


def test_a_month_that_a_crash_left_half_written_is_written_again(demo: Path) -> None:
    before = digests(demo)
    month = demo / "vendor-files" / "google" / "2024-07"
    half = demo / ".partial"
    month.rename(half)
    (half / "part-0001.parquet").write_bytes(b"PAR1")

    write_demo(demo)

    assert digests(demo) == before


def test_the_real_sample_is_unchanged(demo: Path) -> None:
    sample = (demo / "vendor-files" / "focus_sample" / "focus_sample.csv").read_bytes()

    assert (
        hashlib.sha256(sample).hexdigest()
        == "e91e5ac7edf01ed2c9d926f37ef7dc1ae2aae97956fea8da6c9ee488b1c2839e"
    )


def test_september_has_about_a_hundred_thousand_rows(charges: duckdb.DuckDBPyConnection) -> None:
    [(count,)] = rows(charges, "select count(*) from charges where BillingPeriodStart = '2024-09-01'")

    assert 95_000 <= count <= 110_000


def test_every_source_has_june_to_september_and_grows(charges: duckdb.DuckDBPyConnection) -> None:
    months = rows(
        charges,
        "select strftime(BillingPeriodStart, '%Y-%m'), count(distinct source), sum(BilledCost)"
        " from charges group by all order by all",
    )

    assert [(month, sources) for month, sources, _ in months] == [
        ("2024-06", 3),
        ("2024-07", 3),
        ("2024-08", 3),
        ("2024-09", 3),
    ]
    assert sorted(billed for *_, billed in months) == [billed for *_, billed in months]


def test_list_and_contracted_cost_are_price_times_quantity_to_the_last_digit(
    charges: duckdb.DuckDBPyConnection,
) -> None:
    broken = rows(
        charges,
        "select * from charges where ListUnitPrice * PricingQuantity <> ListCost"
        " or ContractedUnitPrice * PricingQuantity <> ContractedCost",
    )

    assert broken == []


def test_every_row_has_its_four_costs_a_period_and_an_account(charges: duckdb.DuckDBPyConnection) -> None:
    mandatory = (*AMOUNTS, "ChargeDescription", "ServiceName", "ServiceCategory", "SubAccountId")
    missing = " or ".join(f"{column} is null" for column in mandatory)

    assert (
        rows(charges, f"select * from charges where {missing} or ChargePeriodEnd <= ChargePeriodStart") == []
    )


def test_usage_lies_in_its_billing_period(charges: duckdb.DuckDBPyConnection) -> None:
    outside = rows(
        charges,
        "select * from charges where ChargeClass is null"
        " and (ChargePeriodStart < BillingPeriodStart or ChargePeriodEnd > BillingPeriodEnd)",
    )

    assert outside == []


def test_a_commitment_costs_each_month_what_its_usage_amortises(charges: duckdb.DuckDBPyConnection) -> None:
    commitments = rows(
        charges,
        "select CommitmentDiscountId, BillingPeriodStart, sum(BilledCost), sum(EffectiveCost)"
        " from charges where CommitmentDiscountId is not null group by all",
    )

    assert len(commitments) == 16
    assert [(billed, billed) for *_, billed, _ in commitments] == [
        (billed, effective) for *_, billed, effective in commitments
    ]


def test_the_manifest_states_the_file_and_its_exact_total(demo: Path) -> None:
    folder = demo / "vendor-files" / "microsoft" / "2024-09"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    [entry] = manifest["files"]
    with gzip.open(folder / entry["name"], "rt", encoding="utf-8", newline="") as file:
        costs = [Decimal(row["BilledCost"]) for row in csv.DictReader(file)]

    assert entry["sha256"] == hashlib.sha256((folder / entry["name"]).read_bytes()).hexdigest()
    assert entry["rows"] == len(costs)
    assert {currency: Decimal(total) for currency, total in manifest["totals"].items()} == {"EUR": sum(costs)}


def test_there_are_forty_accounts(charges: duckdb.DuckDBPyConnection) -> None:
    assert rows(charges, "select count(distinct source || SubAccountId) from charges") == [(40,)]


def test_search_is_switched_off_on_the_seventeenth_of_september(charges: duckdb.DuckDBPyConnection) -> None:
    [(last,)] = rows(
        charges,
        "select max(ChargePeriodEnd)::varchar from charges where ServiceName = 'Amazon OpenSearch Service'",
    )

    assert last.startswith("2024-09-17 18:00:00")


def test_virtual_machines_on_office_hours_rest_at_night_and_at_weekends(
    charges: duckdb.DuckDBPyConnection,
) -> None:
    outside = rows(
        charges,
        "select * from charges where ResourceName like 'staging-shop-%'"
        " and (isodow(ChargePeriodStart) > 5 or hour(ChargePeriodStart) not between 6 and 17)",
    )

    assert outside == []


def test_traffic_spikes_in_the_middle_of_september(charges: duckdb.DuckDBPyConnection) -> None:
    [(spike, usual)] = rows(
        charges,
        "select max(cost) filter (day between '2024-09-12' and '2024-09-14'),"
        " max(cost) filter (day < '2024-09-12')"
        " from (select ChargePeriodStart::date as day, sum(BilledCost) as cost from charges"
        " where ResourceName = 'shop-cdn' and ChargeCategory = 'Usage' group by all)",
    )

    assert spike > 5 * usual


def test_the_new_customer_starts_on_the_twelfth_of_september(charges: duckdb.DuckDBPyConnection) -> None:
    first = rows(
        charges,
        "select min(ChargePeriodStart)::date::varchar from charges where SubAccountName like 'foerdewind-%'",
    )

    assert first == [("2024-09-12",)]


def test_every_kind_of_charge_occurs(charges: duckdb.DuckDBPyConnection) -> None:
    kinds = rows(charges, "select distinct ChargeCategory from charges order by all")
    corrections = rows(
        charges,
        "select ChargeCategory, ChargePeriodStart::date::varchar, BilledCost from charges"
        " where ChargeClass = 'Correction'",
    )

    assert kinds == [("Adjustment",), ("Credit",), ("Purchase",), ("Tax",), ("Usage",)]
    assert corrections == [("Purchase", "2024-08-01", Decimal("-276.750000000000"))]


def test_every_account_but_one_belongs_to_a_customer_or_the_reseller(
    demo: Path, charges: duckdb.DuckDBPyConnection
) -> None:
    reseller = yaml.safe_load((demo / "config" / "reseller.yml").read_text(encoding="utf-8"))
    owned = {(row["source"], row["account_id"]) for row in book(demo, "accounts")} | {
        (source["name"], account)
        for source in reseller["sources"]
        for account in source.get("owner_accounts", ())
    }
    accounts = rows(charges, "select distinct source, SubAccountId::varchar, SubAccountName from charges")

    assert [name for source, account, name in accounts if (source, account) not in owned] == [
        "poc-spring-2024"
    ]


def test_every_account_of_the_real_sample_belongs_to_a_customer(demo: Path) -> None:
    owned = {row["account_id"] for row in book(demo, "accounts") if row["source"] == "focus_sample"}
    with (demo / "vendor-files" / "focus_sample" / "focus_sample.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        assert {row["SubAccountId"] for row in csv.DictReader(file)} == owned
    assert len(owned) == 73


def test_fifteen_customers_in_seven_countries_pay_in_four_currencies(demo: Path) -> None:
    customers = book(demo, "customers")

    assert len(customers) == 15
    assert {row["currency"] for row in customers} == {"EUR", "USD", "GBP", "CHF"}
    assert {row["country"] for row in customers} == {"DE", "AT", "FR", "NL", "GB", "US", "CH"}


def test_prices_by_unit_name_a_sku_in_the_unit_that_the_vendor_prices(
    demo: Path, charges: duckdb.DuckDBPyConnection
) -> None:
    units = set(
        rows(charges, "select distinct SkuId, PricingUnit from charges where ChargeCategory <> 'Tax'")
    )
    models = ("unit_price", "graduated", "volume", "package")
    by_sku = [row for row in book(demo, "price_rules") if row["model"] in models and row["sku"]]

    assert [row["rule_id"] for row in by_sku if (row["sku"], row["unit"]) not in units] == []
    assert len(by_sku) == 11


def test_every_service_that_a_rule_names_is_used(demo: Path, charges: duckdb.DuckDBPyConnection) -> None:
    services = {service for (service,) in rows(charges, "select distinct ServiceName from charges")}
    named = {row["service"] for table in ("price_rules", "discounts") for row in book(demo, table)} - {""}

    assert named <= services


def test_exchange_rates_cover_every_month_of_the_demo(demo: Path) -> None:
    quoted = {(row["date"], row["quote"]) for row in book(demo, "fx_rates")}
    eves = ("2024-05-31", "2024-06-28", "2024-07-31", "2024-08-30", "2024-09-30")

    assert {(eve, quote) for eve in eves for quote in ("USD", "GBP", "CHF", "PLN")} <= quoted


def test_the_book_is_valid(demo: Path) -> None:
    assert [source.name for source in read_book(demo / "config").sources] == [
        *SOURCES,
        "focus_sample",
        "aws_payer",
        "partner_center",
        "azure",
        "gcp",
    ]
