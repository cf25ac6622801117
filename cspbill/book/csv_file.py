"""One CSV file of the book: text → typed rows, with every defect named by line and column."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cspbill.book.model import Row
from cspbill.book.schema import Column, Table
from cspbill.book.values import Value, WrongValueError, parse
from cspbill.errors import Problem


def read_table(table: Table, path: Path) -> tuple[list[Row], list[Problem], bool]:
    """Read one file; returns its rows, its problems, and whether all its rows and columns were understood."""
    try:
        lines = _lines(path.read_bytes())
    except _UnreadableError as error:
        return [], [Problem(table.file, error.line, "", error.message)], False
    if not lines:
        return [], [Problem(table.file, 1, "", f"no header row; allowed: {_names(table)}")], False
    header = [name.strip().casefold() for name in lines[0][1]]
    problems = list(_header_problems(table, header))
    ragged = [_ragged(table, header, line, cells) for line, cells in lines[1:] if len(cells) != len(header)]
    absent = frozenset(column.name for column in table.columns if column.required) - set(header)
    parser = _Parser(table, absent)
    rows = [
        parser.row(line, dict(zip(header, cells, strict=True)))
        for line, cells in lines[1:]
        if len(cells) == len(header)
    ]
    return rows, problems + ragged + parser.problems, not (ragged or absent)


class _UnreadableError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def _lines(content: bytes) -> list[tuple[int, list[str]]]:
    """Split into (line, cells); lines without any text are skipped."""
    reader = csv.reader(io.StringIO(_decode(content), newline=""), strict=True)
    found, start = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise _UnreadableError(
            start, f"not readable as CSV ({error}); allowed: commas between values, quotes in pairs"
        ) from None
    return found


def _decode(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _UnreadableError(line, "not UTF-8; allowed: save the file as 'CSV UTF-8'") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _UnreadableError(line, "contains NUL characters; allowed: save the file as 'CSV UTF-8'")
    return text


def _header_problems(table: Table, header: Sequence[str]) -> Iterable[Problem]:
    known = [column.name for column in table.columns]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        yield Problem(
            table.file, 1, "", "values are not separated by commas; allowed: save the file with commas"
        )
        return
    for position, name in enumerate(header, start=1):
        if not name:
            yield Problem(table.file, 1, "", f"column {position} has no name; allowed: {_names(table)}")
        elif name not in known:
            yield Problem(
                table.file, 1, name, f"unknown column{suggest(name, known)}; allowed: {_names(table)}"
            )
        elif name in header[: position - 1]:
            yield Problem(table.file, 1, name, "stands twice in the header; allowed: once")
    for column in table.columns:
        if column.required and column.name not in header:
            yield Problem(table.file, 1, column.name, f"required column is missing; allowed: {_names(table)}")


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for a likely typo, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _ragged(table: Table, header: Sequence[str], line: int, cells: Sequence[str]) -> Problem:
    return Problem(
        table.file,
        line,
        "",
        f"has {len(cells)} values; allowed: {len(header)}, as many as the header "
        "(put values that contain a comma in double quotes)",
    )


class _Parser:
    """Parses the cells of one file; equal texts of a column are parsed once (rate files repeat theirs)."""

    def __init__(self, table: Table, absent: frozenset[str]) -> None:
        self.table, self.absent = table, absent
        self.problems: list[Problem] = []
        self._known: dict[tuple[str, str], Value | WrongValueError] = {}

    def row(self, line: int, cells: Mapping[str, str]) -> Row:
        """Parse one row; wrong values become None and are noted as broken."""
        values: dict[str, Value] = {}
        broken = set(self.absent)
        for column in self.table.columns:
            if column.name in self.absent:
                continue
            value = self._value(column, cells.get(column.name, ""))
            if isinstance(value, WrongValueError):
                broken.add(column.name)
                self.problems.append(Problem(self.table.file, line, column.name, str(value)))
            else:
                values[column.name] = value
        return Row(line, values, frozenset(broken))

    def _value(self, column: Column, text: str) -> Value | WrongValueError:
        key = (column.name, text)
        if key not in self._known:
            try:
                self._known[key] = parse(column, text)
            except WrongValueError as error:
                self._known[key] = error
        return self._known[key]


def _names(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)
