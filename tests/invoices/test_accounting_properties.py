"""Whatever is issued, voided and paid: entries balance, and what customers owe is what their items leave open."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources
from typing import Any

import duckdb
import pytest
from accounting_models import create_views
from hypothesis import given, settings
from hypothesis import strategies as st
from invoice_warehouse import PLACES, Draft, insert

from cspbill import warehouse
from cspbill.compiled import Model

BUYERS = {"a": "EUR", "b": "JPY", "c": "KWD"}
FIRST = dt.date(2024, 1, 5)
TABLES = ("ledger.document", "ledger.document_line", "ledger.document_tax", "ledger.void", "ledger.prepaid_draw",
          "ledger.rated_charge", "config.prepaid", "config.payments")  # fmt: skip


@dataclass
class Issued:
    """Rows of the ledger and the book; numbers and days count up as documents are issued."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in TABLES})
    invoices: list[dict[str, Any]] = field(default_factory=list)

    def add(self, draft: Draft, day: dt.date, drawn: Decimal) -> None:
        """Issue a draft as issuing would; a negative one is a credit note for the invoice before it."""
        header = {**draft.header(), "prepaid_drawn": drawn}
        header["payable_amount"] = header["gross_amount"] - drawn
        is_credit = header["document_type"] == "credit_note"
        reference = self.invoices[-1]["document_number"] if is_credit and self.invoices else None
        row = self._document(header, day, reference)
        own = {"document_number": row["document_number"]}
        self.tables["ledger.document_line"] += [
            {**line, **own, "reference_document": reference} for line in draft.lines
        ]
        self.tables["ledger.document_tax"] += [
            {
                name: value
                for name, value in {**tax, **own}.items()
                if name not in {"customer_id", "billing_period"}
            }
            for tax in draft.taxes()
        ]
        self.tables["ledger.rated_charge"] += [{**charge, **own} for charge in draft.charges]
        if not is_credit:
            self.invoices.append(row)

    def void(self, row: dict[str, Any], day: dt.date) -> None:
        """Take an invoice back as voiding does: its rows negated, its charges left to the invoice."""
        number = row["document_number"]
        amounts = ("net_amount", "tax_amount", "gross_amount", "prepaid_drawn", "payable_amount")
        negated = {**row, **{name: -row[name] for name in amounts}, "document_type": "credit_note"}
        credit = self._document(negated, day, number)["document_number"]
        for table, names in (
            ("ledger.document_line", ("amount", "exact_amount", "cost")),
            ("ledger.document_tax", ("taxable_amount", "tax_amount")),
        ):
            mine = [line for line in self.tables[table] if line["document_number"] == number]
            self.tables[table] += [
                {**line, **{name: -line[name] for name in names}, "document_number": credit} for line in mine
            ]
        entry = {"document_number": number, "credit_note_number": credit, "reason": "x", "voided_at": day}
        self.tables["ledger.void"].append(entry)

    def _document(self, header: dict[str, Any], day: dt.date, reference: str | None) -> dict[str, Any]:
        place = len(self.tables["ledger.document"]) + 1
        buyer = {"legal_name": f"Kunde {header['customer_id']}", "country": "DE"}
        unstored = {"payment_terms_days", "blocked_reason", "force_reason_needed"}
        row = {name: value for name, value in header.items() if name not in unstored} | {
            "document_number": f"D-{place}",
            "series": "D",
            "sequence_number": place,
            "issue_date": day,
            "due_date": day + dt.timedelta(days=30),
            "reference_document": reference,
            "seller_json": "{}",
            "buyer_json": json.dumps(buyer),
            "issued_at": day,
            "content_sha256": "",
            "files_json": "{}",
        }
        self.tables["ledger.document"].append(row)
        return row

    def pay(self, customer: str, day: dt.date, amount: Decimal, named: str | None) -> None:
        """Receive money, or pay it back."""
        self.tables["config.payments"].append(
            {
                "customer_id": customer,
                "date": day,
                "amount": amount,
                "currency": BUYERS[customer],
                "document_number": named if amount > 0 else None,
                "reference": f"B{len(self.tables['config.payments'])}",
                "config_line": 2,
            }
        )


