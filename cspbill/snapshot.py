"""Publish what readers may open: an immutable copy of schema ``marts`` under a name that is never used twice.

    warehouse.duckdb (locked) ──> published/.incoming/ ──┬─rename─> warehouse-<period>-<run>.duckdb
                                                         └─rename─> .parquet/<name>/<table>/data.parquet

Then the link ``parquet`` and the file ``CURRENT`` are swapped, each by one rename: a reader sees the old set
of tables or the new one, never half of it, and whatever is killed midway is cleared away by the next run.

A snapshot is never replaced in place: a process that has a DuckDB file open keeps seeing the old content even
on new connections, so a new content needs a new name.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from importlib import metadata
from pathlib import Path

import duckdb

from cspbill import atomic, warehouse
from cspbill.settings import Settings

SNAPSHOTS_KEPT = 5
PARQUET_RUNS_KEPT = 2  # the one in force, and the one that a reader may still be walking through
SORTED_ROWS = 50_000  # sorting larger tables would cost more than a stable order is worth
_NAME = re.compile(r"warehouse-\d{4}-\d{2}-(\d+)(\.duckdb)?")

_META = """
create table snapshot.meta.snapshot as
select
    ? as snapshot_name, cast(? as date) as as_of, cast(? as date) as current_period,
    reseller.legal_name, reseller.base_currency, reseller.locale, reseller.close_day,
    (select value from ops.state where name = 'config_fingerprint') as config_fingerprint,
    ? as cspbill_version, ? as dbt_version
from (select 1) as one left join config.reseller as reseller on true;

create table snapshot.meta.source as
select name, kind, vendor, tolerance from config.sources order by name;

create table snapshot.meta.currency as
select code, minor_units from config.currencies order by code;

create table snapshot.meta.delivery as
select
    source, scope, billing_period, delivery_id, delivery.kind, delivery.row_count, delivery.file_count,
    delivery.first_day, delivery.last_day, delivery.is_final, delivery.landed_at, delivery.loaded_at
from ops.partition_in_force
inner join ops.delivery using (source, scope, billing_period, delivery_id)
order by source, scope, billing_period;

create table snapshot.meta.billing_period as
select
    billing_period, count(distinct source) as sources, count(*) as deliveries, bool_and(is_final) as is_final,
    min(first_day) as first_day, max(last_day) as last_day, max(landed_at) as newest_landed_at
from snapshot.meta.delivery
group by billing_period
order by billing_period;

comment on table snapshot.meta.snapshot is 'Grain: one row: what this snapshot was made from.';
comment on table snapshot.meta.source is 'Grain: one row per configured source.';
comment on table snapshot.meta.currency is 'Grain: one row per currency of ISO 4217.';
comment on table snapshot.meta.delivery is
    'Grain: one row per source, scope and billing period: the delivery in force.';
