"""A book in the warehouse: exact, whole or not at all, and loaded only when something changed."""

from decimal import Decimal
from importlib import resources

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cspbill.book import read_book, store_book


@pytest.fixture
def connection():
    with duckdb.connect() as memory:
        for name in ("ops.sql", "config.sql"):
            memory.execute(resources.files("cspbill").joinpath("schema", name).read_text("utf-8"))
        yield memory


def test_every_file_is_stored_with_its_lines(write, connection):
    assert store_book(connection, read_book(write())) is True
    assert connection.sql("select customer_id, tax_in_eu, config_line from config.customers").fetchall() == [
        ("acme", True, 2),
        ("bolt", False, 3),
    ]
    assert connection.sql("select rule_id, unit_price, specificity from config.price_rules").fetchall() == [
        ("all", None, 0),
        ("aws", None, 4),
        ("s3", Decimal("0.023000000000"), 20),
    ]
    assert connection.sql("select name, kind, tolerance from config.sources").fetchall() == [
        ("aws", "focus_files", Decimal(0))
    ]
    assert connection.sql(
        "select code, minor_units from config.currencies where code in ('JPY', 'KWD')"
    ).fetchall() == [
        ("JPY", 0),
        ("KWD", 3),
    ]


def test_an_unchanged_book_is_not_stored_again(write, connection):
    store_book(connection, read_book(write()))
    assert store_book(connection, read_book(write(name="same"))) is False


def test_order_of_rows_and_columns_white_space_and_notes_do_not_change_the_fingerprint(write):
    book = read_book(write())
    other = write(
        {
            "customers.csv": (
                "legal_name,country,currency,customer_id\nBolt Ltd, GB,GBP,bolt\nAcme GmbH,DE,EUR,acme\n"
            ),
            "price_books.csv": "price_book,currency,description\nbase,EUR,a note\n",
            "price_rules.csv": (
                "price_book,rule_id,vendor,service,model,basis,percent,unit_price,unit\n"
                "base,s3,AWS,S3,unit_price,,,0.0230,GB\n"
                "base,all,*,,cost_plus,billed,10.00,,\n"
                "base,aws,AWS,,list_minus,,5,,\n"
            ),
        },
        name="other",
    )
    assert read_book(other).fingerprint == book.fingerprint


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("price_rules.csv", "0.023", "0.024"),
        ("customers.csv", "Acme GmbH", "Acme AG"),
        ("accounts.csv", "001,acme", "001,bolt"),
        ("reseller.yml", "country: DE", "country: FR"),
    ],
)
def test_what_changes_an_amount_or_a_document_changes_the_fingerprint(write, file, old, new):
    directory = write()
    before = read_book(directory).fingerprint
    (directory / file).write_text((directory / file).read_text().replace(old, new))
    assert read_book(directory).fingerprint != before


def test_the_logo_counts_by_its_picture_and_not_by_its_path(write):
    sources = "sources: [{name: aws, kind: focus_files, path: f}]\n"
    reseller = f"legal_name: R\ncountry: DE\nbase_currency: EUR\nlogo: logo.svg\n{sources}"
    one, same, other = (
        read_book(write({"reseller.yml": reseller, "logo.svg": picture}, name=name))
        for name, picture in (("one", "<svg/>"), ("same", "<svg/>"), ("other", "<svg />"))
    )
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_moved_rows_are_stored_with_their_new_lines_without_counting_as_a_change(write, connection):
    store_book(connection, read_book(write()))
    moved = write(
        {
            "customers.csv": "customer_id,legal_name,country,currency\nbolt,Bolt Ltd,GB,GBP\nacme,Acme GmbH,DE,EUR\n"
        },
        name="moved",
    )
    assert store_book(connection, read_book(moved)) is False
    assert connection.sql(
        "select config_line from config.customers where customer_id = 'acme'"
    ).fetchall() == [(3,)]


def test_payments_and_accounts_are_stored_without_making_anything_rate_again(write, connection):
    """A bank statement entered every day must not rate every open month again."""
    store_book(connection, read_book(write()))
    files = {
        "payments.csv": "customer_id,date,amount,reference\nACME,2024-10-01,10.50,B1\n",
        "account_map.csv": "posting_type,vendor,tax_rate,account\nrevenue,AWS,19,8400\nrevenue,*,,8401\n",
    }
    assert store_book(connection, read_book(write(files, name="paid"))) is False
    assert connection.sql("select customer_id, amount, currency from config.payments").fetchall() == [
        ("acme", Decimal("10.5"), "EUR")
    ]
    accounts = connection.sql("select account, vendor, specificity from config.account_map order by 1")
    assert accounts.fetchall() == [("8400", "AWS", 24), ("8401", None, 0)]


@pytest.mark.parametrize(
    ("key", "stored"),
    [
        ("", None),
        ("accounting_exports: none", ""),
        ("accounting_exports: beancount, Xero", "xero, beancount"),
    ],
)
def test_the_wanted_exports_are_stored_in_one_order(write, connection, key, stored):
    sources = "sources: [{name: aws, kind: focus_files, path: f}]\n"
    reseller = f"legal_name: R\ncountry: DE\nbase_currency: EUR\n{key}\n{sources}"
    store_book(connection, read_book(write({"reseller.yml": reseller})))
    assert connection.sql("select accounting_exports from config.reseller").fetchall() == [(stored,)]


def test_a_book_that_fails_half_way_leaves_the_last_one_in_place(write, connection):
    store_book(connection, read_book(write()))
    connection.execute("drop table config.tax_rates")
    changed = read_book(write({"discounts.csv": "discount_id,kind,percent\nd,line,5\n"}, name="changed"))
    with pytest.raises(duckdb.CatalogException):
        store_book(connection, changed)
    assert connection.sql("select count(*) from config.discounts").fetchall() == [(0,)]
    assert connection.sql("select count(*) from config.customers").fetchall() == [(2,)]


prices = st.decimals(min_value=0, max_value=Decimal("9999999999999999.999999999999"), places=12)
percents = st.decimals(min_value=-100, max_value=9999, places=6)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(prices, percents), min_size=1, max_size=5))
def test_stored_decimals_equal_the_decimals_of_the_file(write, connection, tmp_path_factory, amounts):
    lines = "".join(
        f"base,u{n},u{n},unit_price,,,{price:f},GB\nbase,c{n},c{n},cost_plus,list,{percent:f},,\n"
        for n, (price, percent) in enumerate(amounts)
    )
    header = "price_book,rule_id,sku,model,basis,percent,unit_price,unit\n"
    name = tmp_path_factory.mktemp("book").name
    store_book(connection, read_book(write({"price_rules.csv": header + lines}, name=name)))
    stored = connection.sql(
        "select unit_price, percent from config.price_rules order by config_line"
    ).fetchall()
    assert [unit_price for unit_price, _ in stored[::2]] == [price for price, _ in amounts]
    assert [percent for _, percent in stored[1::2]] == [percent for _, percent in amounts]
