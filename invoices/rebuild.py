"""Rebuild the ledger from the published files: beside the one there is, verified, then swapped in one transaction.

The JSON documents give everything but the frozen charges; those come from ``<number>-charges.parquet``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cspbill import warehouse
from cspbill.errors import CspbillError
from cspbill.progress import counted
from cspbill.scratch import scratch
from cspbill.settings import Settings
from invoices import canonical, read
from invoices.files import (
    CHARGES,
    SUFFIXES,
    file_digest,
    file_key,
    invoice_directory,
    safe_name,
)
from invoices.freeze import document_row
from invoices.ledger import charge_problems, content_problems, file_problems, ledger_problems
from invoices.model import Document
from invoices.parse import NotAsWritten, parse
from invoices.publish import IssuedFiles, issued_files

BATCH = 500
TABLES = (
    "document",
    "document_line",
    "document_tax",
    "document_period",
    "prepaid_draw",
    "void",
    "rated_charge",
)
LOST = "refunds, corrections, margins and explain of its months lack them"


@dataclass(frozen=True)
class Rebuilt:
    """How many documents were read, and whether the ledger was ``written`` or was the same already.

    ``problems``: files that differ from what was issued or are missing, and documents whose charges are lost.
    """

    documents: int
    written: bool
    problems: tuple[str, ...]


def rebuild(settings: Settings, *, replace_other: bool = False) -> Rebuilt:
    """Read every published document and put its rows in place of an empty ledger.

    A ledger that holds documents is left alone, unless it is the same anyway or ``replace_other`` is given. Raises
    CspbillError, and writes nothing, where a JSON document is missing, altered or does not add up.
    """
    with scratch(settings) as folder:
        beside = replace(settings, home=folder)
        with warehouse.connect(beside) as connection:
            _refuse(_load_documents(settings, connection))
            _refuse(_ledger_breaks(settings, connection))
            files = issued_files(connection, settings)
            problems = [*file_problems(settings, files, beyond={".json", CHARGES})]
            lost = _load_charges(connection, files)
            problems += (f"{number}: {why}; {LOST}" for number, why in lost.items())
            _refuse(text for text in charge_problems(connection) if text.partition(":")[0] not in lost)
            connection.execute("force checkpoint")
        written = _swap(settings, beside.warehouse, replace_other=replace_other)
    return Rebuilt(len(files), written, tuple(problems))


def _refuse(problems: Iterable[str]) -> None:
    found = list(dict.fromkeys(problems))
    if found:
        raise CspbillError(
            "The ledger was not rebuilt, because documents are damaged. Restore these files from a backup:\n"
            + "\n".join(found)
        )


def _load_documents(settings: Settings, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Insert what the JSON documents say; returns what is wrong with any of them."""
    root = settings.published / "invoices"
    paths = sorted(root.glob("*/*/[!.]*.json"))
    problems: list[str] = []
    seen: dict[str, Path] = {}
    with counted("Read documents", len(paths)) as count:
        for start in range(0, len(paths), BATCH):
            good: list[tuple[Document, Path, bytes]] = []
            for path in paths[start : start + BATCH]:
                try:
                    content = path.read_bytes()
                    document = parse(content)
                    _check_place(settings, document, path, seen)
                    good.append((document, path, content))
                except NotAsWritten as wrong:
                    problems.append(f"{path.relative_to(settings.published)} {wrong}")
            _insert_documents(connection, good)
            count.advance(len(paths[start : start + BATCH]))
    return problems


def _check_place(settings: Settings, document: Document, path: Path, seen: dict[str, Path]) -> None:
    header = document.header
    number = str(header.document_number)
    belongs = (
        invoice_directory(settings, header.billing_period, header.customer_id) / f"{safe_name(number)}.json"
    )
    if belongs != path:
        raise NotAsWritten(
            f"says that it is {number}, which lies at {belongs.relative_to(settings.published)}"
        )
    seen[number] = path