comment on table snapshot.meta.billing_period is 'Grain: one row per billing period that has a delivery.';
"""


def publish(settings: Settings) -> Path:
    """Copy ``marts`` into a new snapshot file and Parquet set, point CURRENT at it, and return the file.

    Takes the warehouse lock for as long as it runs. Keeps the newest snapshots (``SNAPSHOTS_KEPT``).
    """
    incoming = settings.published / ".incoming"
    with warehouse.connect(settings) as connection:
        shutil.rmtree(incoming, ignore_errors=True)
        incoming.mkdir(parents=True)
        period = _current_period(connection, settings.today)
        name = f"warehouse-{period:%Y-%m}-{_next_run(settings.published):06d}.duckdb"
        _write_database(connection, settings, incoming / name, period)
        _write_parquet(connection, incoming / "parquet")
        connection.execute("detach snapshot")
        return _put_in_place(settings.published, incoming, name)


def newest(settings: Settings) -> Path | None:
    """Return the snapshot that CURRENT names (the newest when that file is gone), None before the first."""
    current = _current(settings.published)
    existing = _snapshots(settings.published)
    return current if current in existing else next(iter(existing), None)


def prune(published: Path) -> tuple[Path, ...]:
    """Remove snapshots and Parquet sets beyond the newest ones, never those in force; returns what was removed.

    The caller holds the warehouse lock.
    """
    tables = published / ".parquet"
    runs = sorted(tables.iterdir(), key=_run, reverse=True) if tables.exists() else []
    kept = {_current(published), (published / "parquet").resolve()}
    surplus = [
        path
        for path in [*_snapshots(published)[SNAPSHOTS_KEPT:], *runs[PARQUET_RUNS_KEPT:]]
        if path not in kept and path.resolve() not in kept
    ]
    for path in surplus:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return tuple(surplus)


def _snapshots(published: Path) -> list[Path]:
    """List the snapshot files, newest run first."""
    return sorted(
        (path for path in published.glob("warehouse-*.duckdb") if _run(path)), key=_run, reverse=True
    )


def _run(path: Path) -> int:
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else 0


def _current(published: Path) -> Path | None:
    pointer = published / "CURRENT"
    return published / pointer.read_text("utf-8").strip() if pointer.exists() else None


def _next_run(published: Path) -> int:
    """Count on from everything ever named: files may have been removed by hand, but no name comes back."""
    known = [*_snapshots(published), *(published / ".parquet").glob("*"), _current(published) or Path()]
    return max(map(_run, known)) + 1


def _current_period(connection: duckdb.DuckDBPyConnection, today: dt.date) -> dt.date:
    """Find the newest period that at least half of the delivering sources have reached.

    A single early row, such as a vendor's charge dated into next month, must not make an empty month the current.
    """
    row = connection.execute("""
        select max(billing_period) from (
            select billing_period from ops.partition_in_force
            group by billing_period
            having 2 * count(distinct source) >= (select count(distinct source) from ops.partition_in_force)
        )
    """).fetchone()
    return row[0] if row and row[0] else today.replace(day=1)


def _write_database(
    connection: duckdb.DuckDBPyConnection, settings: Settings, path: Path, period: dt.date
) -> None:
    connection.execute(f"attach {_text(str(path))} as snapshot")
    connection.execute("create schema snapshot.marts; create schema snapshot.meta")
    for table in _tables(connection):
        _copy_table(connection, table)
    _copy_comments(connection)
    versions = [metadata.version("cspbill"), metadata.version("dbt-core")]
    first, rest = _META.split(";", 1)
    connection.execute(first, [path.name, settings.today, period, *versions])
    connection.execute(rest)
    connection.execute("checkpoint snapshot")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Name the tables and views of schema ``marts``."""
    rows = connection.execute(
        "select table_name from information_schema.tables"
        " where table_schema = 'marts' and table_catalog = current_database() order by table_name"
    ).fetchall()
    return [name for (name,) in rows]


def _copy_table(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    row = connection.execute(f"select count(*) from marts.{_name(table)}").fetchone()
    order = "order by all" if row and row[0] <= SORTED_ROWS else ""
    connection.execute(
        f"create table snapshot.marts.{_name(table)} as select * from marts.{_name(table)} {order}"
    )


def _copy_comments(connection: duckdb.DuckDBPyConnection) -> None:
    """Carry over the descriptions that dbt persisted, so that a reader finds each column explained."""
    statements = connection.execute("""
        select 'table', table_name, null, comment from duckdb_tables()
        where schema_name = 'marts' and database_name = current_database() and comment is not null
        union all
        select 'table', view_name, null, comment from duckdb_views()
        where schema_name = 'marts' and database_name = current_database() and comment is not null
        union all
        select 'column', table_name, column_name, comment from duckdb_columns()
        where schema_name = 'marts' and database_name = current_database() and comment is not null
        order by all
    """).fetchall()
    with warehouse.transaction(connection):  # hundreds of statements: each would flush the file by itself
        for kind, table, column, comment in statements:
            subject = f"snapshot.marts.{_name(table)}" + (f".{_name(column)}" if column else "")
            connection.execute(f"comment on {kind} {subject} is {_text(comment)}")


def _write_parquet(connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
    for table in _tables(connection):
        folder = directory / table
        folder.mkdir(parents=True)
        connection.execute(
            f"copy snapshot.marts.{_name(table)} to {_text(str(folder / 'data.parquet'))} (format parquet)"
        )


def _put_in_place(published: Path, incoming: Path, name: str) -> Path:
    """Rename the finished files into place, newest data first and the pointers last, then drop old ones."""
    target, tables = published / name, published / ".parquet" / name.removesuffix(".duckdb")
    (incoming / name).chmod(0o444)
    atomic.sync(incoming / name)
    (incoming / name).rename(target)
    tables.parent.mkdir(exist_ok=True)
    (incoming / "parquet").mkdir(exist_ok=True)
    (incoming / "parquet").rename(tables)
    (incoming / "link").symlink_to(tables.relative_to(published), target_is_directory=True)
    (incoming / "link").replace(published / "parquet")
    (incoming / "CURRENT").write_text(f"{name}\n", "utf-8")
    atomic.sync(incoming / "CURRENT")
    (incoming / "CURRENT").replace(published / "CURRENT")
    atomic.sync(published)
    shutil.rmtree(incoming)
    prune(published)
    return target


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
