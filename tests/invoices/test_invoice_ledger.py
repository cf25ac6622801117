"""Void, and verification: whatever is tampered with is named."""

from __future__ import annotations

from decimal import Decimal

import pytest
from invoice_warehouse import SEPTEMBER, Warehouse

from cspbill import warehouse
from cspbill.errors import InputError
from cspbill.settings import Settings
from invoices.issue import issue
from invoices.ledger import verify
from invoices.void import void


@pytest.fixture
def issued(shop: Warehouse, settings: Settings) -> Settings:
    one, two = shop.customer("a"), shop.customer("b")
    one.discount(one.usage("100.005"), "10")
    one.usage("33.333", service="Storage")
    two.usage("20")
    shop.write(one, two)
    issue(settings, SEPTEMBER)
    return settings


def tamper(settings: Settings, sql: str) -> tuple[str, ...]:
    with warehouse.connect(settings) as connection:
        connection.execute(sql)
    return verify(settings).problems


def test_an_untouched_ledger_verifies(issued: Settings) -> None:
    result = verify(issued)

    assert (result.documents, result.problems) == (2, ())


def test_a_void_negates_the_invoice_line_by_line_and_refers_to_it(issued: Settings, shop: Warehouse) -> None:
    number = void(issued, "INV-000001", "Wrong price")

    assert number == "CN-000001"
    lines = shop.query(
        "select amount, exact_amount, reference_document from ledger.document_line "
        "where document_number = 'CN-000001' order by line_number"
    )
    assert lines == [
        (Decimal("-100.01"), Decimal("-100.005"), "INV-000001"),
        (Decimal("10.00"), Decimal("10.0005"), "INV-000001"),
        (Decimal("-33.33"), Decimal("-33.333"), "INV-000001"),
    ]
    header = shop.query(
        "select net_amount, tax_amount, gross_amount, payable_amount, reference_document "
        "from ledger.document where document_number = 'CN-000001'"
    )
    expected = (Decimal("-123.34"), Decimal("-23.43"), Decimal("-146.77"), Decimal("-146.77"), "INV-000001")
    assert header == [expected]
    assert shop.query("select * exclude (voided_at) from ledger.void") == [
        ("INV-000001", "CN-000001", "Wrong price")
    ]
    assert verify(issued).problems == ()


def test_a_period_can_be_issued_again_after_a_void_and_the_sum_of_all_documents_is_one_invoice(
    issued: Settings, shop: Warehouse
) -> None:
    void(issued, "INV-000001", "Wrong price")
    result = issue(issued, SEPTEMBER)

    assert result.issued == ("INV-000003",)
    rows = shop.query("select sum(gross_amount) from ledger.document where customer_id = 'a'")
    assert rows == [(Decimal("146.77"),)]
    assert verify(issued).problems == ()


@pytest.mark.parametrize(
    ("number", "reason", "message"),
    [
        ("INV-000009", "x", "no document INV-000009"),
        ("INV-000002", " ", "needs a reason"),
        ("CN-000001", "x", "is a credit note"),
        ("INV-000001", "x", "is void already, by credit note CN-000001"),
    ],
)
def test_what_cannot_be_voided_is_refused_and_changes_nothing(
    issued: Settings, shop: Warehouse, number: str, reason: str, message: str
) -> None:
    void(issued, "INV-000001", "First")

    with pytest.raises(InputError, match=message):
        void(issued, number, reason)
    assert shop.query("select count(*) from ledger.document") == [(3,)]


