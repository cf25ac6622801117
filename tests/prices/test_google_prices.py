"""Google's pricing export into the price list: Parquet and JSON lines files of `cloud_pricing_export`."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Shop
from emulators.bigquery import DAY, BigQuery, running_bigquery
from google.cloud import bigquery

from cspbill.settings import PROJECT_ROOT

NUMERIC = pa.decimal128(38, 9)
RATE = pa.struct(
    [("start_usage_amount", pa.float64()), ("pricing_unit_quantity", NUMERIC), ("usd_amount", NUMERIC),
     ("account_currency_amount", NUMERIC)]
)  # fmt: skip
PRICE = pa.struct([("tiered_rates", pa.list_(RATE))])
NAMED = pa.struct([("id", pa.string()), ("description", pa.string())])
SCHEMA = pa.schema(
    [("pricing_as_of_time", pa.timestamp("us", "UTC")), ("billing_account_id", pa.string()), ("service", NAMED),
     ("sku", NAMED), ("pricing_unit", pa.string()), ("pricing_unit_description", pa.string()),
     ("account_currency_code", pa.string()), ("list_price", PRICE), ("billing_account_price", PRICE)]
)  # fmt: skip

Record = dict[str, Any]


def rates(*tiers: tuple[float, str], per: str = "1") -> Record:
    return {
        "tiered_rates": [
            {"start_usage_amount": start, "pricing_unit_quantity": Decimal(per), "usd_amount": Decimal(amount),
             "account_currency_amount": Decimal(amount)}
            for start, amount in tiers
        ]
    }  # fmt: skip


def sku(name: str, listed: Record, own: Record | None = None, day: int = 16, account: str = "01-A") -> Record:
    return {
        "pricing_as_of_time": dt.datetime(2024, 9, day, 7, tzinfo=dt.UTC), "billing_account_id": account,
        "service": {"id": "6F81", "description": "Compute Engine"},
        "sku": {"id": name, "description": f"Core {name}"},
        "pricing_unit": "GiBy.mo", "pricing_unit_description": "gibibyte month", "account_currency_code": "EUR",
        "list_price": listed, "billing_account_price": own,
    }  # fmt: skip


def parquet(shop: Shop, *records: Record) -> str:
    path = shop.config.parent / "pricing.parquet"
    pq.write_table(pa.Table.from_pylist(list(records), SCHEMA), path)
    return str(path)


def test_the_newest_copy_gives_list_and_contract_price_from_the_month_s_first_day(shop: Shop):
    file = parquet(
        shop,
        sku("USED", rates((0, "0.03")), day=15),
        sku("USED", rates((0, "0.031611")), rates((0, "0.0284"))),
    )
    shop.fill("google", "--file", file)
    assert shop.rows() == [
        {
            "vendor": "Google Cloud", "service": "Compute Engine", "sku": "USED", "region": "",
            "unit": "gibibyte month", "list_price": "0.031611", "currency": "EUR", "cost_price": "0.0284",
            "description": "Core USED [sheet: google 01-A]", "valid_from": "2024-09-01", "valid_to": "",
        }
    ]  # fmt: skip


def test_the_day_of_the_newest_copy_is_utc_wherever_the_machine_stands(shop: Shop):
    early = sku("USED", rates((0, "1"))) | {"pricing_as_of_time": dt.datetime(2024, 9, 1, 3, tzinfo=dt.UTC)}
    command = [sys.executable, "-m", "cspbill.cli", "prices", "google", "--file", parquet(shop, early)]
    subprocess.run(command, env={**os.environ, "TZ": "America/Los_Angeles"}, cwd=PROJECT_ROOT, check=True)
    assert shop.listed("list_price", "valid_from") == [("1", "2024-09-01")]


def test_the_first_tier_that_costs_something_counts_with_its_own_contract_price(shop: Shop):
    listed = rates((5, "0.02"), (1024, "0.01"), (0, "0"))
    own = rates((0, "0"), (5, "0.018"), (1024, "0.009"))
    shop.fill("google", "--file", parquet(shop, sku("USED", listed, own)))
    assert shop.listed("list_price", "cost_price", "description") == [
        ("0.02", "0.018", "Core USED (one of 3 tiers: from 5 on) [sheet: google 01-A]")
    ]


def test_a_price_per_thousand_is_divided_exactly_and_rounded_at_the_12th_decimal(shop: Shop):
    file = parquet(
        shop, sku("USED", rates((0, "0.4"), per="1000")), sku("THIRD", rates((0, "0.000000002"), per="3000"))
    )
    shop.fill("google", "--file", file, "--sku", "third")
    assert shop.listed("sku", "list_price") == [("THIRD", "0.000000000001"), ("USED", "0.0004")]


def test_a_price_that_changes_on_a_later_day_ends_the_old_one_on_that_day(shop: Shop):
    shop.fill("google", "--file", parquet(shop, sku("USED", rates((0, "1")), day=5)))
    shop.fill("google", "--file", parquet(shop, sku("USED", rates((0, "1")), day=10)))
    shop.fill("google", "--file", parquet(shop, sku("USED", rates((0, "2")), day=16)))
    assert shop.listed("list_price", "valid_from", "valid_to") == [
        ("1", "2024-09-01", "2024-09-16"),
        ("2", "2024-09-16", ""),
    ]


def test_json_lines_keep_their_digits(shop: Shop):
    record = sku("USED", rates((0, "0.031611")))
    text = json.dumps(
        {**record, "pricing_as_of_time": "2024-09-16 07:00:00 UTC", "new_column": 1}, default=str
    )
    shop.fill("google", "--file", shop.put("pricing.json", text + "\n"))
    assert shop.listed("list_price", "cost_price") == [("0.031611", "")]


def test_of_several_billing_accounts_one_must_be_named(shop: Shop):
    file = parquet(shop, sku("USED", rates((0, "1"))), sku("USED", rates((0, "2")), account="02-B"))
    assert "several; name one with --account: 01-A, 02-B" in shop.refused("google", "--file", file)
    shop.fill("google", "--file", file, "--account", "02-B")
    assert shop.listed("list_price") == [("2",)]


def test_a_file_of_another_table_is_refused_by_the_columns_that_it_lacks(shop: Shop):
    path = shop.config.parent / "usage.parquet"
    pq.write_table(pa.table({"cost": [1.5], "sku": ["a"]}), path)
    message = shop.refused("google", "--file", str(path))
    assert "usage.parquet:1: list_price: column is missing" in message
    cut = Path(parquet(shop, sku("USED", rates((0, "1"))))).read_bytes()[:-20]
    assert "cut.parquet: not readable" in shop.refused("google", "--file", shop.put("cut.parquet", cut))


def field(name: str, kind: str, *inner: bigquery.SchemaField, mode: str = "NULLABLE") -> bigquery.SchemaField:
    return bigquery.SchemaField(name, kind, mode, fields=inner)


def price_field(name: str) -> bigquery.SchemaField:
    numbers = [
        field(n, "NUMERIC") for n in ("pricing_unit_quantity", "usd_amount", "account_currency_amount")
    ]
    rate = field("tiered_rates", "RECORD", field("start_usage_amount", "FLOAT"), *numbers, mode="REPEATED")
    return field(name, "RECORD", rate)


TEXTS = ("billing_account_id", "pricing_unit", "pricing_unit_description", "account_currency_code")
TABLE = [
    field("export_time", "TIMESTAMP"), field("pricing_as_of_time", "TIMESTAMP"),
    *(field(name, "STRING") for name in TEXTS),
    *(field(name, "RECORD", field("id", "STRING"), field("description", "STRING")) for name in ("service", "sku")),
    price_field("list_price"), price_field("billing_account_price"), field(DAY, "DATE"),
]  # fmt: skip


def exported(record: Record) -> Record:
    """A row as BigQuery's own JSON has it."""
    text = json.loads(json.dumps(record, default=str))
    return {**text, "export_time": text["pricing_as_of_time"]}


