"""The money macros, rendered and run on DuckDB, against Python's Decimal."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import duckdb
import jinja2
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cspbill.settings import DBT_PROJECT

TWELVE = Decimal("1e-12")
examples = hypothesis_settings(max_examples=150, deadline=None, derandomize=True, database=None)


def decimals(least: str, most: str, places: int = 12) -> st.SearchStrategy[Decimal]:
    return st.decimals(least, most, allow_nan=False, allow_infinity=False, places=places)


class Adapter:
    """dbt's dispatch, as far as the macros use it: the default body."""

    module: Any

    def dispatch(self, name: str) -> Any:
        return getattr(self.module, f"default__{name}")


@pytest.fixture(scope="module")
def macros() -> Any:
    folders = (DBT_PROJECT / "macros" / name for name in ("money", "engine"))
    sources = (path.read_text("utf-8") for folder in folders for path in sorted(folder.glob("*.sql")))
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
    adapter = Adapter()
    environment.globals |= {"adapter": adapter, "return": lambda value: value}
    adapter.module = environment.from_string("\n".join(sources)).module
    return adapter.module


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def literal(value: Decimal, decimal_type: str = "decimal(28, 12)") -> str:
    return f"cast('{value:f}' as {decimal_type})"


def result(engine: duckdb.DuckDBPyConnection, expression: str) -> Decimal:
    row = engine.execute(f"select {expression}").fetchone()
    assert row is not None
    assert isinstance(row[0], Decimal)
    return row[0]


def rounded(value: Decimal, unit: Decimal = TWELVE) -> Decimal:
    return value.quantize(unit, ROUND_HALF_UP)


@examples
@given(a=decimals("-99999999", "99999999"), b=decimals("-999999", "999999"))
def test_money_mul_is_exact_to_twelve_decimals_half_away_from_zero(macros, engine, a, b):
    with localcontext(prec=80):
        assert result(engine, macros.money_mul(literal(a), literal(b))) == rounded(a * b)


@examples
@given(amount=decimals("-9999999999", "9999999999"), percent=decimals("-100", "9999", places=6))
def test_percent_of_is_exact(macros, engine, amount, percent):
    expression = macros.percent_of(literal(amount), literal(percent, "decimal(10, 6)"))
    with localcontext(prec=80):
        assert result(engine, expression) == rounded(amount * percent / 100)


def test_tax_on_the_largest_document_does_not_overflow(macros, engine):
    taxable = literal(Decimal("99999999999999.9999"), "decimal(18, 4)")
    expression = macros.percent_of(taxable, literal(Decimal(19), "decimal(10, 6)"))
    assert result(engine, expression) == Decimal("18999999999999.999981")


@examples
@given(numerator=decimals("0", "9999999999"), denominator=decimals("0.000001", "99999999"))
def test_exact_ratio_divides_without_binary_floating_point(macros, engine, numerator, denominator):
    with localcontext(prec=80):
        expected = rounded(numerator / denominator)
    assert result(engine, macros.exact_ratio(literal(numerator), literal(denominator))) == expected


@pytest.mark.parametrize(
    ("amount", "minor_units", "expected"),
    [
        ("0.005", 2, "0.01"),
        ("-0.005", 2, "-0.01"),
        ("0.004999999999", 2, "0"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("1234.5", 0, "1235"),
        ("1.0005", 3, "1.001"),
        ("1.00005", 4, "1.0001"),
    ],
)
def test_rounding_to_the_minor_unit_is_half_away_from_zero(macros, engine, amount, minor_units, expected):
    expression = macros.round_to_minor_unit(literal(Decimal(amount)), minor_units)
    assert result(engine, expression) == Decimal(expected)


def test_an_amount_beyond_document_money_raises_instead_of_being_cut(macros, engine):
    with pytest.raises(duckdb.ConversionException):
        result(engine, macros.round_to_minor_unit(literal(Decimal("99999999999999.995")), 2))


@examples
@given(amount=decimals("-9999999999", "9999999999"), minor_units=st.sampled_from([0, 2, 3, 4]))
def test_rounding_agrees_with_decimal_for_every_minor_unit(macros, engine, amount, minor_units):
    expression = macros.round_to_minor_unit(literal(amount), minor_units)
    assert result(engine, expression) == rounded(amount, Decimal(1).scaleb(-minor_units))


def test_a_ratio_by_zero_is_no_number(macros, engine):
    row = engine.execute(f"select {macros.exact_ratio('1', '0')}").fetchone()
    assert row == (None,)


def test_a_product_too_large_for_its_type_raises_instead_of_wrapping(macros, engine):
    huge = literal(Decimal(999999999999999))
    with pytest.raises(duckdb.OutOfRangeException):
        result(engine, macros.money_mul(huge, huge))


@pytest.mark.parametrize(
    ("value", "text"), [("12.5", "12.5"), ("100", "100"), ("0", "0"), ("0.000000000001", "0.000000000001")]
)
def test_plain_numbers_lose_only_trailing_zeros(macros, engine, value, text):
    row = engine.execute(f"select {macros.plain_number(literal(Decimal(value)))}").fetchone()
    assert row == (text,)
