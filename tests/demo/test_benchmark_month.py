"""The benchmark's generator makes exactly the rows asked for, tied in themselves, and a book that prices them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from cspbill.book import read_book

GENERATOR = Path(__file__).resolve().parents[2] / "benchmarks" / "generate.py"


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bench")
    subprocess.run([sys.executable, str(GENERATOR), "--rows", "20000", "--out", str(out)], check=True)
    return out


def test_the_month_has_the_rows_asked_for_and_every_day(month: Path) -> None:
    usage = f"read_parquet('{month}/vendor-files/main/*/*.parquet')"

    assert duckdb.sql(
        f"select count(*), count(distinct (ResourceId, ChargePeriodStart)), count(distinct SubAccountId),"
        f" count(distinct SkuId) from {usage}"
    ).fetchone() == (20_000, 20_000, 2_000, 5_000)


def test_list_cost_is_price_times_quantity_to_the_last_digit(month: Path) -> None:
    usage = f"read_parquet('{month}/vendor-files/main/*/*.parquet')"

    assert duckdb.sql(
        f"select count(*) from {usage} where ListCost <> ListUnitPrice * PricingQuantity"
    ).fetchone() == (0,)


def test_the_tiny_delivery_has_ten_rows(month: Path) -> None:
    assert duckdb.sql(f"select count(*) from '{month}/tiny/*/*.parquet'").fetchone() == (10,)


def test_the_book_of_the_benchmark_is_valid(month: Path) -> None:
    assert [source.name for source in read_book(month / "config").sources] == ["bench"]
