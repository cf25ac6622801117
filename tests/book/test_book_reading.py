"""What a valid book becomes in memory, and what `check` says about it."""

import datetime as dt
from decimal import Decimal

import pytest

from cspbill.book import Source, read_book, summary, write_example
from cspbill.errors import InputError


def rows(book, table, *columns):
    return [tuple(row[column] for column in columns) for row in book.tables[table]]


def test_a_source_has_its_settings_and_an_absolute_folder(write):
    directory = write(
        {
            "reseller.yml": "legal_name: R\ncountry: NO\nbase_currency: NOK\npostal_code: 0150\nsources:\n"
            "  - {name: aws, kind: FOCUS_FILES, vendor: AWS, path: ./files, tolerance: 0.10, "
            "owner_accounts: [012345678901, ' 7 ']}\n"
            "  - {name: store, kind: focus_files, path: 's3://bucket/focus/', endpoint_url: 'http://localhost:9000'}\n"
        }
    )
    book = read_book(directory)
    assert book.sources == (
        Source(
            name="aws",
            kind="focus_files",
            vendor="AWS",
            tolerance=Decimal("0.10"),
            owner_accounts=("012345678901", "7"),
            options={"path": str(directory / "files")},
        ),
        Source(
            name="store",
            kind="focus_files",
            vendor=None,
            tolerance=Decimal(0),
            owner_accounts=(),
            options={"path": "s3://bucket/focus/", "endpoint_url": "http://localhost:9000"},
        ),
    )
    # YAML itself would read Norway as false and the postal code as 104.
    assert (book.reseller["country"], book.reseller["postal_code"]) == ("NO", "0150")


def test_blanks_take_their_defaults(write):
    book = read_book(write())
    assert rows(book, "accounts", "source", "account_id", "share", "valid_to") == [
        ("aws", "001", Decimal(100), None),
        (None, "002", Decimal(100), None),
    ]
    assert rows(book, "customers", "billing_frequency", "locale", "payment_terms_days") == [
        ("monthly", "en_GB", 30),
        ("monthly", "en_GB", 30),
    ]
    assert book.reseller["fx_policy"] == "month"
    assert (book.reseller["invoice_series_invoice"], book.reseller["invoice_series_credit_note"]) == (
        "INV",
        "CN",
    )
    assert (book.reseller["first_number"], book.reseller["close_day"]) == (1, 5)


def test_text_is_trimmed_and_references_take_the_spelling_of_their_definition(write):
    book = read_book(write({"contracts.csv": "contract_id,customer_id,price_book\nC1, ACME ,BASE\n"}))
    assert rows(book, "contracts", "customer_id", "price_book", "config_line") == [("acme", "base", 2)]


def test_a_more_specific_rule_has_the_higher_specificity(write):
    rules = (
        "price_book,rule_id,vendor,publisher,service,sku,region,charge_category,model,unit_price\n"
        "base,any,,*,,,,,flat,1\n"
        "base,sku,,,,s,,,flat,1\n"
        "base,all-but-sku,v,p,s,,r,usage,flat,1\n"
    )
    book = read_book(write({"price_rules.csv": rules}))
    assert rows(book, "price_rules", "rule_id", "specificity", "charge_category") == [
        ("any", 0, None),
        ("sku", 32, None),
        ("all-but-sku", 31, "Usage"),
    ]


def test_rules_with_the_same_selectors_follow_each_other_in_time(write):
    rules = (
        "price_book,rule_id,service,priority,model,unit_price,valid_from,valid_to\n"
        "base,old,EC2,,flat,5,,2024-07-01\n"
        "base,new,EC2,,flat,6,2024-07-01,\n"
        "base,better,EC2,1,flat,4,2024-08-01,\n"
    )
    assert read_book(write({"price_rules.csv": rules})).count("price_rules") == 3


def test_shares_of_100_on_every_day_are_accepted(write):
    accounts = (
        "source,account_id,customer_id,share,valid_from,valid_to\n"
        "aws,001,acme,100,,2024-06-15\n"
        "aws,001,acme,33.333333,2024-06-15,\n"
        "aws,001,bolt,66.666667,2024-06-15,\n"
    )
    assert read_book(write({"accounts.csv": accounts})).count("accounts") == 3


