"""Write numbered documents into the ledger, together with the hashes of the files that they print to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from cspbill.scratch import scratch
from cspbill.settings import Settings
from invoices import canonical, read
from invoices.bundle import Bundle, bundle
from invoices.files import invoice_directory
from invoices.model import Document, Header
from invoices.pdf import Renderer
from invoices.publish import IssuedFiles, write_files, write_issued_usage


@dataclass(frozen=True)
class Frozen:
    """A document whose ledger rows are written (not yet committed) and its rendered files."""

    document: Document
    bundle: Bundle

    def publish(self, settings: Settings) -> None:
        """Move the files into place; called after the commit."""
        header = self.document.header
        directory = invoice_directory(settings, header.billing_period, header.customer_id)
        files = IssuedFiles(str(header.document_number), directory, self.bundle.hashes)
        write_files(files, self.bundle, self.bundle.files)


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
    renderer: Renderer,
) -> list[Frozen]:
    """Render documents whose lines, taxes and charges are in the ledger already, and insert their rows."""
    with scratch(settings) as folder:
        usage = write_issued_usage(connection, documents, folder)
        frozen = [
            Frozen(
                document,
                bundle(
                    document,
                    renderer,
                    usage[str(document.header.document_number)].read_bytes(),
                    settings.today,
                    einvoice=True,
                ),
            )
            for document in documents
        ]
    for each in frozen:
        _insert(connection, _row(each, settings.today))
    return frozen


def _row(frozen: Frozen, today: dt.date) -> dict[str, Any]:
    document, header = frozen.document, frozen.document.header
    return {
        **{name: getattr(header, name) for name in _HEADER_COLUMNS},
        "seller_json": canonical.party_json(document.seller),
        "buyer_json": canonical.party_json(document.buyer),
        # The pipeline's one clock: a rerun or a rebuild of the ledger from JSON gives the same row.
        "issued_at": dt.datetime.combine(today, dt.time()),
        "content_sha256": canonical.digest(frozen.bundle.files[".json"]),
        "files_json": frozen.bundle.files_json,
    }


_NOT_STORED = {"payment_terms_days", "void_reason", "blocked_reason", "force_reason_needed"} | {
    "usage_rows",
    "usage_digest",
}
_HEADER_COLUMNS = tuple(name for name in Header.__dataclass_fields__ if name not in _NOT_STORED)


def _insert(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> None:
    places = ", ".join("?" for _ in row)
    sql = f"insert into ledger.document ({', '.join(row)}) values ({places})"
    connection.execute(sql, list(row.values()))
