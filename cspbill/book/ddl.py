"""The DDL of schema ``config``, from the declared schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cspbill.book.kinds import Kind, sql_type
from cspbill.book.schema import INVOICE_SERIES, RESELLER, SOURCES, TABLES, Column

HEADER = "-- Written by `python -m cspbill.book` from cspbill/book/schema.py.\n"
LINE = Column("config_line", Kind.INTEGER, "line in its file", required=True)
IN_EU = Column(
    "tax_in_eu", Kind.BOOLEAN, "the reseller is in the VAT area of the European Union", required=True
)


def stored_tables() -> dict[str, tuple[Column, ...]]:
    """Return every table of schema ``config`` with its columns in order."""
    files = {table.name: (*table.columns, *table.derived, LINE) for table in TABLES.values()}
    series = tuple(
        Column(f"invoice_series_{c.name}", c.kind, c.about, default=c.default) for c in INVOICE_SERIES
    )
    return files | {
        "reseller": (*RESELLER, *series, IN_EU),
        "sources": (*SOURCES, LINE),
        "owner_accounts": (
            Column("source", Kind.ID, "source that the account is seen in", required=True),
            Column("account_id", Kind.TEXT, "one of the reseller's own accounts", required=True),
            LINE,
        ),
        "currencies": (
            Column("code", Kind.CURRENCY, "ISO 4217 code", required=True),
            Column("minor_units", Kind.INTEGER, "decimals that invoices round to", required=True),
        ),
    }


def ddl() -> str:
    """Return the whole script that creates schema ``config``."""
    tables = "\n".join(_create(name, columns) for name, columns in stored_tables().items())
    return f"{HEADER}create schema if not exists config;\n\n{tables}"


def _create(name: str, columns: Sequence[Column]) -> str:
    return f"create table if not exists config.{name} (\n" + ",\n".join(_definitions(columns)) + "\n);\n"


def _definitions(columns: Sequence[Column]) -> Iterator[str]:
    for column in columns:
        # A selector's `*` is stored as null, even where the file must say it.
        always = (column.required or column.default is not None) and not column.selector
        yield f"    {column.name} {sql_type(column.kind)}" + (" not null" if always else "")
