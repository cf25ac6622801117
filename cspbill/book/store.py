"""Loads a book into the tables of schema ``config``: all of it or nothing, every decimal exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cspbill.book.ddl import stored_tables
from cspbill.book.fingerprint import content_digest
from cspbill.book.kinds import DECIMALS, Kind, sql_type
from cspbill.book.model import Book
from cspbill.book.schema import Column
from cspbill.book.values import Value
from cspbill.warehouse import state, transaction

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

FINGERPRINT, CONTENT = "config_fingerprint", "config_content"


def store_book(connection: duckdb.DuckDBPyConnection, book: Book) -> bool:
    """Replace every ``config`` table by ``book``; returns whether anything that has effect on money changed.

    A change of order, of comments or of paths is loaded as well, but does not count as one.
    """
    _add_new_columns(connection)
    content = content_digest(book.tables)
    changed = state(connection, FINGERPRINT) != book.fingerprint
    if changed or state(connection, CONTENT) != content:
        with transaction(connection):
            for name, columns in stored_tables().items():
                _replace(connection, name, columns, book.tables[name])
            for name, value in ((FINGERPRINT, book.fingerprint), (CONTENT, content)):
                connection.execute(
                    "insert or replace into ops.state (name, value) values (?, ?)", [name, value]
                )
    return changed


def _add_new_columns(connection: duckdb.DuckDBPyConnection) -> None:
    """Add what a warehouse of an older version lacks; the rows are replaced as a whole anyway."""
    found = connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'config'"
    ).fetchall()
    for table, columns in stored_tables().items():
        for column in columns:
            if (table, column.name) not in found:
                connection.execute(
                    f"alter table config.{table} add column {column.name} {sql_type(column.kind)}"
                )


def _replace(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Value]],
) -> None:
    connection.execute(f"delete from config.{table}")
    if rows:
        connection.register("book_rows", _arrow(columns, rows))
        names = ", ".join(column.name for column in columns)
        connection.execute(f"insert into config.{table} ({names}) select {names} from book_rows")
        connection.unregister("book_rows")


def _arrow(columns: Sequence[Column], rows: Sequence[Mapping[str, Value]]) -> pa.Table:
    """Arrow, because it carries decimals into DuckDB digit by digit, and many rows at once."""
    import pyarrow as pa

    scalars = {Kind.DATE: pa.date32(), Kind.BOOLEAN: pa.bool_(), Kind.INTEGER: pa.int32()}

    def arrow_type(kind: Kind) -> pa.DataType:
        return pa.decimal128(*DECIMALS[kind]) if kind in DECIMALS else scalars.get(kind, pa.string())

    return pa.table(
        {c.name: pa.array([row.get(c.name) for row in rows], arrow_type(c.kind)) for c in columns}
    )
