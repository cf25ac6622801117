"""Digests of a book: of what can change an amount or a document, and of all that is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from cspbill.book.schema import TABLES
from cspbill.book.values import Value

Tables = Mapping[str, Sequence[Mapping[str, Value]]]

#: What changes neither an amount nor a document: places in files, and text for people who edit them.
_WITHOUT_EFFECT = {
    "config_line",
    "price_books.description",
    "price_list.cost_price",
    "price_list.description",
    "reseller.accounting_exports",
    "reseller.close_day",
    "reseller.logo",
}


#: Tables about what becomes of issued documents in the books, and what amounts are held against.
_WITHOUT_AMOUNTS = {"account_map", "budgets", "payments"}


def money_fingerprint(tables: Tables) -> str:
    """Digest everything that has effect on amounts and documents, whatever the order of rows and columns."""
    digest = hashlib.sha256()
    for name in sorted(tables.keys() - _WITHOUT_AMOUNTS):
        digest.update(f"{name}\n".encode())
        for line in _lines(name, tables[name]):
            digest.update(line.encode())
    digest.update(_logo(tables))
    return digest.hexdigest()


def content_digest(tables: Tables) -> str:
    """Digest all stored values, the lines that rows stand on and paths included."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        digest.update(f"{name}\n".encode())
        for row in tables[name]:
            digest.update(repr(row).encode())
    return digest.hexdigest()


def _lines(table: str, rows: Sequence[Mapping[str, Value]]) -> list[str]:
    """Return each row as text; the rows of one table all have the same columns."""
    every = sorted(rows[0]) if rows else []
    columns = [
        name for name in every if name not in _WITHOUT_EFFECT and f"{table}.{name}" not in _WITHOUT_EFFECT
    ]
    lines = [json.dumps([columns, [_plain(row[name]) for name in columns]]) + "\n" for row in rows]
    in_order = table in TABLES and TABLES[table].in_file_order
    return lines if in_order else sorted(lines)


def _plain(value: Value) -> str | int | None:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 1.50 and 1.5 are one price
    return value if value is None or isinstance(value, int | str) else value.isoformat()


def _logo(tables: Tables) -> bytes:
    """Return the logo's own bytes: its path is not what a document shows."""
    path = next((row.get("logo") for row in tables["reseller"]), None)
    return Path(str(path)).read_bytes() if path else b""