@pytest.fixture(scope="module")
def emulator() -> Iterator[BigQuery]:
    with running_bigquery() as running:
        yield running


def test_the_table_in_bigquery_gives_the_newest_prices_of_now_and_of_a_past_month(
    shop: Shop, emulator: BigQuery
):
    table = emulator.table(f"{emulator.dataset()}.cloud_pricing_export", TABLE)
    august = sku("USED", rates((0, "0.02")))
    august["pricing_as_of_time"] = dt.datetime(2024, 8, 30, 7, tzinfo=dt.UTC)
    now = sku("USED", rates((0, "0.031611"), (1024, "0.03")), rates((0, "0.0284"), (1024, "0.02")), day=19)
    table.add([exported(august), exported(sku("USED", rates((0, "9")), day=18)), exported(now)])
    how = ("google", "--table", table.name, "--endpoint-url", emulator.url, "--partition-column", DAY)
    assert "BigQuery will read" in shop.fill(*how)
    shop.fill(*how, "--month", "2024-08")
    assert shop.listed("list_price", "cost_price", "valid_from", "valid_to") == [
        ("0.02", "", "2024-08-01", "2024-09-01"),
        ("0.031611", "0.0284", "2024-09-01", ""),
    ]


def test_a_table_that_is_not_there_or_has_no_such_column_is_named(shop: Shop, emulator: BigQuery):
    how = ("google", "--endpoint-url", emulator.url, "--table", f"{emulator.dataset()}.cloud_pricing_export")
    assert "not found; check the source's table and location" in shop.refused(*how)
    emulator.table(how[-1], TABLE)
    message = shop.refused(*how, "--partition-column", "day")
    assert "day is no column; allowed for --partition-column" in message
    assert "is not a table; allowed: project.dataset" in shop.refused(*how[:-1], "a.b`; drop")
