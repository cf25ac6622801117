"""The files of issued documents that DuckDB writes: usage for the customer, frozen charges for the reseller."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import duckdb

from invoices import read
from invoices.files import CHARGES, USAGE
from invoices.model import Document
from invoices.tables import usage_select
from invoices.usage_files import usage_files

_OF_DOCUMENTS = "(select * from ledger.{} where document_number in (select unnest($1)))"


def write_tables(
    connection: duckdb.DuckDBPyConnection,
    documents: Sequence[Document],
    directory: Path,
    with_charges: Collection[str],
) -> Iterator[dict[str, Path]]:
    """Write each document's files in turn and yield their paths by suffix; the charges of all are read once.

    ``with_charges``: numbers of the documents that have a file of their charges; older ones have none.
    """
    numbers = [str(document.header.document_number) for document in documents]
    _gather(connection, numbers)
    said = _said_columns(connection)
    usage = usage_files(connection, "issued_usage", documents, directory)
    # One thread writes the same row groups every time; the connection ends with the batch.
    connection.execute("set threads = 1")
    for number, path in zip(numbers, usage, strict=True):
        if number not in with_charges:
            yield {USAGE: path}
            continue
        charges = path.with_name(f"{path.name}{CHARGES}")
        _write_charges(connection, number, said.get(number, ["document_number"]), charges)
        yield {USAGE: path, CHARGES: charges}


def _gather(connection: duckdb.DuckDBPyConnection, numbers: Sequence[str]) -> None:
    """Set the documents' charges aside, in the order in which their files have them."""
    charges, lines = _OF_DOCUMENTS.format("rated_charge"), _OF_DOCUMENTS.format("document_line")
    connection.execute(
        f"create or replace temp table issued_charge as select * from {charges} order by all", [numbers]
    )
    usage = usage_select("issued_charge", lines, "true", document="document_number")
    connection.execute(
        "create or replace temp table issued_usage as "
        f"select *, list_position($1, document_number) as place from ({usage})",
        [numbers],
    )


def _said_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """By document, the columns that hold anything: one that a later version adds leaves older files as they are."""
    names = read.columns(connection, "issued_charge")
    counts = ", ".join(f"count({name}) as {name}" for name in names)
    sql = f"select document_number as number, {counts} from issued_charge group by document_number"
    return {row["number"]: [name for name in names if row[name]] for row in read.rows(connection, sql)}


def _write_charges(
    connection: duckdb.DuckDBPyConnection, number: str, columns: Sequence[str], target: Path
) -> None:
    quoted, place = number.replace("'", "''"), str(target).replace("'", "''")
    mine = f"select {', '.join(columns)} from issued_charge where document_number = '{quoted}'"
    connection.execute(f"copy ({mine}) to '{place}' (format parquet, compression zstd)")
