"""The journal of a month and its exports: literal rows, real bean-check, and months that never change unseen."""

# ruff: noqa: E501 - whole lines of the files

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from accounting_models import create_views, pay
from invoice_warehouse import OCTOBER, SEPTEMBER, Warehouse, insert, settings_in

from cspbill import warehouse
from cspbill.compiled import Model
from cspbill.errors import CspbillError
from cspbill.settings import Settings
from invoices.accounting import publish_accounting
from invoices.accounting.publish import closing_day
from invoices.issue import issue
from invoices.void import void

AUGUST = dt.date(2024, 8, 1)
MANUAL_JOURNAL = (
    "*Narration,*Date,Description,*AccountCode,*TaxRate,*Amount,TrackingName1,TrackingOption1,TrackingName2,"
    "TrackingOption2"
)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory, accounting_views: tuple[Model, ...]) -> Settings:
    """Two invoices of 5 October: one in euros with a discount and 60 from a prepaid balance, one in yen untaxed."""
    settings = settings_in(tmp_path_factory.mktemp("books"))
    shop = Warehouse(settings)
    euro = shop.customer("a", legal_name='Käse & "Söhne" KG')
    euro.discount(euro.usage("100.005"), "10")
    euro.usage("33.333", service="=Storage")
    euro.draw("2024-08-01", "60", "TOP-UP 1")
    yen = shop.customer("j", currency="JPY", locale="ja_JP", country="JP")
    yen.tax_code, yen.tax_rate = "G", Decimal(0)
    yen.usage("5000.4")
    shop.write(euro, yen)
    with warehouse.connect(settings) as connection:
        create_views(connection, accounting_views)
        top_up = {
            "customer_id": "a",
            "date": AUGUST,
            "amount": Decimal(60),
            "currency": "EUR",
            "config_line": 2,
        }
        insert(connection, "config.prepaid", [top_up | {"reference": "TOP-UP 1"}])
    assert issue(settings, SEPTEMBER).refused == {}
    return settings


@pytest.fixture
def books(issued: Settings, tmp_path: Path) -> Settings:
    """A copy of its own for each test: rendering the documents anew would only cost time."""
    home = Path(shutil.copytree(issued.home, tmp_path / "home"))
    return replace(issued, home=home)


def content(settings: Settings, name: str, month: str = "2024-10") -> str:
    return (settings.published / "accounting" / month / name).read_text("utf-8")


def table(settings: Settings, name: str, *columns: str, month: str = "2024-10") -> list[tuple[str, ...]]:
    found = csv.DictReader(io.StringIO(content(settings, name, month)))
    return [tuple(row[column] for column in columns) for row in found]


def files(settings: Settings) -> dict[str, bytes]:
    root = settings.published / "accounting"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.*")}


def bean_check(path: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "bean-check"), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_document_is_posted_on_its_day_of_issue_balanced_and_with_its_cost(books: Settings) -> None:
    """An accountant finds each invoice once, in the month that it was issued in, whatever month it bills."""
    publish_accounting(books)

    columns = ("entry_id", "posting_type", "account", "vendor", "service", "debit", "credit", "currency")
    assert table(books, "journal.csv", *columns) == [
        ("INV-000001", "receivable", "1200", "", "", "86.77", "0.00", "EUR"),
        ("INV-000001", "prepaid", "2150", "", "", "60.00", "0.00", "EUR"),
        ("INV-000001", "revenue", "4000", "Microsoft", "'=Storage", "0.00", "33.33", "EUR"),
        ("INV-000001", "revenue", "4000", "Microsoft", "Virtual Machines", "0.00", "90.01", "EUR"),
        ("INV-000001", "tax", "2200", "", "", "0.00", "23.43", "EUR"),
        ("INV-000001-C-EUR", "cost", "5000", "Microsoft", "'=Storage", "26.67", "0.00", "EUR"),
        ("INV-000001-C-EUR", "cost", "5000", "Microsoft", "Virtual Machines", "80.00", "0.00", "EUR"),
        ("INV-000001-C-EUR", "accrual", "2100", "Microsoft", "", "0.00", "106.67", "EUR"),
        ("INV-000002", "receivable", "1200", "", "", "5000", "0", "JPY"),
        ("INV-000002", "revenue", "4000", "Microsoft", "Virtual Machines", "0", "5000", "JPY"),
        ("INV-000002-C-EUR", "cost", "5000", "Microsoft", "Virtual Machines", "4000.32", "0.00", "EUR"),
        ("INV-000002-C-EUR", "accrual", "2100", "Microsoft", "", "0.00", "4000.32", "EUR"),
    ]  # fmt: skip
    assert table(books, "journal.csv", "posting_date", "billing_period", "due_date", "customer_name")[0] == (
        "2024-10-05", "2024-09", "2024-11-04", 'Käse & "Söhne" KG',
    )  # fmt: skip
    assert table(books, "journal.csv", *columns[1:], month="2024-08") == [
        ("bank", "1000", "", "", "60.00", "0.00", "EUR"),
        ("prepaid", "2150", "", "", "0.00", "60.00", "EUR"),
    ]


