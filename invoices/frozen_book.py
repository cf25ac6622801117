"""Freeze the prices that a month is billed by, so that a later correction bills by the same ones (R4.4, R9.3).

A frozen book is a JSON file named by its SHA-256 in ``published/assets/``: what `config.*` held of prices, contracts,
discounts, products, exchange rates and tax categories. Issuing writes it; rating an issued month again reads it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from cspbill import atomic
from cspbill.errors import CspbillError
from cspbill.settings import Settings
from invoices.canonical import digest
from invoices.files import asset_directory

SUFFIX = ".book.json"
#: What decides an amount besides the charges themselves.
FROZEN = (
    "price_books", "price_rules", "price_tiers", "contracts", "discounts", "products", "tax_categories", "fx_rates",
    "price_list",
)  # fmt: skip
#: What a frozen book cannot know, the book of today says: rates of new pairs of currencies, prices of new SKUs.
_KEYS = {"fx_rates": "base, quote", "price_list": "vendor, sku"}


def freeze_book(connection: duckdb.DuckDBPyConnection, settings: Settings, skus: Sequence[str]) -> str:
    """Write the loaded book's prices, once per content; returns the SHA-256 that names the file.

    List prices are many: those of ``skus`` are kept, what the months to be billed have used.
    """
    held = {
        "fx_policy": _fx_policy(connection),
        "tables": {
            table: _rows(connection, table, skus if table == "price_list" else None) for table in FROZEN
        },
    }
    content = json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    name = digest(content)
    if not book_path(settings, name).exists():
        atomic.write_bytes(book_path(settings, name), content)
    return name


def book_path(settings: Settings, sha256: str) -> Path:
    """Where a frozen book lies."""
    return asset_directory(settings) / f"{sha256}{SUFFIX}"


def use_frozen_book(connection: duckdb.DuckDBPyConnection, settings: Settings, sha256: str) -> None:
    """Put a frozen book's prices in the place of those in ``config.*``, which holds the book of today.

    Raises CspbillError when the file is gone or is not what was frozen.
    """
    path = book_path(settings, sha256)
    content = path.read_bytes() if path.exists() else b""
    if digest(content) != sha256:
        raise CspbillError(
            f"{path} holds the prices that an issued month was billed by, and is "
            f"{'not what was frozen' if content else 'missing'}: restore it from a backup of published/assets/."
        )
    held = json.loads(content)
    connection.execute("update config.reseller set fx_policy = ?", [held["fx_policy"]])
    for table, frozen in held["tables"].items():
        _replace(connection, table, frozen["columns"], frozen["rows"])


def _fx_policy(connection: duckdb.DuckDBPyConnection) -> str:
    found = connection.execute("select fx_policy from config.reseller").fetchone()
    return str(found[0]) if found else ""


def used_skus(connection: duckdb.DuckDBPyConnection, months: Sequence[dt.date]) -> list[str]:
    """The SKUs of all charges in these billing periods."""
    found = connection.execute(
        "select distinct sku from intermediate.int_charges__daily "
        "where sku is not null and list_contains(?, billing_period)",
        [list(months)],
    )
    return [row[0] for row in found.fetchall()]


def document_months(connection: duckdb.DuckDBPyConnection, document_period: dt.date) -> list[dt.date]:
    """The billing periods that documents of a period bill."""
    found = connection.execute(
        "select distinct billing_period from intermediate.int_invoice__document_period where document_period = ?",
        [document_period],
    )
    return [row[0] for row in found.fetchall()]


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, skus: Sequence[str] | None
) -> dict[str, list[object]]:
    """Every value as text, as exact as it is stored; in a fixed order."""
    where = "where sku in (select unnest(?::varchar[]))" if skus is not None else ""
    cursor = connection.execute(
        f"select columns(*)::varchar from config.{table} {where} order by all",
        [] if skus is None else [list(skus)],
    )
    columns = [column[0] for column in cursor.description or []]
    return {"columns": list(columns), "rows": [list(row) for row in cursor.fetchall()]}


def _replace(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
) -> None:
    """Insert the frozen rows; of the present ones only what the frozen book does not know at all stays."""
    names = ", ".join(columns)
    connection.execute(
        "create or replace temp table frozen as select " + names + f" from config.{table} limit 0"
    )
    if rows:
        values = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        connection.register("frozen_rows", pa.table(dict(zip(columns, values, strict=True))))
        connection.execute("insert into frozen from frozen_rows")
        connection.unregister("frozen_rows")
    key = _KEYS.get(table)
    stale = f"({key}) in (select ({key}) from frozen)" if key else "true"
    connection.execute(f"delete from config.{table} where {stale}")
    connection.execute(f"insert into config.{table} ({names}) from frozen")
