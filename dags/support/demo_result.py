"""The closing table of the demo, read from the newest snapshot: what was made, where it lies, what to try next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb

from cspbill import snapshot
from cspbill.settings import Settings

TOTALS = """
    select currency, count(*), count(distinct customer_id), sum(gross_amount)
    from marts.pub_invoice_v1 where status = 'issued' group by currency order by currency
"""
PARKED = """
    select strftime(billing_period, '%Y-%m'), customer_name, blocked_reason
    from marts.pub_invoice_v1 where status = 'draft' and blocked_reason is not null order by all
"""
A_NUMBER = "select max(document_number) from marts.pub_invoice_v1 where status = 'issued'"
A_CORRECTION = """
    select document_number || ' ' || line_number from marts.pub_invoice_line_v1
    where line_type = 'correction' and reference_document is not null order by amount limit 1
"""


def describe() -> str:
    """Return the table as text; needs a published snapshot."""
    settings = Settings.from_environment()
    newest = snapshot.newest(settings)
    if newest is None:
        return f"Nothing was published in {_short(settings.published)}."
    with duckdb.connect(str(newest), read_only=True) as connection:
        lines = [*_made(connection, settings, newest), *_parked(connection), *_next(connection, settings)]
    return "\n".join(lines)


def _made(connection: duckdb.DuckDBPyConnection, settings: Settings, newest: Path) -> Iterator[str]:
    yield "\nMade"
    for currency, documents, customers, gross in connection.execute(TOTALS).fetchall():
        what = f"{documents:>3} documents for {customers} customers"
        yield f"  {what:<34}{_money(gross):>16} {currency} gross"
    yield f"  {'invoices (PDF, XML, JSON, CSV)':<34}{_short(settings.published / 'invoices')}/"
    yield f"  {'customers: FOCUS files':<34}{_short(settings.published / 'focus')}/"
    yield f"  {'customers: statements and budgets':<34}{_short(settings.published / 'statements')}/"
    yield f"  {'journals and accounting exports':<34}{_short(settings.published / 'accounting')}/"
    yield f"  {'margin dashboard':<34}{_short(settings.published / 'dashboards' / 'index.html')}"
    yield f"  {'warehouse snapshot (read-only)':<34}{_short(newest)}"
    yield f"  {'the same tables as Parquet':<34}{_short(settings.published / 'parquet')}/"
    yield f"  {'what the gate found in each file':<34}{_short(settings.logs / 'gates')}/"


def _parked(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    parked = connection.execute(PARKED).fetchall()
    yield "\nParked, to be mended before they are issued" if parked else "\nParked: nobody"
    for period, customer, reason in parked:
        yield f"  {period}  {customer}: {reason}"


def _next(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[str]:
    row = connection.execute(A_NUMBER).fetchone()
    yield "\nTry next"
    yield f"  export CSPBILL_HOME={_short(settings.home)} CSPBILL_CONFIG={_short(settings.config)}" + (
        f" CSPBILL_TODAY={settings.today}" if "CSPBILL_TODAY" in os.environ else ""
    )
    yield "  .venv/bin/cspbill status                  sources, parked customers, money without an owner"
    if row and row[0]:
        yield f"  .venv/bin/cspbill explain {row[0] + ' 1':<16}from an invoice line down to the vendor's rows"
    corrected = connection.execute(A_CORRECTION).fetchone()
    if corrected:
        yield f"  .venv/bin/cspbill explain {corrected[0]:<16}what AWS gave back of August after it was invoiced"
    yield f"  edit {_short(settings.config)}/price_rules.csv, then .venv/bin/cspbill run and issue --period …"
    yield "  make ui                                   the same DAGs in Airflow's user interface"


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _short(path: Path) -> str:
    """Return the path relative to the working directory where it is below it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
