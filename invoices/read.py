"""Read documents from the warehouse, a batch per query: drafts from dbt's tables, issued from the ledger.

An issued document is read from ``ledger.*`` alone, so that it can be printed again, byte for byte, whatever
has become of the book of business since.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import duckdb

from cspbill.errors import CspbillError
from invoices.files import CHARGES, file_key
from invoices.model import CREDIT_NOTE, Buyer, Document, Draw, Header, Line, Part, Seller, Tax

Row = dict[str, Any]
Key = tuple[Any, ...]

LINE_COLUMNS = ", ".join(field.name for field in fields(Line))
TAX_COLUMNS = ", ".join(field.name for field in fields(Tax))
DRAW_COLUMNS = ", ".join(field.name for field in fields(Draw))
PART_COLUMNS = ", ".join(field.name for field in fields(Part))
SOLD = "disposition = 'sold'"
#: Documents that wait for issue; a draft that is none of them has been issued since it was built.
OPEN_DOCUMENTS = """(
    select (payer_id, document_period) from intermediate.int_invoice__document_period where is_due
)"""


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
    """Run a query and return its rows as dicts."""
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read_seller(connection: duckdb.DuckDBPyConnection) -> tuple[Seller, str | None]:
    """The reseller as configured now, and the path of its logo file."""
    row = _reseller(connection)
    known = {field.name for field in fields(Seller)} - {"logo"}
    return Seller(**{name: value for name, value in row.items() if name in known}), row.get("logo")


def read_series(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, str], int]:
    """Series by document type, and the number with which each series starts."""
    row = _reseller(connection)
    series = {"invoice": row["invoice_series_invoice"], CREDIT_NOTE: row["invoice_series_credit_note"]}
    return series, int(row["first_number"])


def _reseller(connection: duckdb.DuckDBPyConnection) -> Row:
    found = rows(connection, "select * from config.reseller")
    if not found:
        raise CspbillError("No book of business is loaded yet: run `cspbill run` first.")
    return found[0]


def drafts_exist(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether dbt has built the draft tables at all."""
    sql = """
    select count(*) as n from information_schema.tables
    where table_schema = 'intermediate' and table_name = 'int_invoice__draft'
    """
    return bool(rows(connection, sql)[0]["n"])


def read_drafts(
    connection: duckdb.DuckDBPyConnection,
    seller: Seller,
    period: dt.date,
    customers: Sequence[str] | None = None,
) -> list[Document]:
    """Read the period's drafts in the order of customer ids.

    A customer without lines has no document, unless something blocks it: then the draft says what.
    """
    where = "billing_period = $1" + ("" if customers is None else " and customer_id in (select unnest($2))")
    values: list[object] = [period] if customers is None else [period, list(customers)]
    headers = rows(
        connection,
        f"{_DRAFT_HEADERS} where {where} and (customer_id, billing_period) in {OPEN_DOCUMENTS} order by customer_id",
        values,
    )
    keyed = "customer_id, billing_period"
    drafts = "intermediate.int_invoice__draft"
    lines = rows(
        connection, f"select {LINE_COLUMNS} from {drafts}_lines where {where} order by line_number", values
    )
    taxes = rows(connection, f"select {keyed}, {TAX_COLUMNS} from {drafts}_tax where {where}", values)
    draws = rows(
        connection,
        f"select {keyed}, {DRAW_COLUMNS} from {DRAFT_DRAWS} where {where} order by draw_number",
        values,
    )
    buyers = read_buyers(connection)
    documents = assemble(
        [_draft_header(row) for row in headers],
        parties={(row["customer_id"], period): (seller, buyers[row["customer_id"]]) for row in headers},
        lines=grouped(lines, keyed),
        taxes=grouped(taxes, keyed),
        draws=grouped(draws, keyed),
        parts=_draft_parts(lines, buyers),
        key=lambda header: header.key,
    )
    return [document for document in documents if document.lines or document.header.blocked_reason]


DRAFT_DRAWS = "(select * from intermediate.int_prepaid__draw where amount > 0)"
_DRAFT_HEADERS = "select * from intermediate.int_invoice__draft"


def _draft_parts(lines: Iterable[Row], buyers: Mapping[str, Buyer]) -> dict[Key, list[Row]]:
    found: dict[Key, dict[Key, Row]] = defaultdict(dict)
    for line in lines:
        user, period = line["used_by_customer_id"], line["used_in_period"]
        name = None if user == line["customer_id"] else buyers[user].legal_name
        part = {"customer_id": user, "billing_period": period, "customer_name": name, "book_sha256": None}
        found[line["customer_id"], line["billing_period"]][user, period] = part
    return {document: list(parts.values()) for document, parts in found.items()}


def _draft_header(row: Mapping[str, Any]) -> Header:
    names = {field.name for field in fields(Header)}
    return Header(
        **{name: value for name, value in row.items() if name in names},
        document_number=None,
        series=None,
        sequence_number=None,
        issue_date=None,
        due_date=None,
    )


def read_buyers(connection: duckdb.DuckDBPyConnection) -> dict[str, Buyer]:
    """Every customer of the book by id."""
    names = ", ".join(field.name for field in fields(Buyer))
    return {
        row["customer_id"]: Buyer(**row) for row in rows(connection, f"select {names} from config.customers")
    }


