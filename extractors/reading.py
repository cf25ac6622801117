"""How a delivered file is read by DuckDB: one place, so that gate 1 and the loader see the same values.

CSV and JSON lines are read as text throughout and never sniffed; Parquet keeps its types, and its STRUCT columns are
read leaf by leaf. Every function returns SQL text whose identifiers and literals are quoted here.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import json
import re
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import duckdb

from extractors.contract import Contract
from extractors.names import shown

MONEY = "decimal(28, 12)"
LARGEST = 10**16  # first amount beyond DECIMAL(28,12)
LONGEST_ROW = 2_000_000  # bytes; a longer row is a broken quote or an attack, not a charge
LONGEST_HEADER = 1_000_000
PARQUET_ROW = "file_row_number"  # DuckDB's virtual column
JSON_LINE = (
    "json_line_as_delivered"  # what DuckDB makes of a JSON number is a double: its digits are taken from here
)

Treatment = Literal["decimal", "time", "text"]
_NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(\d+,\d+\)|DOUBLE|FLOAT")
_TIMES = re.compile(r"DATE|TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE")
_NESTED = re.compile(r".*\[\d*\]|(STRUCT|MAP|UNION)\(.*", re.DOTALL)


class UnreadableError(Exception):
    """A file cannot be read at all; ``row`` is the data row (first = 1) where it breaks, 0 when not known."""

    def __init__(self, message: str, row: int = 0) -> None:
        super().__init__(message)
        self.message, self.row = message, row


@dataclass(frozen=True)
class Column:
    """A column as delivered, or derived. ``name`` is the contract's spelling where it knows the column."""

    delivered: str
    name: str
    type: str  # DuckDB's name for the physical type; VARCHAR throughout for CSV and JSON lines
    treatment: Treatment
    expression: str  # SQL that yields it from a row of the file
    time_formats: tuple[str, ...] = ()

    @property
    def mistyped(self) -> bool:
        """Tell whether the physical type cannot hold what the column means."""
        if self.type == "VARCHAR" or self.treatment == "text":
            return False
        return not (_NUMBERS if self.treatment == "decimal" else _TIMES).fullmatch(self.type)


@dataclass(frozen=True)
class Table:
    """A readable file: its columns, and the SQL that yields them."""

    path: Path
    columns: tuple[Column, ...]
    delivered: tuple[str, ...] = ()  # top-level columns of the file

    @property
    def is_text(self) -> bool:
        """Tell CSV and JSON lines, whose every value is text, from Parquet."""
        return not self.path.name.lower().endswith(".parquet")

    def rows(self) -> str:
        """Return a FROM item with the delivered columns."""
        path = literal(_without_globs(str(self.path)))
        if not self.is_text:
            return f"read_parquet({path}, binary_as_string = true, hive_partitioning = false)"
        if is_json_lines(self.path.name):
            shape = literal(json.dumps(dict.fromkeys(self.delivered, "VARCHAR")))
            return (
                f"(select unnest(from_json(json, {shape})), cast(json as varchar) as {JSON_LINE} from "
                f"read_json_objects({path}, format = 'newline_delimited', maximum_object_size = {LONGEST_ROW}))"
            )
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in self.delivered)
        return (
            f"read_csv({path}, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
            f"columns = {{{columns}}}, nullstr = ['', 'NULL', 'null'], strict_mode = true, null_padding = false, "
            f"max_line_size = {LONGEST_ROW}, hive_partitioning = false)"
        )

    @property
    def row(self) -> str:
        """Return the name that ``numbered_rows`` gives the row number: one that the vendor does not use."""
        taken = {name.casefold() for name in self.delivered}
        return next(name for length in itertools.count(1) if (name := "row" + "_" * length) not in taken)

    def numbered_rows(self) -> str:
        """Return a FROM item with the delivered columns and ``row``, the number of the data row from 1."""
        number = "row_number() over ()" if self.is_text else f"{PARQUET_ROW} + 1"
        return f"(select *, {number} as {self.row} from {self.rows()})"


def is_csv(name: str) -> bool:
    """Tell by its name whether a file is CSV, plain or gzip."""
    return name.lower().endswith((".csv", ".csv.gz"))


