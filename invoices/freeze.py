"""Write numbered documents into the ledger, together with the hashes of the files that they print to."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cspbill.settings import Settings
from invoices import canonical, read
from invoices.bundle import Bundle
from invoices.files import invoice_directory
from invoices.issued_tables import write_tables
from invoices.model import Document, Header
from invoices.printers import Job, Printers
from invoices.publish import IssuedFiles, forget_unpublished, note_unpublished, write_files


@dataclass(frozen=True)
class Frozen:
    """A document whose ledger rows are written (not yet committed) and its files."""

    document: Document
    bundle: Bundle

    def files(self, settings: Settings) -> IssuedFiles:
        """Where its files belong, and what they must be."""
        header = self.document.header
        directory = invoice_directory(settings, header.billing_period, header.customer_id)
        return IssuedFiles(str(header.document_number), directory, dict(self.bundle.hashes))


class Numbers:
    """Hands out the next number of each series, inside the transaction that uses them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._series, first = read.read_series(connection)
        sql = "select series, max(sequence_number) + 1 as next from ledger.document group by series"
        taken = {row["series"]: int(row["next"]) for row in read.rows(connection, sql)}
        self._next = {series: taken.get(series, first) for series in self._series.values()}

    def take(self, document_type: str) -> tuple[str, int]:
        """The series and sequence number of the next document of a type."""
        series = self._series[document_type]
        number = self._next[series]
        self._next[series] = number + 1
        return series, number


def document_number(series: str, sequence: int) -> str:
    """``INV-000001``."""
    return f"{series}-{sequence:06d}"


def freeze(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    documents: Sequence[Document],
    printers: Printers,
    folder: Path,
) -> list[Frozen]:
    """Make the files of documents whose lines, taxes and charges are in the ledger already, and insert their rows.

    ``folder`` holds the large files until they are published.
    """
    numbers = [str(document.header.document_number) for document in documents]
    written = write_tables(connection, documents, folder, with_charges=set(numbers))
    jobs = (
        Job(document, tables, settings.today, einvoice=True)
        for document, tables in zip(documents, written, strict=True)
    )
    bundles = printers.bundles(jobs, len(documents))
    frozen = [Frozen(document, made) for document, made in zip(documents, bundles, strict=True)]
    _insert(connection, [document_row(each.document, each.bundle.hashes) for each in frozen])
    note_unpublished(connection, numbers)
    return frozen


def publish_frozen(settings: Settings, frozen: Sequence[Frozen]) -> None:
    """Move the files of documents into place; called after the commit."""
    if not frozen:
        return
    placed = [each.files(settings) for each in frozen]
    write_files((files, each.bundle, files.suffixes) for files, each in zip(placed, frozen, strict=True))
    forget_unpublished(settings, [files.document_number for files in placed])


def document_row(document: Document, hashes: Mapping[str, str]) -> dict[str, Any]:
    """The row of ``ledger.document``; ``hashes`` are the SHA-256 of its files by key."""
    header = document.header
    return {
        **{name: getattr(header, name) for name in _HEADER_COLUMNS},
        "seller_json": canonical.party_json(document.seller),
        "buyer_json": canonical.party_json(document.buyer),
        # The run's day, not the clock: a rerun or a rebuild of the ledger from JSON gives the same row.
        "issued_at": dt.datetime.combine(header.issue_date or dt.date.min, dt.time()),
        "content_sha256": hashes["json"],
        "files_json": json.dumps(hashes, sort_keys=True),
    }


_NOT_STORED = {"payment_terms_days", "void_reason", "blocked_reason", "force_reason_needed"} | {
    "usage_rows",
    "usage_digest",
}
_HEADER_COLUMNS = tuple(name for name in Header.__dataclass_fields__ if name not in _NOT_STORED)


def _insert(connection: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, Any]]) -> None:
    places = ", ".join("?" for _ in rows[0])
    sql = (
        f"insert into ledger.document ({', '.join(rows[0])}) values {', '.join([f'({places})'] * len(rows))}"
    )
    connection.execute(sql, [value for row in rows for value in row.values()])
