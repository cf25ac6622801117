"""Files for the customers' own cost tools: FOCUS 1.2 with its Invoice Detail and Billing Period beside it.

    int_customer_file models ─one sorted pass─> scratch tables ─a COPY per file─> published/focus/<period>/…

One set of files per customer and billing period, over all its documents and its draft. What each set was made from
stands in ``.index.json`` beside them; only sets whose documents or draft have changed are written again.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cspbill import atomic, warehouse
from cspbill.scratch import scratch
from cspbill.settings import Settings
from invoices import read
from invoices.canonical import digest
from invoices.files import DRAFT_NAME, draft_directory, period_directory, safe_name
from invoices.tables import number_sql, risky_row_sql, text_sql

FORMAT = 1  # counts up when the files say something else of the same documents
INDEX = ".index.json"  # hidden: it tells of all customers, and places that customers see do not get it

#: By folder below the period's: the model that its files show, and the order of their rows. Folders, not endings of
#: names: no customer's id may come out as the name of another one's file.
FILES = {
    "": (
        "cost_and_usage",
        "document_id, line_number nulls last, ChargePeriodStart, charge_id, x_InvoiceDetailId",
    ),
    "invoice-detail": ("invoice_detail", "document_id, line_number nulls last, InvoiceDetailId"),
    "billing-period": ("billing_period", "BillingPeriodStart, BillingPeriodEnd, InvoiceIssuerName"),
}

#: What a customer's set of files is made from, by customer.
Fingerprints = dict[str, str]


@dataclass(frozen=True)
class CustomerFilesResult:
    """How many sets of files there are now, and how many of them were written anew."""

    count: int
    written: int


def publish_customer_files(settings: Settings) -> CustomerFilesResult:
    """Bring ``published/focus/`` up to date with the ledger and the published drafts; may be called at any time."""
    with warehouse.connect(settings) as connection:
        wanted = _wanted(connection, settings)
    count = written = 0
    for period in sorted({*wanted, *_published_periods(settings)}):
        changed = _changed(settings, period, wanted[period])
        if changed:
            _write(settings, period, changed)
        _remove_stale(settings, period, wanted[period])
        count += len(wanted[period])
        written += len(changed)
    return CustomerFilesResult(count, written)


def focus_directory(settings: Settings, period: dt.date) -> Path:
    """Where the customers' files of a period lie."""
    return period_directory(settings.published / "focus", period)