def is_json_lines(name: str) -> bool:
    """Tell by its name whether a file is JSON lines, plain or gzip."""
    return name.lower().endswith((".json", ".jsonl", ".json.gz", ".jsonl.gz"))


def is_delivered_data(name: str) -> bool:
    """Tell by its name whether a file can hold charges in CSV or Parquet."""
    return is_csv(name) or name.lower().endswith(".parquet")


def describe(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> Table:
    """Look at a file's columns; UnreadableError when there are none to be had."""
    if not path.stat().st_size:
        raise UnreadableError("the file is empty (0 bytes); a delivery has a header and at least one row")
    found = _delivered(connection, path)
    _refuse_bad_names([name for name, _ in found], contract)
    table = Table(path, (), _distinct([name for name, _ in found]))
    tops = [
        _Leaf(name, kind, identifier(read_as))
        for (name, kind), read_as in zip(found, table.delivered, strict=True)
    ]
    leaves = [leaf for top in tops for leaf in _expand(connection, table, top)]
    columns = _named_once(
        _gathered([_column(leaf, contract, of_json=is_json_lines(path.name)) for leaf in leaves], contract)
    )
    derived = [_derived(connection, table, columns, contract, name) for name in contract.derived]
    return replace(table, columns=(*columns, *derived))


def _delivered(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str]]:
    if is_csv(path.name):
        return [(name, "VARCHAR") for name in _csv_header(path)]
    if is_json_lines(path.name):
        return [(name, "VARCHAR") for name in _json_keys(connection, path)]
    return _parquet(connection, path)


@dataclass(frozen=True)
class _Leaf:
    """A column, or a field of a STRUCT column by its path ``a.b``."""

    name: str
    type: str
    expression: str


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Return names that differ in more than letter case, as SQL needs them; only gathered columns may not."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        free = (f"{name} ({number})" if number > 1 else name for number in itertools.count(1))
        distinct.append(next(one for one in free if one.casefold() not in taken))
        taken.add(distinct[-1].casefold())
    return tuple(distinct)


def _expand(connection: duckdb.DuckDBPyConnection, table: Table, leaf: _Leaf) -> list[_Leaf]:
    if not leaf.type.startswith("STRUCT(") or leaf.type.endswith("]"):
        return [leaf]
    fields = connection.execute(
        f"describe select unnest({leaf.expression}) from {table.rows()} limit 0"
    ).fetchall()
    deeper = [
        _Leaf(f"{leaf.name}.{field}", kind, f"struct_extract({leaf.expression}, {literal(field)})")
        for field, kind, *_ in fields
    ]
    return [found for one in deeper for found in _expand(connection, table, one)]


def _column(leaf: _Leaf, contract: Contract, *, of_json: bool) -> Column:
    name = contract.canonical(leaf.name.strip())
    treatment = _treatment(name, contract)
    expression = _json_number(leaf) if of_json and treatment == "decimal" else leaf.expression
    return Column(leaf.name, name, leaf.type, treatment, expression, contract.time_formats)


def _json_number(leaf: _Leaf) -> str:
    """Return SQL for a number of a JSON line with every digit that it was delivered with."""
    # Fifteen digits survive a double; more are taken from the line itself. Inside a text a key's quotes are escaped.
    key = re.escape(json.dumps(leaf.name, ensure_ascii=False))
    number = rf'{key}\s*:\s*"?(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)'
    digits = f"regexp_extract({JSON_LINE}, {literal(number)}, 1)"
    return f"case when length({leaf.expression}) > 15 then {digits} else {leaf.expression} end"


def _treatment(name: str, contract: Contract) -> Treatment:
    return "decimal" if name in contract.decimals else "time" if name in contract.times else "text"


def _gathered(columns: list[Column], contract: Contract) -> list[Column]:
    """Put the columns that a contract gathers into one JSON column each, unless that one was delivered itself."""
    delivered = {column.name for column in columns}
    members: dict[str, list[tuple[str, Column]]] = {}
    kept = []
    for column in columns:
        place = contract.gatherer(column.delivered.strip())
        if place and place[0] not in delivered:
            members.setdefault(place[0], []).append((place[1], column))
        else:
            kept.append(column)
    return [*kept, *(_as_json(name, parts) for name, parts in members.items())]


