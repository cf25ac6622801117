"""Void an invoice: a full credit note that negates it line by line; both stay on file (R9.4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import duckdb

from cspbill import warehouse
from cspbill.errors import InputError
from cspbill.scratch import scratch
from cspbill.settings import Settings
from invoices import read
from invoices.files import asset_directory
from invoices.freeze import Numbers, document_number, freeze, publish_frozen
from invoices.model import CREDIT_NOTE, INVOICE, Document, Draw, Header, Line, Tax
from invoices.printers import Printers
from invoices.publish import publish_unpublished


def void(settings: Settings, number: str, reason: str) -> str:
    """Void an issued invoice; returns the credit note's number.

    After the next ``cspbill run`` the customer's period has a draft again. Raises ``InputError`` for an
    unknown number, a credit note, an invoice that is void already, or a missing reason.
    """
    if not reason.strip():
        raise InputError("Voiding needs a reason; it is recorded in the ledger.")
    publish_unpublished(settings)
    with Printers(asset_directory(settings)) as printers, scratch(settings) as folder:
        with warehouse.connect(settings) as connection, warehouse.transaction(connection):
            credit = _credit_note(connection, settings, _voidable(connection, number), reason.strip())
            _insert_parts(connection, number, credit)
            frozen = freeze(connection, settings, [credit], printers, folder)
        publish_frozen(settings, frozen)
    return str(credit.header.document_number)


def _voidable(connection: duckdb.DuckDBPyConnection, number: str) -> Document:
    found = read.read_issued(connection, [number])
    if not found:
        raise InputError(f"There is no document {number} in the ledger.")
    if found[0].header.document_type != INVOICE:
        raise InputError(f"{number} is a credit note: only invoices can be voided.")
    sql = "select credit_note_number from ledger.void where document_number = $1"
    voided = read.rows(connection, sql, [number])
    if voided:
        raise InputError(f"{number} is void already, by credit note {voided[0]['credit_note_number']}.")
    return found[0]


def _credit_note(
    connection: duckdb.DuckDBPyConnection, settings: Settings, invoice: Document, reason: str
) -> Document:
    series, sequence = Numbers(connection).take(CREDIT_NOTE)
    return replace(
        invoice,
        header=_negated(invoice.header, series, sequence, settings.today, reason),
        lines=tuple(_negated_line(line, str(invoice.header.document_number)) for line in invoice.lines),
        taxes=tuple(_negated_tax(tax) for tax in invoice.taxes),
        draws=tuple(_given_back(draw) for draw in invoice.draws),
        files={},  # the credit note gets its own
    )


def _negated(header: Header, series: str, sequence: int, today: dt.date, reason: str) -> Header:
    return replace(
        header,
        document_number=document_number(series, sequence),
        series=series,
        sequence_number=sequence,
        document_type=CREDIT_NOTE,
        issue_date=today,
        due_date=today,
        payment_terms_days=0,
        net_amount=_minus(header.net_amount),
        tax_amount=_minus(header.tax_amount),
        gross_amount=_minus(header.gross_amount),
        prepaid_drawn=_minus(header.prepaid_drawn),
        payable_amount=_minus(header.payable_amount),
        prepaid_balance=None,
        reference_document=header.document_number,
        forced_reason=None,
        void_reason=reason,
    )


def _negated_line(line: Line, original: str) -> Line:
    return replace(
        line,
        quantity=None if line.quantity is None else _minus(line.quantity),
        amount=_minus(line.amount),
        exact_amount=_minus(line.exact_amount),
        cost=_minus(line.cost),
        reference_document=original,
    )


def _negated_tax(tax: Tax) -> Tax:
    return replace(tax, taxable_amount=_minus(tax.taxable_amount), tax_amount=_minus(tax.tax_amount))


def _given_back(draw: Draw) -> Draw:
    return replace(draw, amount=_minus(draw.amount))


def _minus(amount: Decimal) -> Decimal:
    """The opposite; of zero, zero without a sign, as the ledger will give it back."""
    return Decimal(0) - amount


def _insert_parts(connection: duckdb.DuckDBPyConnection, number: str, credit: Document) -> None:
    """Insert the credit note's lines, taxes and draws as the invoice's rows negated, and the void itself."""
    header = credit.header
    values = [header.document_number, number]
    for table, negated in {
        "document_line": ", ".join(
            f"-{name} as {name}" for name in ("quantity", "amount", "exact_amount", "cost")
        ),
        "document_tax": "-taxable_amount as taxable_amount, -tax_amount as tax_amount",
        "prepaid_draw": "-amount as amount",
    }.items():
        reference = ", $2 as reference_document" if table == "document_line" else ""
        connection.execute(
            f"""
            insert into ledger.{table} by name
            select * replace ($1 as document_number, {negated}{reference})
            from ledger.{table} where document_number = $2
            """,
            values,
        )
    connection.execute(
        "insert into ledger.document_period by name "
        "select * replace ($1 as document_number) from ledger.document_period where document_number = $2",
        values,
    )
    connection.execute(
        "insert into ledger.void values ($2, $1, $3, $4)",
        [*values, header.void_reason, dt.datetime.combine(header.issue_date or dt.date.min, dt.time())],
    )