def _wanted(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Mapping[dt.date, Fingerprints]:
    """Every period's customers that have a document or a draft, with what their files are made from."""
    parts: dict[dt.date, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    if read.drafts_exist(connection):
        for row in read.rows(connection, _DOCUMENTS):
            period, customer = row["billing_period"], row["customer_id"]
            known = row["content_sha256"] or _draft_digest(settings, period, customer)
            parts[period][customer].append(f"{row['document_number']} {known}")
    found: Mapping[dt.date, Fingerprints] = defaultdict(dict)
    for period, customers in parts.items():
        for customer, documents in customers.items():
            found[period][customer] = digest("\n".join([str(FORMAT), *documents]).encode())
    return found


# A void shows in its credit note, which is of the same customer and period.
_DOCUMENTS = f"""
select customer_id, billing_period, document_number, content_sha256 from ledger.document
union all
select customer_id, billing_period, 'draft', null from intermediate.int_invoice__draft
where (customer_id, billing_period) in {read.OPEN_DOCUMENTS}
order by customer_id, billing_period, document_number
"""


def _draft_digest(settings: Settings, period: dt.date, customer: str) -> str:
    """A draft's JSON says all that its files are made from: its usage by a digest."""
    path = draft_directory(settings, period, customer) / f"{DRAFT_NAME}.json"
    return digest(path.read_bytes()) if path.exists() else "unpublished"


def _changed(settings: Settings, period: dt.date, wanted: Fingerprints) -> Fingerprints:
    index = atomic.read_json(focus_directory(settings, period) / INDEX) or {}
    return {
        customer: fingerprint
        for customer, fingerprint in wanted.items()
        if index.get(customer) != fingerprint
        or not all(path.exists() for path in _paths(settings, period, customer).values())
    }


def _paths(settings: Settings, period: dt.date, customer: str) -> dict[str, Path]:
    directory = focus_directory(settings, period)
    return {folder: directory / folder / f"{safe_name(customer)}.csv" for folder in FILES}


def _write(settings: Settings, period: dt.date, changed: Fingerprints) -> None:
    directory = focus_directory(settings, period)
    for name in FILES:
        (directory / name).mkdir(parents=True, exist_ok=True)
    with scratch(settings) as folder:
        rows = folder / "rows.duckdb"
        with warehouse.connect(settings) as connection:
            _set_aside(connection, period, changed, settings.today, rows)
        with duckdb.connect(str(rows), read_only=True) as connection:
            _write_files(settings, period, changed, connection, folder)
    # Last: until then the files count as changed.
    index = atomic.read_json(directory / INDEX) or {}
    atomic.write_json(directory / INDEX, {**index, **changed})


def _write_files(
    settings: Settings,
    period: dt.date,
    customers: Iterable[str],
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
) -> None:
    queries = {name: _file_query(connection, model) for name, (model, _) in FILES.items()}

    def write(customer: str) -> None:
        part = folder / f"{safe_name(customer)}.csv"
        with connection.cursor() as cursor:
            for name, path in _paths(settings, period, customer).items():
                cursor.execute(f"copy ({queries[name]}) to {_quoted(part)} {_CSV}", {"customer": customer})
                part.replace(path)

    # One customer's rows are too few to keep more than one processor at work.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        deque(threads.map(write, customers), maxlen=0)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


_CSV = "(format csv, header true, timestampformat '%Y-%m-%dT%H:%M:%SZ')"


def _set_aside(
    connection: duckdb.DuckDBPyConnection,
    period: dt.date,
    customers: Iterable[str],
    as_of: dt.date,
    rows: Path,
) -> None:
    """Copy the customers' rows, sorted, out of the warehouse, which is free for others while files are written."""
    connection.execute("delete from ops.customer_file")
    connection.execute(
        "insert into ops.customer_file select unnest($1), $2, $3", [list(customers), period, as_of]
    )
    connection.execute(f"attach {_quoted(rows)} as aside")
    for name, order in FILES.values():
        connection.execute(
            f"create table aside.{name} as from intermediate.int_customer_file__{name} order by customer_id, {order}"
        )
    connection.execute("detach aside")


def _file_query(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """SQL of one customer's file: the columns with FOCUS names, text that no spreadsheet runs, plain numbers."""
    columns = {
        column: kind.partition("(")[0]
        for column, kind, *_ in connection.execute(f"describe {name}").fetchall()
        if column[0].isupper() or column.startswith("x_")
    }
    shown = ", ".join(f'{_SHOWN.get(kind, str)(column)} as "{column}"' for column, kind in columns.items())
    risky = risky_row_sql(column for column, kind in columns.items() if kind == "VARCHAR")
    return f"select {shown} from (select *, {risky} as is_risky from {name} where customer_id = $customer)"


_SHOWN = {
    "VARCHAR": lambda column: f"case when is_risky then {text_sql(column)} else {column} end",
    "DECIMAL": number_sql,
}


def _published_periods(settings: Settings) -> list[dt.date]:
    folders = (settings.published / "focus").glob("[0-9]*-[0-9]*")
    return [dt.date.fromisoformat(f"{folder.name}-01") for folder in folders]


def _remove_stale(settings: Settings, period: dt.date, wanted: Iterable[str]) -> None:
    """Remove the files of customers that have neither a document nor a draft any more."""
    directory, wanted = focus_directory(settings, period), set(wanted)
    index = atomic.read_json(directory / INDEX) or {}
    for customer in sorted(set(index) - wanted):
        for path in _paths(settings, period, customer).values():
            path.unlink(missing_ok=True)
    if set(index) - wanted:
        atomic.write_json(directory / INDEX, {name: made for name, made in index.items() if name in wanted})