def test_a_void_reverses_every_posting_in_the_month_of_the_void(books: Settings) -> None:
    """After a void nothing of the invoice may be left on any account, the prepaid balance included."""
    publish_accounting(books)
    before = files(books)["2024-10/journal.csv"]
    later = replace(books, today=dt.date(2024, 11, 2))
    void(later, "INV-000001", "Wrong price")
    publish_accounting(later)

    rest: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for month in ("2024-10", "2024-11"):
        for document, kind, service, debit, credit in table(
            later, "journal.csv", "document_number", "posting_type", "service", "debit", "credit", month=month
        ):
            if document in {"INV-000001", "CN-000001"}:
                rest[kind, service] += Decimal(debit) - Decimal(credit)
    assert len(rest) == 8
    assert set(rest.values()) == {Decimal(0)}
    assert files(later)["2024-10/journal.csv"] == before
    shown = table(
        later, "journal.csv", "entry_id", "entry_type", "reference", "debit", "credit", month="2024-11"
    )
    assert shown[:2] == [
        ("CN-000001", "credit_note", "INV-000001", "0.00", "86.77"),
        ("CN-000001", "credit_note", "INV-000001", "0.00", "60.00"),
    ]


def test_business_central_gets_general_journal_lines(books: Settings) -> None:
    """Receivables go to the customer, the local currency has no code, credits are negative."""
    publish_accounting(books)
    lines = content(books, "business-central.csv").splitlines()

    assert lines[0] == (
        "Journal Template Name,Journal Batch Name,Line No.,Account Type,Account No.,Posting Date,Document Type,"
        "Document No.,Description,Currency Code,Amount,Due Date,External Document No.,Shortcut Dimension 1 Code"
    )
    assert lines[1] == (
        "GENERAL,DEFAULT,10000,Customer,a,2024-10-05,Invoice,INV-000001,Invoice INV-000001,,86.77,2024-11-04,,"
    )
    assert lines[5] == (
        "GENERAL,DEFAULT,50000,G/L Account,2200,2024-10-05,Invoice,INV-000001,Invoice INV-000001 (S 19 %),,-23.43,,,"
    )
    assert lines[6] == (
        "GENERAL,DEFAULT,60000,G/L Account,5000,2024-10-05,,INV-000001-C-EUR,"
        '"Cost of INV-000001 (Microsoft, =Storage)",,26.67,,,'
    )
    assert lines[9] == (
        "GENERAL,DEFAULT,90000,Customer,j,2024-10-05,Invoice,INV-000002,Invoice INV-000002,JPY,5000,2024-11-04,,"
    )


def test_xero_gets_sales_invoices_with_their_own_tax_and_manual_journals(books: Settings) -> None:
    """Xero computes totals itself: lines, tax and the draw from the prepaid balance must come to what is payable."""
    publish_accounting(books)

    header = content(books, "xero-invoices.csv").splitlines()[0]
    assert header == (
        "*ContactName,EmailAddress,POAddressLine1,POAddressLine2,POAddressLine3,POAddressLine4,POCity,PORegion,"
        "POPostalCode,POCountry,*InvoiceNumber,Reference,*InvoiceDate,*DueDate,Total,InventoryItemCode,*Description,"
        "*Quantity,*UnitAmount,Discount,*AccountCode,*TaxType,TaxAmount,TrackingName1,TrackingOption1,TrackingName2,"
        "TrackingOption2,Currency,BrandingTheme"
    )
    columns = ("*InvoiceNumber", "*InvoiceDate", "*DueDate", "Total", "*UnitAmount", "*AccountCode", "*TaxType",
               "TaxAmount", "Currency")  # fmt: skip
    vat = "19% (VAT on Income)"
    assert table(books, "xero-invoices.csv", *columns) == [
        ("INV-000001", "05/10/2024", "04/11/2024", "86.77", "-60.00", "2150", "No VAT", "0.00", "EUR"),
        ("INV-000001", "05/10/2024", "04/11/2024", "86.77", "33.33", "4000", vat, "6.33", "EUR"),
        ("INV-000001", "05/10/2024", "04/11/2024", "86.77", "90.01", "4000", vat, "17.10", "EUR"),
        ("INV-000002", "05/10/2024", "04/11/2024", "5000", "5000", "4000", "No VAT", "0", "JPY"),
    ]
    assert table(books, "xero-invoices.csv", "*ContactName", "*Quantity")[0] == ('Käse & "Söhne" KG', "1")
    assert content(books, "xero-journals.csv").splitlines()[:2] == [
        MANUAL_JOURNAL,
        'INV-000001-C-EUR,05/10/2024,"Cost of INV-000001 (Microsoft, =Storage)",5000,No VAT,26.67,,,,',
    ]