@st.composite
def histories(draw: st.DrawFn) -> Issued:
    """Invoices, credit notes, corrections, draws, voids, payments, over-payments, money paid back: in any order."""
    made = Issued()
    cents = st.integers(-40_000, 60_000)
    for step in range(draw(st.integers(1, 10))):
        day = FIRST + dt.timedelta(days=step * 7)
        customer = draw(st.sampled_from(sorted(BUYERS)))
        unit = Decimal(1).scaleb(-PLACES[BUYERS[customer]])
        open_ones = [row for row in made.invoices if row["customer_id"] == customer]
        what = draw(st.sampled_from(["issue", "issue", "pay", "void"]))
        if what == "issue":
            draft = Draft(customer, BUYERS[customer], "de_DE", FIRST.replace(day=1))
            for place in range(draw(st.integers(1, 4))):
                rate = Decimal(draw(st.sampled_from([0, 7, 19])))
                exact = f"{Decimal(draw(cents)) * unit + Decimal('0.0041')}"
                over = {"tax_code": "S" if rate else "AE", "tax_rate": rate, "service": f"S{place % 2}"}
                if draw(st.booleans()):
                    draft.usage(exact, line_id=f"{step}-{place}", **over)
                else:
                    draft.plain(
                        exact, line_id=f"{step}-{place}", line_type="correction", vendor="Own", **over
                    )
            gross = draft.header()["gross_amount"]
            drawn = draft.round(max(gross, Decimal(0)) * draw(st.sampled_from([0, 0, 1])))
            made.add(draft, day, drawn)
        elif what == "pay":
            amount = Decimal(draw(cents.filter(bool))) * unit
            named = draw(st.sampled_from([None, "D-99", *(row["document_number"] for row in made.invoices)]))
            made.pay(customer, day, amount, named)
        elif open_ones:
            made.void(open_ones[-1], day)
            made.invoices.remove(open_ones[-1])
    return made


@pytest.fixture(scope="module")
def books(accounting_views: tuple[Model, ...]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse; set threads = 1")
        for name in warehouse.SCHEMA_FILES:
            connection.execute(resources.files("cspbill").joinpath("schema", name).read_text("utf-8"))
        create_views(connection, accounting_views)
        customers = [
            {"customer_id": customer, "legal_name": customer, "country": "DE", "currency": currency, "config_line": 2,
             "tax_in_eu": True, "vat_id_valid": False}
            for customer, currency in BUYERS.items()
        ]  # fmt: skip
        insert(connection, "config.customers", customers)
        yield connection


def write(connection: duckdb.DuckDBPyConnection, issued: Issued) -> None:
    for table, rows in issued.tables.items():
        connection.execute(f"delete from {table}")
        insert(connection, table, rows)


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


@settings(max_examples=30, deadline=None)
@given(issued=histories())
def test_the_journal_balances_and_receivables_are_the_open_items(
    books: duckdb.DuckDBPyConnection, issued: Issued
) -> None:
    """A cent that is off is a cent that an accountant cannot find; credit beside a debt is a needless dunning."""
    write(books, issued)
    for name in (
        "fct_journal_entry",
        "fct_receivable_allocation",
        "fct_open_item",
        "fct_aged_debt",
        "fct_payment",
    ):
        books.execute(f"create or replace temp table {name} as from marts.{name}")

    for what, sql in BREAKS.items():
        assert ask(books, sql) == [], what
    receivables = ask(books, OWED.format("amount", "fct_journal_entry where posting_type = 'receivable'"))
    assert receivables == ask(books, OWED.format("open_amount", "fct_open_item"))
    assert receivables == ask(books, OWED.format("open_amount", "fct_aged_debt"))


OWED = """
select customer_id, currency, sum({0}) from {1} group by all having sum({0}) <> 0 order by all
"""
BREAKS = {
    "a posting without an account or with a negative side": """
        from fct_journal_entry where account is null or debit < 0 or credit < 0
    """,
    "an entry that does not balance": """
        select entry_id, currency, sum(debit) - sum(credit) from fct_journal_entry
        group by all having sum(debit) <> sum(credit)
    """,
    "an entry in two currencies": """
        select entry_id from fct_journal_entry group by all having count(distinct currency) > 1
    """,
    "a document whose revenue, tax, or tax by revenue is not the ledger's": """
        select document.document_number
        from ledger.document
        left join fct_journal_entry as entry
            on entry.entry_id = document.document_number and entry.posting_type in ('revenue', 'tax')
        group by document.document_number, document.net_amount, document.tax_amount
        having coalesce(-sum(entry.amount) filter (posting_type = 'revenue'), 0) <> document.net_amount
            or coalesce(-sum(entry.amount) filter (posting_type = 'tax'), 0) <> document.tax_amount
            or coalesce(-sum(entry.tax_amount), 0) <> document.tax_amount
    """,
    "an item settled beyond its amount": """
        select item.item_id from intermediate.int_receivable__item as item
        inner join fct_receivable_allocation as part on item.item_id in (part.debit_id, part.credit_id)
        group by item.item_id, item.amount having sum(part.amount) > abs(item.amount)
    """,
    "credit that waits beside a debt": """
        select customer_id, currency from fct_open_item
        group by all having min(open_amount) < 0 and max(open_amount) > 0
    """,
    "a payment whose parts are not the whole": """
        from fct_payment where amount <> allocated_amount + unallocated_amount
            or abs(allocated_amount) > abs(amount) or allocated_amount * amount < 0
    """,
}
