"""The reference page of the book of business, from the declared schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cspbill.book.kinds import DECIMALS, Kind
from cspbill.book.prices import MODEL_COLUMNS, PRICING_COLUMNS
from cspbill.book.schema import (
    DESTINATIONS,
    INVOICE_SERIES,
    MAIL,
    OWNER_ACCOUNTS,
    RESELLER,
    SEND,
    SOURCE_OPTIONS,
    SOURCES,
    TABLES,
    Column,
    Table,
)

INTRODUCTION = """\
<!-- Written by `python -m cspbill.book` from cspbill/book/schema.py. -->
# The book of business

A config directory (`CSPBILL_CONFIG`, default `./config`) holds `reseller.yml` and CSV files: who is billed,
at which prices, with which discounts, rates and taxes. `cspbill init DIR` writes a small example to start
from; `cspbill check` validates everything and prints every error as `file:line: column: what is wrong;
allowed: …`. Nothing is loaded unless all of it is valid.

- CSV files are UTF-8 (with or without a byte order mark), with commas and a header row. Columns may stand
  in any order. Columns that are not required may be left out, and so may whole files other than
  `reseller.yml` and `customers.csv`. Unknown files and columns are errors. CSV has no comments: keep notes
  in a `description`.
- Text is trimmed and compared without regard to case. Line breaks and control characters are not allowed.
- Dates are ISO (`2024-09-30`). Validity is half-open: a row counts from `valid_from` up to, not including,
  `valid_to`; blank means open.
- Numbers are plain decimals with a point: no thousands separators, currency signs or `%`. They are kept
  exactly: at most 12 decimals for amounts and rates, 6 for percents (`8` is 8 %).
- Required columns and keys are **bold** below. A *selector* matches everything when it is blank or `*`.
- A key of `reseller.yml` such as `password`, `secret` or `access_key` is refused: credentials come from an
  Airflow connection or from the environment.

Beside single values, the whole must fit: ids are defined once and never used undefined; contracts of one
customer never overlap; shares of one account never exceed 100 on any day, rows for any source included; two
rules between which specificity and priority cannot decide are an error; tiers ascend to an open end; a
discount on a contract is its customer's; a rule states what its model needs and nothing that the model does
not use:

| model | needs | may have |
|---|---|---|
"""

_TYPES = {
    Kind.ID: "id: letters, digits, `.` `_` `-`, at most 64, no dot first",
    Kind.CURRENCY: "ISO 4217 currency",
    Kind.COUNTRY: "ISO 3166-1 country",
    Kind.PERCENT_LIST: "percents separated by `;`",
}


def reference() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([INTRODUCTION.rstrip("\n"), *_models(), "", *_reseller(), *_files()]).rstrip("\n") + "\n"


def _models() -> Iterator[str]:
    for model, (needed, optional) in MODEL_COLUMNS.items():
        needs = ", ".join(f"`{name}`" for name in PRICING_COLUMNS if name in needed)
        may = ", ".join(f"`{name}`" for name in PRICING_COLUMNS if name in optional)
        yield f"| `{model}` | {needs} | {may} |"


def _reseller() -> Iterator[str]:
    yield "## reseller.yml"
    yield "The seller, defaults for customers, and the sources that charges come from.\n"
    yield from _columns(RESELLER)
    yield "\n`invoice_series` is a mapping of:\n"
    yield from _columns(INVOICE_SERIES)
    yield "\n`publish_to` is one `url`, or a list; each item has:\n"
    yield from _columns((*DESTINATIONS[:1], SEND, *DESTINATIONS[1:]))
    yield "\n`mail` is a mapping of (see [send and publish](../how-to/send-and-publish.md)):\n"
    yield from _columns(MAIL)
    yield "\n`sources` is a list; each item has:\n"
    yield from _columns((*SOURCES, OWNER_ACCOUNTS))
    for kind, options in SOURCE_OPTIONS.items():
        yield f"\nand for kind `{kind}`:\n"
        yield from _columns(options)
    yield ""


def _files() -> Iterator[str]:
    for table in TABLES.values():
        yield f"## {table.file}"
        yield f"{table.about}{_unique(table)}\n"
        yield from _columns(table.columns)
        yield ""


def _unique(table: Table) -> str:
    return f" Unique: {', '.join(table.key)}." if table.key else ""


def _columns(columns: Iterable[Column]) -> Iterator[str]:
    yield "| column | type | default | meaning |"
    yield "|---|---|---|---|"
    for column in columns:
        name = f"**{column.name}**" if column.required else column.name
        default = f"`{column.default}`" if column.default is not None else ""
        yield f"| {name} | {_type(column)} | {default} | {column.about} |"


def _type(column: Column) -> str:
    if column.kind is Kind.ENUM:
        words = ", ".join(f"`{value}`" for value in column.allowed)
    else:
        words = _TYPES.get(column.kind, column.kind.value) + _bounds(column)
    if column.refers_to and column.refers_to != "sources.name":
        words = f"a {column.refers_to.partition('.')[2]} of {column.refers_to.partition('.')[0]}.csv"
    return f"{words} (selector)" if column.selector else words


def _bounds(column: Column) -> str:
    least = "above 0" if column.positive else f"from {column.least}" if column.least else ""
    bounds = [part for part in (least, f"to {column.most}" if column.most else "") if part]
    return ", " + " ".join(bounds) if bounds and column.kind in {*DECIMALS, Kind.INTEGER} else ""