def test_quickbooks_gets_journal_entries_by_account_name(books: Settings) -> None:
    """QuickBooks refuses a receivable without its customer, and rows with both a debit and a credit."""
    publish_accounting(books)
    lines = content(books, "quickbooks-journal.csv").splitlines()

    assert lines[:2] + lines[4:5] == [
        "*JournalNo,*JournalDate,*AccountName,*Debits,*Credits,Description,Name,Currency,Location,Class",
        'INV-000001,10/05/2024,Trade receivables,86.77,,Invoice INV-000001,"Käse & ""Söhne"" KG",EUR,,',
        'INV-000001,10/05/2024,Cloud revenue,,90.01,"Invoice INV-000001 (Microsoft, Virtual Machines, S 19 %)",,EUR,,',
    ]


def test_bean_check_accepts_the_journal_and_refuses_it_with_a_cent_too_much(books: Settings) -> None:
    """An independent double-entry tool reads the file and adds it up."""
    with warehouse.connect(books) as connection:
        pay(connection, customer_id="a", date=OCTOBER, amount=Decimal("100.01"), reference="B 1")
    publish_accounting(books)
    path = books.published / "accounting" / "2024-10" / "journal.beancount"
    text = path.read_text("utf-8")

    assert '2024-10-05 * "Käse & \\"Söhne\\" KG" "invoice INV-000001"' in text
    assert "  Income:Revenue:4000  -90.01 EUR\n" in text
    assert "  Income:Revenue:4000  -5000 JPY\n" in text
    accepted = bean_check(path)
    assert (accepted.returncode, accepted.stderr) == (0, "")

    for right, wrong in (("-90.01 EUR", "-90.02 EUR"), ("-5000 JPY", "-5001 JPY")):
        other = path.with_name("wrong.beancount")
        other.write_text(text.replace(right, wrong), "utf-8")
        refused = bean_check(other)
        assert refused.returncode == 1
        assert "Transaction does not balance" in refused.stderr


def test_months_of_beancount_make_one_book(books: Settings) -> None:
    """A reseller keeps one book that includes every month: accounts must not be opened twice."""
    publish_accounting(books)
    book = books.published / "book.beancount"
    includes = [f'include "accounting/{month}/journal.beancount"\n' for month in ("2024-08", "2024-10")]
    book.write_text('plugin "beancount.plugins.auto_accounts"\n' + "".join(includes), "utf-8")

    assert bean_check(book).returncode == 0


def test_accounts_follow_the_map_of_their_day(books: Settings) -> None:
    """A finance team uses its own chart of accounts; a new account from a day on leaves earlier postings alone."""
    with warehouse.connect(books) as connection:
        row = {"posting_type": "revenue", "specificity": 16, "config_line": 2, "vendor": "microsoft"}
        later = {
            "account": "8401",
            "specificity": 48,
            "service": "=storage",
            "valid_from": dt.date(2024, 10, 6),
        }
        tax = {"posting_type": "tax", "tax_code": "S", "specificity": 4, "config_line": 4}
        rows = [
            row | {"account": "8400", "name": "Erlöse", "cost_center": "CLOUD"},
            row | later,
            tax | {"account": "1776", "tax_type": "Umsatzsteuer 19 %"},
        ]
        insert(connection, "config.account_map", rows)
    publish_accounting(books)

    revenue = [
        row
        for row in table(books, "journal.csv", "account", "account_name", "cost_center")
        if row[1] == "Erlöse"
    ]
    assert revenue == [("8400", "Erlöse", "CLOUD")] * 3
    assert table(books, "xero-invoices.csv", "*TaxType", "TrackingName1", "TrackingOption1")[1] == (
        "Umsatzsteuer 19 %", "Cost center", "CLOUD",
    )  # fmt: skip
    assert table(books, "business-central.csv", "Account No.", "Shortcut Dimension 1 Code")[2] == (
        "8400",
        "CLOUD",
    )


def test_a_rerun_writes_nothing_and_a_lost_file_comes_back_as_it_was(books: Settings) -> None:
    """Only what changed is written: a rerun must not touch files that the books have imported."""
    written = publish_accounting(books).written
    assert sorted(path.name for path in written if path.parent.name == "2024-10") == [
        "business-central.csv", "journal.beancount", "journal.csv", "quickbooks-journal.csv", "xero-invoices.csv",
        "xero-journals.csv",
    ]  # fmt: skip
    before = files(books)
    assert publish_accounting(books).written == ()

    lost = books.published / "accounting" / "2024-10" / "journal.beancount"
    lost.unlink()
    assert publish_accounting(books).written == (lost,)
    assert files(books) == before