def _insert_documents(
    connection: duckdb.DuckDBPyConnection, documents: Sequence[tuple[Document, Path, bytes]]
) -> None:
    for table, rows in _rows(documents).items():
        if rows:
            # Text, which DuckDB casts to the columns' types: decimals stay exact.
            columns = {name: [_text(row[name]) for row in rows] for name in rows[0]}
            connection.register(
                "said", pa.table(columns, schema=pa.schema([(n, pa.string()) for n in columns]))
            )
            connection.execute(f"insert into ledger.{table} by name select * from said")
            connection.unregister("said")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _rows(documents: Sequence[tuple[Document, Path, bytes]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES if table != "rated_charge"}
    for document, path, content in documents:
        header = document.header
        number = {"document_number": header.document_number}
        draft = {"customer_id": header.customer_id, "billing_period": header.billing_period}
        hashes = document.files or _hashes_of_files(path)
        found["document"].append(document_row(document, {**hashes, "json": canonical.digest(content)}))
        found["document_line"] += ({**number, **vars(line)} for line in document.lines)
        found["document_tax"] += ({**number, **vars(tax)} for tax in document.taxes)
        found["document_period"] += ({**number, **vars(part)} for part in document.parts)
        found["prepaid_draw"] += ({**number, **draft, **vars(draw)} for draw in document.draws)
        if header.void_reason is not None:
            found["void"].append(_void(document))
    return found


def _hashes_of_files(path: Path) -> dict[str, str]:
    """What lies beside the JSON of a document from before it stated the hashes."""
    beside = {suffix: path.with_name(f"{path.stem}{suffix}") for suffix in SUFFIXES}
    return {file_key(suffix): file_digest(file) for suffix, file in beside.items() if file.exists()}


def _void(document: Document) -> dict[str, Any]:
    header = document.header
    return {
        "document_number": header.reference_document,
        "credit_note_number": header.document_number,
        "reason": header.void_reason,
        "voided_at": dt.datetime.combine(header.issue_date or dt.date.min, dt.time()),
    }


def _ledger_breaks(settings: Settings, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Numbers, sums and voids of what was read; that it gives the same JSON again; files of no document."""
    yield from ledger_problems(connection)
    files = issued_files(connection, settings)
    yield from content_problems(connection, files)
    known = {each.path(suffix) for each in files for suffix in SUFFIXES}
    for path in sorted((settings.published / "invoices").glob("*/*/[!.]*")):
        if path not in known:
            yield f"{path.relative_to(settings.published)} belongs to no document whose JSON is there"


def _load_charges(connection: duckdb.DuckDBPyConnection, files: Sequence[IssuedFiles]) -> dict[str, str]:
    """Insert the frozen charges of every document whose file is intact; returns why those of others are lost."""
    lost: dict[str, str] = {}
    intact: list[Path] = []
    charged = {row["document_number"] for row in read.rows(connection, _CHARGED)}
    for each in files:
        if why := _lost_charges(each, has_charges=each.document_number in charged):
            lost[each.document_number] = why
        elif each.path(CHARGES).exists():
            intact.append(each.path(CHARGES))
    with counted("Read charges", len(intact)) as count:
        for start in range(0, len(intact), BATCH):
            batch = [str(path) for path in intact[start : start + BATCH]]
            connection.execute(
                "insert into ledger.rated_charge by name select * from read_parquet($1, union_by_name = true)",
                [batch],
            )
            count.advance(len(batch))
    return lost


#: Documents with lines that charges stand behind; a void's credit note leaves them with its invoice.
_CHARGED = """
select distinct document_number from ledger.document_line
where line_type in ('usage', 'purchase', 'subscription', 'one_off', 'correction')
    and document_number not in (select credit_note_number from ledger.void)
"""


def _lost_charges(files: IssuedFiles, *, has_charges: bool) -> str | None:
    stated, path = files.hashes.get(file_key(CHARGES)), files.path(CHARGES)
    if stated is None:
        return "its charges are lost, it was issued before they were published" if has_charges else None
    if not path.exists():
        return f"its charges are lost, {path.name} is missing" if has_charges else None
    if file_digest(path) != stated:
        return f"its charges are lost, {path.name} is not the file that was issued (SHA-256 differs)"
    return None


def _swap(settings: Settings, beside: Path, *, replace_other: bool) -> bool:
    """Put the rebuilt rows in place, all or nothing; returns whether anything differed."""
    with warehouse.connect(settings) as connection:
        connection.execute(f"attach '{str(beside).replace(chr(39), chr(39) * 2)}' as rebuilt (read_only)")
        differing = [(table, numbers) for table in TABLES if (numbers := _differing(connection, table))]
        if not differing:
            return False
        if not replace_other and read.rows(connection, "select 1 from ledger.document limit 1"):
            raise CspbillError(_refusal(differing))
        with warehouse.transaction(connection):
            for table in TABLES:
                connection.execute(f"delete from ledger.{table}")
                connection.execute(f"insert into ledger.{table} by name select * from rebuilt.ledger.{table}")
    return True


def _differing(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Numbers of documents whose rows in the ledger and beside it differ."""
    columns = ", ".join(read.columns(connection, f"ledger.{table}"))
    here, there = f"select {columns} from ledger.{table}", f"select {columns} from rebuilt.ledger.{table}"
    sql = f"""
    select distinct document_number
    from (({here} except all {there}) union all ({there} except all {here}))
    order by document_number
    """
    return [row["document_number"] for row in read.rows(connection, sql)]


def _refusal(differing: Sequence[tuple[str, Sequence[str]]]) -> str:
    lines = [
        f"ledger.{table}: {len(numbers)} documents differ, the first is {numbers[0]}"
        for table, numbers in differing
    ]
    return (
        "The ledger holds documents and is not what the published files say, so it was left as it is. "
        "`cspbill ledger verify` names what is wrong with it; --replace takes the published files' word.\n"
        + "\n".join(lines)
    )