def _as_json(name: str, parts: list[tuple[str, Column]]) -> Column:
    entries = ", ".join(
        f"case when {text(column)} is not null "
        f"then {literal(json.dumps(key, ensure_ascii=False) + ':')} || cast(to_json({text(column)}) as varchar) end"
        for key, column in parts
    )
    return Column(name, name, "VARCHAR", "text", f"('{{' || concat_ws(',', {entries}) || '}}')")


def _named_once(columns: list[Column]) -> list[Column]:
    """Let the first of several columns that mean the same have the name; the others keep their own, as text."""
    taken: set[str] = set()
    kept = []
    for column in columns:
        again = column.name.casefold() in taken
        kept.append(replace(column, name=column.delivered, treatment="text") if again else column)
        taken.add(kept[-1].name.casefold())
    return kept


def _derived(
    connection: duckdb.DuckDBPyConnection, table: Table, columns: list[Column], contract: Contract, name: str
) -> Column:
    known = {column.name: column.expression for column in columns}
    sql = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "null"), contract.derived[name])
    kind = connection.execute(f"describe select {sql} from {table.rows()}").fetchall()[0][1]
    return Column(name, name, kind, _treatment(name, contract), f"({sql})", contract.time_formats)


def _json_keys(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Return every key of the file's objects in the order of first appearance."""
    lines = f"read_json_objects({literal(_without_globs(str(path)))}, format = 'newline_delimited', "
    lines = f"(select json, row_number() over () as line from {lines}maximum_object_size = {LONGEST_ROW}))"
    try:
        keys = connection.execute(
            f"select key from (select unnest(json_keys(json)) as key, line from {lines}) "
            "group by key order by min(line)"
        ).fetchall()
        strange = connection.execute(
            f"select min(line) from {lines} where json_type(json) <> 'OBJECT'"
        ).fetchone()
    except duckdb.Error as error:
        raise unreadable(error) from None
    if strange and strange[0]:
        raise UnreadableError("is not JSON lines: the line holds no object {…}", int(strange[0]))
    found = [key for (key,) in keys]
    if JSON_LINE in {key.casefold() for key in found}:
        raise UnreadableError(f"has a key {JSON_LINE}, the name by which its lines are read: rename it")
    return found


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str]]:
    try:
        found = connection.execute(f"describe select * from {Table(path, ()).rows()}").fetchall()
    except duckdb.Error as error:
        raise UnreadableError(
            f"is not a readable Parquet file: {shown(str(error).splitlines()[0])}"
        ) from None
    if PARQUET_ROW in {name.casefold() for name, *_ in found}:
        raise UnreadableError(
            f"has a column {PARQUET_ROW}, the name by which its rows are counted: rename it"
        )
    return [(name, kind) for name, kind, *_ in found]


def _csv_header(path: Path) -> list[str]:
    start = _start(path)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start[:1000]:
        raise UnreadableError("is not UTF-8 text (it looks like UTF-16): deliver CSV as UTF-8")
    return _first_record(start.removeprefix(codecs.BOM_UTF8))


