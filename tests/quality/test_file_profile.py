"""The profile of one file: counts, examples and control totals as gate 1 sees them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from extractors import reading
from extractors.focus_files.focus import FOCUS
from quality.profile import Example, FileProfile, profile_file

SAMPLE = Path(__file__).resolve().parents[2] / "cspbill" / "demo" / "sample" / "focus_sample.csv"


def profile(path: Path) -> FileProfile:
    with reading.connect() as connection:
        return profile_file(connection, path, path.name, FOCUS)


def test_the_real_sample_has_these_control_totals():
    found = profile(SAMPLE)
    assert [(part.period, part.currency, part.rows, part.cost, len(part.days)) for part in found.slices] == [
        (dt.date(2024, 9, 1), "USD", 999, Decimal("20.280226728990"), 30),
        (dt.date(2024, 10, 1), "USD", 1, Decimal("0.240000000000"), 1),
    ]
    assert (found.rows, found.reversed_rows, found.unreadable) == (1000, 0, None)
    assert found.slices[0].invoiced is None  # FOCUS 1.0 has no InvoiceId


def test_the_real_sample_has_these_columns():
    found = profile(SAMPLE)
    contracted, start = found.column("ContractedCost"), found.column("ChargePeriodStart")
    assert contracted is not None
    assert start is not None
    assert len(found.columns) == 44
    assert (contracted.type, contracted.required, contracted.bad, contracted.nulls) == ("VARCHAR", True, 0, 7)
    assert (start.first, start.last) == (
        dt.datetime.fromisoformat("2024-09-01"),
        dt.datetime.fromisoformat("2024-09-30 23:00"),
    )


def test_a_bad_value_is_counted_and_its_first_row_shown(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text('BilledCost,Note\n1,"a\nb"\n2,\nthree,\nfour,\n')
    cost = profile(path).column("BilledCost")
    assert cost is not None
    assert (cost.bad, cost.example) == (2, Example(3, "three"))


def test_amounts_with_more_than_twelve_decimals_are_counted(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("BilledCost\n0.1234567890123\n0.123456789012\n1E-13\n")
    cost = profile(path).column("BilledCost")
    assert cost is not None
    assert cost.rounded == 2


def test_a_missing_required_column_is_in_the_profile(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("BilledCost\n1\n")
    missing = [column.name for column in profile(path).columns if not column.present]
    assert "ProviderName or ServiceProviderName" in missing
    assert len(missing) == 10


def test_totals_are_kept_per_period_and_currency(tmp_path: Path):
    path = tmp_path / "a.parquet"
    duckdb.sql(
        "copy (select * from (values ('2024-09-01'::timestamp, 'USD', 0.1::double, 'I-1'), "
        "('2024-09-01', 'USD', 0.2, null), ('2024-09-01', 'EUR', 5, null), ('2024-08-01', 'USD', 7, 'I-2')) "
        f"t(BillingPeriodStart, BillingCurrency, BilledCost, InvoiceId)) to '{path}' (format parquet)"
    )
    assert [
        (part.period, part.currency, part.rows, part.cost, part.invoiced) for part in profile(path).slices
    ] == [
        (dt.date(2024, 8, 1), "USD", 1, Decimal("7.000000000000"), 1),
        (dt.date(2024, 9, 1), "EUR", 1, Decimal("5.000000000000"), 0),
        (dt.date(2024, 9, 1), "USD", 2, Decimal("0.300000000000"), 1),
    ]


@pytest.mark.parametrize(
    ("double", "amount"),
    [
        ("123456.789", "123456.789000000000"),
        ("0.1", "0.100000000000"),
        ("999.999999999999", "999.999999999999"),
        ("5e-13", "0.000000000001"),
        ("-5e-13", "-0.000000000001"),
        ("9007199254740993", "9007199254740992.000000000000"),
    ],
)
def test_a_double_means_its_shortest_decimal_text_rounded_half_away_from_zero(tmp_path: Path, double, amount):
    path = tmp_path / "a.parquet"
    duckdb.sql(f"copy (select '{double}'::double as BilledCost) to '{path}' (format parquet)")
    assert profile(path).slices[0].cost == Decimal(amount)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e16"])
def test_a_double_that_is_no_amount_is_bad(tmp_path: Path, value: str):
    path = tmp_path / "a.parquet"
    duckdb.sql(f"copy (select '{value}'::double as BilledCost) to '{path}' (format parquet)")
    cost = profile(path).column("BilledCost")
    assert cost is not None
    assert cost.bad == 1