def test_a_book_from_a_spreadsheet_with_byte_order_mark_and_blank_lines_is_read(write):
    content = (
        "\ufeffcustomer_id,legal_name,country,currency\r\nacme,Acme,de,eur\r\n,,,\r\n\r\n"
        'bolt,"Bolt, Ltd",gb,gbp\r\n'
    )
    book = read_book(write({"customers.csv": content}))
    assert rows(book, "customers", "legal_name", "country", "currency", "config_line") == [
        ("Acme", "DE", "EUR", 2),
        ("Bolt, Ltd", "GB", "GBP", 5),
    ]


def test_tax_status_follows_country_and_form_of_the_vat_id(write):
    customers = (
        "customer_id,legal_name,country,currency,tax_id\n"
        "acme,A,DE,EUR,DE136695976\n"
        "bolt,B,GB,GBP,GB980780684\n"
        "wrong,C,FR,EUR,FR12345678901\n"
        "none,D,GR,EUR,\n"
    )
    book = read_book(write({"customers.csv": customers}))
    assert rows(book, "customers", "customer_id", "tax_in_eu", "vat_id_valid") == [
        ("acme", True, True),
        ("bolt", False, False),
        ("wrong", True, False),
        ("none", True, False),
    ]
    assert (
        "note: customers.csv:4: tax_id: 'FR12345678901' has not the form of an EU VAT id "
        "(with its country prefix): taxed as if blank"
    ) in summary(book)


def test_a_tax_code_left_blank_follows_from_its_rate(write):
    rates = "country,tax_category,rate\nDE,standard,19\nGB,standard,0\n"
    book = read_book(write({"tax_rates.csv": rates}))
    assert rows(book, "tax_rates", "rate", "code") == [(Decimal(19), "S"), (Decimal(0), "Z")]


def test_dates_and_negative_percents_keep_their_type(write):
    rules = "price_book,rule_id,model,basis,percent,valid_from\nbase,r,cost_plus,list,-2.5,2024-02-29\n"
    book = read_book(write({"price_rules.csv": rules}))
    assert rows(book, "price_rules", "percent", "valid_from") == [(Decimal("-2.5"), dt.date(2024, 2, 29))]


def test_rates_of_currencies_that_have_been_withdrawn_are_read(write):
    book = read_book(write({"fx_rates.csv": "date,base,quote,rate\n2022-12-30,EUR,HRK,7.5365\n"}))
    assert rows(book, "fx_rates", "quote", "rate") == [("HRK", Decimal("7.5365"))]


def test_a_summary_counts_rows_and_names_sources(write):
    lines = summary(read_book(write())).splitlines()
    assert lines[:3] == [
        "The book of business of Reseller is valid.",
        "  2 customers, 2 accounts, 2 contracts, 1 price books, 3 price rules, 2 tax rates",
        "  sources: aws (focus_files)",
    ]


def test_the_example_book_is_valid_and_has_nothing_to_note(tmp_path):
    files = write_example(tmp_path / "new" / "config")
    assert {file.name for file in files} >= {"reseller.yml", "customers.csv", "price_rules.csv"}
    book = read_book(tmp_path / "new" / "config")
    assert book.warnings == ()
    assert book.sources[0].options["path"] == str(tmp_path / "new" / "config" / "vendor-files")


def test_the_example_never_overwrites_anything(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="is not empty; allowed: a new or empty directory"):
        write_example(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_missing_directory_says_how_to_get_one(tmp_path):
    with pytest.raises(InputError, match="`cspbill init DIR` writes an example"):
        read_book(tmp_path / "none")


@pytest.mark.parametrize(
    ("color", "told"), [("#0b5394", False), ("#767676", False), ("#777777", True), ("#ffd700", True)]
)
def test_a_brand_color_too_light_to_read_is_named(write, color, told):
    """The amount payable is printed in it: pale yellow on white would leave customers guessing."""
    reseller = f'legal_name: R\ncountry: DE\nbase_currency: EUR\nsources: []\nbrand_color: "{color}"\n'
    warnings = [
        str(warning)
        for warning in read_book(write({"reseller.yml": reseller, "accounts.csv": None})).warnings
    ]

    assert any(f"'{color}' is hard to read on white" in warning for warning in warnings) is told
