"""Put issued documents' files in place; print again, from the ledger alone, what a crash left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cspbill import atomic, warehouse
from cspbill.errors import CspbillError
from cspbill.scratch import scratch
from cspbill.settings import Settings
from invoices import read
from invoices.bundle import Bundle, bundle
from invoices.canonical import digest
from invoices.files import (
    EINVOICE_SUFFIX,
    SUFFIXES,
    asset_directory,
    file_key,
    invoice_directory,
    safe_name,
)
from invoices.model import Document
from invoices.pdf import Renderer
from invoices.tables import usage_select, write_usage


@dataclass(frozen=True)
class IssuedFiles:
    """Where one issued document's files lie and what their bytes must hash to."""

    document_number: str
    directory: Path
    hashes: dict[str, str]

    def path(self, suffix: str) -> Path:
        """The published file of a suffix."""
        return self.directory / f"{safe_name(self.document_number)}{suffix}"

    @property
    def suffixes(self) -> list[str]:
        """Suffixes of the files that were issued: older documents lack newer kinds."""
        return [suffix for suffix in SUFFIXES if file_key(suffix) in self.hashes]

    def missing(self) -> list[str]:
        """Suffixes whose file does not exist."""
        return [suffix for suffix in self.suffixes if not self.path(suffix).exists()]


def issued_files(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[IssuedFiles]:
    """The files of every issued document, in the order of numbers."""
    sql = """
    select document_number, customer_id, billing_period, files_json from ledger.document
    order by series, sequence_number
    """
    return [
        IssuedFiles(
            row["document_number"],
            invoice_directory(settings, row["billing_period"], row["customer_id"]),
            json.loads(row["files_json"]),
        )
        for row in read.rows(connection, sql)
    ]


def publish_missing(settings: Settings) -> tuple[Path, ...]:
    """Write every file of an issued document that is not there; returns the files written.

    Raises when a document no longer prints to the bytes that were issued: the ledger, a logo or the installed
    versions of what prints them have changed, and nothing is written for it.
    """
    if not settings.warehouse.exists():
        return ()
    with scratch(settings) as folder:
        with warehouse.connect(settings) as connection:
            lacking = [files for files in issued_files(connection, settings) if files.missing()]
            documents = read.read_issued(connection, [files.document_number for files in lacking])
            usage = write_issued_usage(connection, documents, folder)
        return _publish(settings, lacking, documents, usage)


def _publish(
    settings: Settings, lacking: Sequence[IssuedFiles], documents: Sequence[Document], usage: dict[str, Path]
) -> tuple[Path, ...]:
    by_number = {str(document.header.document_number): document for document in documents}
    written: list[Path] = []
    with Renderer(asset_directory(settings)) as renderer:
        for files in lacking:
            content = usage[files.document_number].read_bytes()
            document = by_number[files.document_number]
            einvoice = EINVOICE_SUFFIX in files.suffixes
            made = bundle(document, renderer, content, settings.today, einvoice=einvoice)
            written += write_files(files, made, files.missing())
    return tuple(written)


def write_files(files: IssuedFiles, made: Bundle, suffixes: Iterable[str]) -> list[Path]:
    """Write a bundle's files of these suffixes, after checking that they are what was issued."""
    suffixes = list(suffixes)
    for suffix in suffixes:
        _check(files, suffix, made.files[suffix])
    for suffix in suffixes:
        atomic.write_bytes(files.path(suffix), made.files[suffix])
    return [files.path(suffix) for suffix in suffixes]


def _check(files: IssuedFiles, suffix: str, content: bytes) -> None:
    expected, found = files.hashes[file_key(suffix)], digest(content)
    if expected != found:
        raise CspbillError(
            f"{files.path(suffix)} is missing and cannot be printed again as it was issued: the ledger says "
            f"SHA-256 {expected}, printing gives {found}. The ledger, the logo in published/assets/ or the "
            "installed versions of typst, babel, duckdb or factur-x changed since; restore the file from "
            "a backup or go back to those versions. `cspbill ledger verify` names what else differs."
        )


def write_issued_usage(
    connection: duckdb.DuckDBPyConnection, documents: Iterable[Document], directory: Path
) -> dict[str, Path]:
    """Write the usage files of issued documents from their frozen charges; returns the paths by number."""
    paths: dict[str, Path] = {}
    for place, document in enumerate(documents):
        number = str(document.header.document_number)
        quoted = number.replace("'", "''")
        mine = f"(select * from {{}} where document_number = '{quoted}')"
        select = usage_select(mine.format("ledger.rated_charge"), mine.format("ledger.document_line"), "true")
        paths[number] = directory / f"{place}.csv"
        write_usage(connection, select, paths[number], is_plain=document.is_plain)
    return paths