def test_verify_names_a_changed_file_a_missing_file_and_a_file_of_no_document(issued: Settings) -> None:
    directory = issued.published / "invoices/2024-09/a"
    (directory / "INV-000001.pdf").write_bytes(b"%PDF-1.7 fake")
    (directory / "INV-000001.csv").unlink()
    (directory / "INV-000009.pdf").write_bytes(b"")

    assert verify(issued).problems == (
        "INV-000001: invoices/2024-09/a/INV-000001.pdf is not the file that was issued (SHA-256 differs)",
        "INV-000001: invoices/2024-09/a/INV-000001.csv is missing; `cspbill ledger publish` prints it again",
        "invoices/2024-09/a/INV-000009.pdf belongs to no document in the ledger",
    )


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "update ledger.document_line set amount = 33.34 where line_id = 'a-09-3'",
            "INV-000001: line 3 is 33.34, its exact amount 33.333 rounds to 33.33",
        ),
        (
            "update ledger.document_line set amount = 33.34 where line_id = 'a-09-3'",
            "INV-000001: lines sum to 123.35, net is 123.34",
        ),
        (
            "update ledger.document_line set description = 'Gift' where line_id = 'a-09-3'",
            "INV-000001: its ledger rows differ from what was issued: "  # noqa: ISC004
            "lines 3 description is Gift in the ledger, Storage as issued",
        ),
        (
            "update ledger.document_tax set tax_amount = 23.44 where document_number = 'INV-000001'",
            "INV-000001: tax S 19 % of 123.34 is 23.43, the ledger says 23.44",
        ),
        (
            "update ledger.document set gross_amount = 1 where document_number = 'INV-000002'",
            "INV-000002: net and tax make 23.8, gross is 1",
        ),
        (
            "update ledger.rated_charge set discount_line = 0 where line_id = 'a-09-1'",
            "INV-000001: line 1 is discounted by 10.0005, its charges by 0",
        ),
        (
            "delete from ledger.rated_charge where line_id = 'b-09-1'",
            "INV-000002: line 1 bills 20, its charges sum to 0",
        ),
        (
            "delete from ledger.document where document_number = 'INV-000001'",
            "INV-000001: missing in series INV",
        ),
        (
            "insert into ledger.void values ('INV-000002', 'CN-000007', 'x', now()::timestamp)",
            "void of INV-000002: CN-000007 is no credit note that refers to it",
        ),
    ],
)
def test_verify_names_the_document_and_line_that_was_tampered_with(
    issued: Settings, sql: str, expected: str
) -> None:
    assert expected in tamper(issued, sql)


@pytest.mark.parametrize(
    ("rate", "amounts", "tax"),
    [
        (
            "19",
            ["0.25", "0.25"],
            "0.10",
        ),  # 0.095 rounds away from zero, once: 2 x round(0.0475) would be 0.10 too
        ("19", ["0.05", "0.05", "0.05"], "0.03"),  # 0.0285, where line by line 3 x 0.01 agrees
        ("8.1", ["12.345"], "1.00"),  # line 12.35, tax 1.00035
        ("7.7", ["-0.5"], "-0.04"),  # -0.0385
        ("10", ["-0.45"], "-0.05"),  # -0.045 rounds away from zero
    ],
)
def test_tax_is_rounded_once_per_rate_on_the_sum_of_rounded_lines(
    shop: Warehouse, settings: Settings, rate: str, amounts: list[str], tax: str
) -> None:
    draft = shop.customer("a")
    draft.tax_rate = Decimal(rate)
    for amount in amounts:
        draft.usage(amount)
    shop.write(draft)
    issue(settings, SEPTEMBER)

    assert shop.query("select tax_amount from ledger.document") == [(Decimal(tax),)]
    assert verify(settings).problems == ()


def test_a_yen_document_has_no_decimals_anywhere(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("a", currency="JPY", locale="ja_JP")
    draft.tax_rate = Decimal(10)
    draft.usage("1000.5")
    draft.usage("0.4", service="Storage")
    shop.write(draft)
    issue(settings, SEPTEMBER)

    assert shop.query("select net_amount, tax_amount from ledger.document") == [(Decimal(1001), Decimal(100))]
    lines = (settings.published / "invoices/2024-09/a/INV-000001.csv").read_text().splitlines()
    assert ",1001,JPY," in lines[1]
    assert verify(settings).problems == ()
