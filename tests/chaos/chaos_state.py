"""Everything that a run and an issue leave behind, and where two such states differ.

Only what must differ is left out: the wall clock (when something landed or was loaded) and the running number of
the snapshot, which counts publications.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
from chaos_book import TODAY, Shop

from cspbill import snapshot, warehouse
from cspbill.settings import Settings
from invoices.ledger import verify

CLOCK = {"ops.delivery": ("landed_at", "loaded_at")}
TABLES = (
    *(f"ledger.{name}" for name in ("document", "document_line", "document_tax", "rated_charge", "void")),
    *(
        f"ops.{name}"
        for name in ("delivery", "partition_in_force", "built_period", "built_delivery", "state")
    ),
    "raw.focus_files",
)
LEFTOVERS = ("landing/.incoming/*/*", "published/.incoming", "published/**/.*")
EXPECTED = {".parquet", ".lock", ".index.json"}


@dataclass(frozen=True)
class State:
    """The rows of ledger, ops and raw by table; the digests of documents by path; the landed files."""

    rows: Mapping[str, tuple[Any, ...]]
    documents: Mapping[str, str]
    landed: Mapping[str, str]
    snapshot: Path


def settings_of(shop: Shop) -> Settings:
    """The settings of the shop's commands, for reading its warehouse."""
    return Settings(shop.home, shop.demo / "config", dt.date.fromisoformat(TODAY))


def read_state(shop: Shop) -> State:
    """Read a shop whose commands have ended."""
    settings = settings_of(shop)
    with warehouse.connect(settings) as connection:
        rows = {table: _rows(connection, table) for table in TABLES}
    newest = snapshot.newest(settings)
    assert newest, "nothing was published"
    published = _digests(shop.home / "published", "invoices", "drafts", "assets")
    landed = _digests(shop.home, "landing", "quarantine", only="files")
    return State(rows, published, landed, newest)


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[Any, ...]:
    without = ", ".join(CLOCK.get(table, ()))
    columns = f"* exclude ({without})" if without else "*"
    if table.startswith("raw."):  # too many rows to carry around: their sum of hashes stands for them
        columns = "x_delivery_id, count(*), sum(hash(focus_files))"
        return tuple(
            connection.execute(f"select {columns} from {table} group by all order by all").fetchall()
        )
    return tuple(connection.execute(f"select {columns} from {table} order by all").fetchall())


def _digests(root: Path, *folders: str, only: str = "") -> dict[str, str]:
    paths = (path for folder in folders for path in sorted((root / folder).rglob("*")) if path.is_file())
    return {
        str(path.relative_to(root)): sha256(path.read_bytes()).hexdigest()
        for path in paths
        if not only or only in path.parts
    }


def differences(expected: State, found: State) -> Iterator[str]:
    """Name everything in which a state is not the expected one."""
    for table, rows in expected.rows.items():
        yield from _compare(table, dict.fromkeys(rows), dict.fromkeys(found.rows[table]))
        if len(rows) != len(found.rows[table]):
            yield f"{table}: {len(found.rows[table])} rows, expected {len(rows)}"
    yield from _compare("published", expected.documents, found.documents)
    yield from _compare("landing", expected.landed, found.landed)
    yield from _mart_differences(expected.snapshot, found.snapshot)


def _compare(place: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> Iterator[str]:
    for key in expected.keys() - found.keys():
        yield f"{place}: {key} is missing"
    for key in found.keys() - expected.keys():
        yield f"{place}: {key} should not be there"
    for key in expected.keys() & found.keys():
        if expected[key] != found[key]:
            yield f"{place}: {key} differs"


def _mart_differences(expected: Path, found: Path) -> Iterator[str]:
    with duckdb.connect() as connection:
        for name, path in {"expected": expected, "found": found}.items():
            connection.execute(f"attach '{path}' as {name} (read_only)")
        tables = connection.execute(
            "select distinct table_name from duckdb_tables() where schema_name = 'marts' order by all"
        ).fetchall()
        for (table,) in tables:
            for left, right in (("expected", "found"), ("found", "expected")):
                sql = f"from {left}.marts.{table} except all from {right}.marts.{table}"
                rows = connection.execute(f"select count(*) from ({sql})").fetchone()
                if rows and rows[0]:
                    yield f"marts.{table}: {rows[0]} rows only in {left}"


def wrongs(shop: Shop) -> Iterator[str]:
    """Name what is wrong in a shop by itself: ledger, numbers, half files, pointers, marts behind the snapshot."""
    settings = settings_of(shop)
    yield from verify(settings).problems
    with warehouse.connect(settings) as connection:
        gaps = connection.execute(
            "select series from ledger.document group by series "
            "having count(distinct sequence_number) <> max(sequence_number) - 1001 + 1 or count(*) > "
            "count(distinct sequence_number)"
        ).fetchall()
        yield from (f"series {series} has a gap or a double" for (series,) in gaps)
        yield from _behind(connection, settings)
    for pattern in LEFTOVERS:
        yield from (
            f"{path} was left behind" for path in shop.home.glob(pattern) if path.name not in EXPECTED
        )
    if not (settings.published / "parquet" / "fct_invoice" / "data.parquet").is_file():
        yield "published/parquet leads nowhere"


def _behind(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[str]:
    """Compare the newest snapshot with the marts of the working file."""
    connection.execute(f"attach '{snapshot.newest(settings)}' as newest (read_only)")
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'newest' and schema_name = 'marts'"
    ).fetchall()
    for (table,) in tables:
        working, published = f"marts.{table}", f"newest.marts.{table}"
        both = f"(from {working} except all from {published}) union all (from {published} except all from {working})"
        rows = connection.execute(f"select count(*) from ({both})").fetchone()
        if rows and rows[0]:
            yield f"the snapshot's {table} is not the working file's: {rows[0]} rows differ"
