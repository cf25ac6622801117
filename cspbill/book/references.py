"""Ids: defined once, and never used without being defined; rows take the spelling of the definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cspbill.book.csv_file import suggest
from cspbill.book.model import Draft, Row
from cspbill.book.schema import TABLES, Column, Table
from cspbill.book.values import quote
from cspbill.errors import Problem


def duplicates(draft: Draft) -> Iterator[Problem]:
    """Refuse rows that repeat the key of their file."""
    for table in (each for each in TABLES.values() if each.key):
        first: dict[tuple[str, ...], int] = {}
        for row in draft.tables[table.name]:
            key = tuple(row.text(name) for name in table.key)
            if not all(key) or row.broken & set(table.key):
                continue
            if key in first:
                shown = ", ".join(quote(str(row.values[name])) for name in table.key)
                names = ", ".join(table.key)
                yield Problem(
                    table.file,
                    row.line,
                    table.key[-1],
                    f"{names} {shown} stands in line {first[key]} already; allowed: once",
                )
            first.setdefault(key, row.line)


def undefined(draft: Draft) -> Iterator[Problem]:
    """Refuse ids that the file which should define them does not define."""
    for table in TABLES.values():
        for column in table.columns:
            target = column.refers_to.partition(".")[0] if column.refers_to else ""
            if target and target not in draft.unreadable:
                yield from _undefined_in(draft, table, column)


def _undefined_in(draft: Draft, table: Table, column: Column) -> Iterator[Problem]:
    defined = definitions(draft, column)
    for row in draft.tables[table.name]:
        value = row.values.get(column.name)
        if value is not None and str(value).casefold() not in defined:
            yield Problem(table.file, row.line, column.name, _undefined_words(column, str(value), defined))


def _undefined_words(column: Column, value: str, defined: Mapping[str, str]) -> str:
    target, _, name = str(column.refers_to).partition(".")
    file = "reseller.yml" if target == "sources" else TABLES[target].file
    names = list(defined.values())
    shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    star = ", *" if column.selector else ""
    return (
        f"{quote(value)} is not a {name} that {file} defines{suggest(value, names)}; "
        f"allowed: {shown or 'none, it defines no rows'}{star}"
    )


def definitions(draft: Draft, column: Column) -> Mapping[str, str]:
    """Return what ``column`` may refer to: casefolded id → id as defined."""
    target, _, name = str(column.refers_to).partition(".")
    if target == "sources":
        return {item.source.name.casefold(): item.source.name for item in draft.sources}
    return {row.text(name): str(row.values[name]) for row in draft.tables[target] if row.values.get(name)}


def with_defined_spelling(draft: Draft, table: Table) -> list[Row]:
    """Return the rows of ``table`` with every reference spelt as defined, so that equality joins them."""
    columns = [(column.name, definitions(draft, column)) for column in table.columns if column.refers_to]
    return (
        [_respelt(row, columns) for row in draft.tables[table.name]] if columns else draft.tables[table.name]
    )


def _respelt(row: Row, columns: list[tuple[str, Mapping[str, str]]]) -> Row:
    spelt = {name: defined[row.text(name)] for name, defined in columns if row.text(name) in defined}
    return replace(row, values={**row.values, **spelt})


def cycles(draft: Draft) -> Iterator[Problem]:
    """Refuse price books or customers that are their own ancestors."""
    yield from _cycles(draft, "price_books", "price_book", "parent")
    yield from _cycles(draft, "customers", "customer_id", "parent_customer_id")


def _cycles(draft: Draft, table: str, name: str, parent: str) -> Iterator[Problem]:
    rows = {row.text(name): row for row in reversed(draft.tables[table]) if row.text(name)}
    for row in rows.values():
        path = _path_to_itself(rows, row, parent)
        # A cycle is told once, on its first line.
        if path and row.line == min(each.line for each in path):
            way = " → ".join(str(each.values[name]) for each in [*path, row])
            yield Problem(
                TABLES[table].file,
                row.line,
                parent,
                f"{way} leads back to itself; allowed: parents without a cycle",
            )


def _path_to_itself(rows: Mapping[str, Row], start: Row, parent: str) -> list[Row]:
    path, row = [start], rows.get(start.text(parent))
    while row is not None and row not in path:
        path.append(row)
        row = rows.get(row.text(parent))
    return path if row is start else []