def test_a_payment_in_an_open_month_changes_that_month_alone(books: Settings) -> None:
    publish_accounting(books)
    before = files(books)
    with warehouse.connect(books) as connection:
        pay(connection, customer_id="a", date=OCTOBER, amount=Decimal("86.77"), reference="B1")
    written = publish_accounting(books).written

    assert {path.parent.name for path in written} == {"2024-10"}
    # Xero has its own bank feed.
    assert "xero-invoices.csv" not in {path.name for path in written}
    assert {name: text for name, text in files(books).items() if name.startswith("2024-08")} == {
        name: text for name, text in before.items() if name.startswith("2024-08")
    }
    columns = ("entry_type", "posting_type", "reference", "debit", "credit")
    assert table(books, "journal.csv", *columns)[:2] == [
        ("payment", "bank", "B1", "86.77", "0.00"),
        ("payment", "receivable", "B1", "0.00", "86.77"),
    ]


def test_a_closed_month_keeps_its_files_and_says_what_came_late(books: Settings) -> None:
    """What the books have imported must not change behind them; late money must not vanish either."""
    publish_accounting(books)
    before = files(books)
    with warehouse.connect(books) as connection:
        pay(connection, customer_id="a", date=AUGUST, amount=Decimal("1.00"), reference="LATE")
        connection.execute("update config.customers set legal_name = 'Neu AG' where customer_id = 'j'")
    result = publish_accounting(books)

    assert files(books) == before
    assert len(result.notes) == 1
    assert result.notes[0].startswith("accounting/2024-08 is closed and stays as it was exported")


def test_a_customers_new_name_changes_no_closed_month(books: Settings) -> None:
    publish_accounting(books)
    with warehouse.connect(books) as connection:
        connection.execute("update config.customers set legal_name = 'Neu AG'")
        connection.execute("insert or replace into ops.state values ('config_content', 'renamed')")

    assert publish_accounting(books).notes == ()


def test_a_month_closes_on_the_closing_day_of_the_next() -> None:
    assert closing_day(dt.date(2024, 1, 1), 5) == dt.date(2024, 2, 5)
    assert closing_day(dt.date(2024, 2, 1), 28) == dt.date(2024, 3, 28)
    assert closing_day(dt.date(2024, 12, 1), 1) == dt.date(2025, 1, 1)


def test_a_payment_that_names_no_known_document_is_told_and_settles_the_oldest(books: Settings) -> None:
    """A typo in payments.csv must not lose the money, nor pass unseen."""
    with warehouse.connect(books) as connection:
        pay(
            connection,
            customer_id="a",
            date=OCTOBER,
            amount=Decimal("6.77"),
            reference="B1",
            document_number="INV-9",
        )
    notes = publish_accounting(books).notes

    assert notes == (
        "payment B1: INV-9 is no document in the ledger; it settles the customer's oldest documents instead",
    )
    with warehouse.connect(books) as connection:
        left = connection.execute(
            "select item_id, open_amount from marts.fct_open_item order by 1"
        ).fetchall()
    assert left == [("INV-000001", Decimal("80.00")), ("INV-000002", Decimal(5000))]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("", ["journal.csv"]),
        ("beancount", ["journal.beancount", "journal.csv"]),
        (
            "xero, quickbooks",
            ["journal.csv", "quickbooks-journal.csv", "xero-invoices.csv", "xero-journals.csv"],
        ),
    ],
)
def test_only_the_wanted_exports_are_written(books: Settings, wanted: str, names: list[str]) -> None:
    """What is no longer wanted must not lie there and fall behind the journal."""
    publish_accounting(books)
    with warehouse.connect(books) as connection:
        connection.execute("update config.reseller set accounting_exports = ?", [wanted])
        connection.execute("insert or replace into ops.state values ('config_content', 'changed')")
    publish_accounting(books)

    assert sorted(path.name for path in (books.published / "accounting" / "2024-10").iterdir()) == names


def test_an_unbalanced_entry_stops_every_file(books: Settings) -> None:
    """A damaged ledger must not reach the books: the entry is named, and nothing is written."""
    with warehouse.connect(books) as connection:
        connection.execute(
            "update ledger.document set payable_amount = 86.78 where document_number = 'INV-000001'"
        )

    with pytest.raises(CspbillError, match=r"does not balance.*\n  INV-000001 is off by 0.01 EUR"):
        publish_accounting(books)
    assert not (books.published / "accounting").exists()