def read_issued(connection: duckdb.DuckDBPyConnection, numbers: Iterable[str]) -> list[Document]:
    """Read issued documents from the ledger alone, in the order of their numbers."""
    where, values = "document_number in (select unnest($1))", [list(numbers)]
    headers = rows(connection, f"{_ISSUED_HEADERS} where {where} order by document_number", values)
    documents = assemble(
        [_issued_header(row) for row in headers],
        parties={(row["document_number"],): _parties(row) for row in headers},
        **read_parts_of_issued(connection, where, values),
        key=lambda header: (header.document_number,),
    )
    return [
        replace(document, files=_stated(row["files_json"]))
        for document, row in zip(documents, headers, strict=True)
    ]


def _stated(files_json: str) -> dict[str, str]:
    """The hashes that a document's JSON states: of all other files, since there are files of frozen charges."""
    hashes: dict[str, str] = json.loads(files_json)
    return {key: sha for key, sha in hashes.items() if key != "json"} if file_key(CHARGES) in hashes else {}


_ISSUED_HEADERS = """
select * from ledger.document
left join (
    select credit_note_number as document_number, reason as void_reason from ledger.void
) as voids using (document_number)
"""


def _issued_header(row: Mapping[str, Any]) -> Header:
    names = {field.name for field in fields(Header)}
    terms = (row["due_date"] - row["issue_date"]).days
    return Header(**{k: v for k, v in row.items() if k in names}, payment_terms_days=terms)


def _parties(row: Mapping[str, Any]) -> tuple[Seller, Buyer]:
    return Seller(**json.loads(row["seller_json"])), Buyer(**json.loads(row["buyer_json"]))


#: By name as `assemble` takes it: the ledger's table, its columns, and the order of its rows in a document.
_PARTS_OF_ISSUED = {
    "lines": ("document_line", LINE_COLUMNS, "line_number"),
    "taxes": ("document_tax", TAX_COLUMNS, "tax_code, tax_rate"),
    "draws": ("prepaid_draw", DRAW_COLUMNS, "draw_number"),
    "parts": ("document_period", PART_COLUMNS, "customer_id, billing_period"),
}


def read_parts_of_issued(
    connection: duckdb.DuckDBPyConnection, where: str, values: Sequence[object]
) -> dict[str, dict[Key, list[Row]]]:
    """Lines, taxes, prepaid draws and billed months of issued documents, each keyed by ``(document_number,)``."""
    return {
        name: grouped(
            rows(
                connection,
                f"select document_number, {columns} from ledger.{table} where {where} order by {order}",
                values,
            ),
            "document_number",
        )
        for name, (table, columns, order) in _PARTS_OF_ISSUED.items()
    }


def grouped(found: list[Row], keys: str) -> dict[Key, list[Row]]:
    """Group rows by the columns named in ``keys``, keeping their order."""
    names = keys.split(", ")
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in found:
        groups[tuple(row[name] for name in names)].append(row)
    return groups


def assemble(
    headers: Iterable[Header],
    parties: Mapping[Key, tuple[Seller, Buyer]],
    lines: Mapping[Key, list[Row]],
    taxes: Mapping[Key, list[Row]],
    draws: Mapping[Key, list[Row]],
    parts: Mapping[Key, list[Row]],
    key: Callable[[Header], Key],
) -> list[Document]:
    """Put headers, parties, lines, tax rows, prepaid draws and parts together by key."""
    return [
        replace(
            _document(
                header,
                *parties[key(header)],
                lines.get(key(header), []),
                taxes.get(key(header), []),
                parts.get(key(header), []),
            ),
            draws=tuple(Draw(**_only(row, Draw)) for row in draws.get(key(header), ())),
        )
        for header in headers
    ]


def _document(
    header: Header,
    seller: Seller,
    buyer: Buyer,
    lines: Iterable[Row],
    taxes: Iterable[Row],
    parts: Iterable[Row],
) -> Document:
    made = (Tax(**_only(row, Tax)) for row in taxes)
    owned = (Part(**_only(row, Part)) for row in parts)
    return Document(
        header=header,
        seller=seller,
        buyer=buyer,
        lines=tuple(Line(**_only(row, Line)) for row in lines),
        taxes=tuple(sorted(made, key=lambda tax: (tax.tax_code, tax.tax_rate))),
        parts=tuple(
            sorted(
                owned,
                key=lambda part: (
                    part.customer_id != header.customer_id,
                    part.customer_id,
                    part.billing_period,
                ),
            )
        ),
    )


_NAMES: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Line, Tax, Draw, Part)
}


def _only(row: Row, kind: type) -> Row:
    return {name: row[name] for name in _NAMES[kind]}


def drafted(connection: duckdb.DuckDBPyConnection, period: dt.date) -> set[str]:
    """Customers with a draft of the period that waits for issue."""
    sql = f"""
    select customer_id from intermediate.int_invoice__draft
    where billing_period = $1 and (customer_id, billing_period) in {OPEN_DOCUMENTS}
    """
    return {row["customer_id"] for row in rows(connection, sql, [period])}


def issued(connection: duckdb.DuckDBPyConnection, period: dt.date) -> set[str]:
    """Customers with a document of the period that neither is void nor voids another."""
    sql = """
    select customer_id from ledger.document
    where billing_period = $1
        and document_number not in (select document_number from ledger.void)
        and document_number not in (select credit_note_number from ledger.void)
    """
    return {row["customer_id"] for row in rows(connection, sql, [period])}


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Column names of a table."""
    return [column[0] for column in connection.execute(f"select * from {table} limit 0").description or ()]