def _start(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb") as handle:
            return handle.read(LONGEST_HEADER)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(f"is not a readable gzip file: {error}") from None


def _first_record(start: bytes) -> list[str]:
    # Latin-1 never fails and keeps quotes and commas: bytes that are no UTF-8 further on are reported with their row.
    try:
        record = next(csv.reader(io.StringIO(start.decode("latin-1"), newline="")), [])
        return [field.encode("latin-1").decode("utf-8") for field in record]
    except UnicodeDecodeError:
        raise UnreadableError("the header is not UTF-8 text: deliver CSV as UTF-8") from None
    except csv.Error as error:
        raise UnreadableError(f"the header cannot be read: {error}") from None


def _refuse_bad_names(names: list[str], contract: Contract) -> None:
    if not any(name.strip() for name in names):
        raise UnreadableError("has no header row with column names")
    for position, name in enumerate(names, start=1):
        if not name.strip() or not name.isprintable() or len(name) > 200:
            raise UnreadableError(f"column {position} has no usable name in the header: {shown(name)!r}")
    own = [name for name in names if not contract.gatherer(name.strip())]
    for name, count in Counter(name.strip().casefold() for name in own).items():
        if count > 1:
            spellings = sorted({one.strip() for one in names if one.strip().casefold() == name})
            raise UnreadableError(
                f"the header names column {' / '.join(map(shown, spellings))} {count} times; "
                "each column may stand there once, whatever its letter case"
            )


def text(column: Column) -> str:
    """Return SQL for the column's text; empty and ``NULL`` become NULL, nested values JSON."""
    name = column.expression
    if column.type != "VARCHAR":
        return (
            f"cast(to_json({name}) as varchar)"
            if _NESTED.fullmatch(column.type)
            else f"cast({name} as varchar)"
        )
    return f"case when {name} in ('', 'NULL', 'null') then null else {name} end"


def value(column: Column, cast: Literal["cast", "try_cast"]) -> str:
    """Return SQL for the column's value as the raw table holds it; ``try_cast`` makes a bad value NULL."""
    if column.treatment == "text" or column.mistyped:
        return text(column) if column.treatment == "text" else "null"
    return _decimal(column, cast) if column.treatment == "decimal" else _time(column, cast)


def _decimal(column: Column, cast: str) -> str:
    name = column.expression
    if column.type not in {"DOUBLE", "FLOAT"}:
        return f"{cast}({text(column) if column.type == 'VARCHAR' else name} as {MONEY})"
    # A float means its shortest decimal text (123456.789, not …789000000004). Below 1000 a direct cast gives the same
    # twelve decimals at a tenth of the time.
    exact = f"{cast}(cast({name} as varchar) as {MONEY})"
    if column.type == "FLOAT":
        return exact
    return f"case when abs({name}) < 1000 then {cast}({name} as {MONEY}) else {exact} end"


def _time(column: Column, cast: str) -> str:
    if column.type != "VARCHAR":
        return f"cast({column.expression} as timestamp)"
    # Through a zoned type, so that an offset is honoured; the session's zone is UTC.
    iso = f"cast({cast}({text(column)} as timestamptz) as timestamp)"
    if not column.time_formats:
        return iso
    formats = ", ".join(map(literal, column.time_formats))
    other = f"try_strptime({text(column)}, [{formats}])"
    return f"coalesce({other}, {iso})"


def given(column: Column) -> str:
    """Return SQL that is NULL exactly where the vendor gave no value, whatever its type."""
    return text(column) if column.type == "VARCHAR" else column.expression


def identifier(name: str) -> str:
    """Quote a column name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text_value: str) -> str:
    """Quote a text value."""
    return "'" + text_value.replace("'", "''") + "'"


def _without_globs(path: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", path)


def connect() -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that reads files with UTC as its zone and never downloads an extension."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
    connection.execute("set autoinstall_known_extensions = false; set autoload_known_extensions = false")
    return connection


def unreadable(error: duckdb.Error) -> UnreadableError:
    """Turn DuckDB's complaint about a file into one line and a data row."""
    message = str(error)
    if "JSON" in message:
        return _not_json_lines(message)
    found = re.search(r"CSV Error on Line: (\d+)", message)
    row = max(int(found[1]) - 1, 0) if found else 0  # DuckDB counts records, the header being the first
    if columns := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message):
        return UnreadableError(f"the row has {columns[2]} fields, the header has {columns[1]}", row)
    known = next((meaning for words, meaning in _COMPLAINTS.items() if words in message), None)
    return UnreadableError(known or f"cannot be read: {shown(message.splitlines()[0], 200)}", row)


_COMPLAINTS = {
    "Maximum line size": f"a row is longer than {LONGEST_ROW:,} bytes, the most a charge may take",
    "not utf-8": "is not UTF-8 text: deliver CSV as UTF-8",
    "Invalid unicode": "is not UTF-8 text: deliver CSV as UTF-8",
    "unterminated quote": 'a quoted field has no closing quote (a quote inside is written "")',
    "invalid state": "is not CSV as RFC 4180 has it (mixed line ends or stray quotes)",
}


def _not_json_lines(message: str) -> UnreadableError:
    found = re.search(r"in line (\d+)", message)
    reason = re.sub(r' in file "[^"]*", at byte \d+ in line \d+', "", message.splitlines()[0])
    row = max(int(found[1]) - 1, 1) if found else 0  # DuckDB names the line after the malformed one
    return UnreadableError(f"is not JSON lines, one object per line: {shown(reason, 200)}", row)
