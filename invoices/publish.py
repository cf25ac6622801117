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
from invoices.bundle import Bundle
from invoices.files import (
    CHARGES,
    EINVOICE,
    SUFFIXES,
    asset_directory,
    file_key,
    invoice_directory,
    safe_name,
)
from invoices.issued_tables import write_tables
from invoices.printers import Job, Printers

BATCH = 200


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


def issued_files(
    connection: duckdb.DuckDBPyConnection, settings: Settings, where: str = "true"
) -> list[IssuedFiles]:
    """The files of every issued document, or of those that ``where`` picks, in the order of numbers."""
    sql = f"""
    select document_number, customer_id, billing_period, files_json from ledger.document
    where {where} order by series, sequence_number
    """
    return [
        IssuedFiles(
            row["document_number"],
            invoice_directory(settings, row["billing_period"], row["customer_id"]),
            json.loads(row["files_json"]),
        )
        for row in read.rows(connection, sql)
    ]


def note_unpublished(connection: duckdb.DuckDBPyConnection, numbers: Sequence[str]) -> None:
    """Remember, in the transaction that issues documents, that their files are not in place yet."""
    connection.execute("insert into ops.unpublished select unnest($1)", [list(numbers)])


def forget_unpublished(settings: Settings, numbers: Sequence[str]) -> None:
    """The files of these documents are in place."""
    with warehouse.connect(settings) as connection:
        sql = "delete from ops.unpublished where document_number in (select unnest($1))"
        connection.execute(sql, [list(numbers)])


UNPUBLISHED = "document_number in (from ops.unpublished)"


def publish_unpublished(settings: Settings) -> tuple[Path, ...]:
    """Finish what a crash left between commit and publishing: costs nothing where there is nothing.

    Raises as ``publish_missing`` does.
    """
    return _publish_lacking(settings, UNPUBLISHED) if settings.warehouse.exists() else ()


def publish_missing(settings: Settings) -> tuple[Path, ...]:
    """Write every file of an issued document that is not there, looking at all of them; returns the files written.

    Raises when a document no longer prints to the bytes that were issued: the ledger, a logo or the installed
    versions of what prints them have changed, and nothing is written for it.
    """
    return _publish_lacking(settings, "true") if settings.warehouse.exists() else ()


def _publish_lacking(settings: Settings, where: str) -> tuple[Path, ...]:
    with warehouse.connect(settings) as connection:
        looked_at = issued_files(connection, settings, where)
    lacking = [files for files in looked_at if files.missing()]
    written: list[Path] = []
    with Printers(asset_directory(settings)) as printers:
        for start in range(0, len(lacking), BATCH):
            written += _print_again(settings, lacking[start : start + BATCH], printers)
    if looked_at:
        forget_unpublished(settings, [files.document_number for files in looked_at])
    return tuple(written)


def _print_again(settings: Settings, lacking: Sequence[IssuedFiles], printers: Printers) -> list[Path]:
    by_number = {files.document_number: files for files in lacking}
    charged = {number for number, files in by_number.items() if file_key(CHARGES) in files.hashes}
    with scratch(settings) as folder:
        with warehouse.connect(settings) as connection:
            documents = read.read_issued(connection, by_number)
            written = write_tables(connection, documents, folder, charged)
            found = [by_number[str(document.header.document_number)] for document in documents]
            jobs = (
                Job(document, tables, settings.today, einvoice=EINVOICE in files.suffixes)
                for document, tables, files in zip(documents, written, found, strict=True)
            )
            bundles = list(printers.bundles(jobs, len(documents)))
        return write_files((files, made, files.missing()) for files, made in zip(found, bundles, strict=True))


def write_files(printed: Iterable[tuple[IssuedFiles, Bundle, Sequence[str]]]) -> list[Path]:
    """Write these suffixes of documents' bundles, after checking that all are what was issued."""
    contents: dict[Path, bytes | Path] = {}
    for files, made, suffixes in printed:
        for suffix in suffixes:
            _check(files, suffix, made.hashes[file_key(suffix)])
            contents[files.path(suffix)] = made.content[suffix]
    atomic.write_all(contents)
    return list(contents)


def _check(files: IssuedFiles, suffix: str, found: str) -> None:
    expected = files.hashes[file_key(suffix)]
    if expected != found:
        raise CspbillError(
            f"{files.path(suffix)} is missing and cannot be printed again as it was issued: the ledger says "
            f"SHA-256 {expected}, printing gives {found}. The ledger, the logo in published/assets/ or the "
            "installed versions of typst, babel, duckdb or factur-x changed since; restore the file from "
            "a backup or go back to those versions. `cspbill ledger verify` names what else differs."
        )
