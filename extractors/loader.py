"""From the landing zone to the raw tables: one partition, one short transaction.

A partition is (source, scope, billing period) and is only ever replaced whole, so that rows which the vendor has
withdrawn go away with it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cspbill import warehouse
from cspbill.book import Source
from cspbill.errors import CspbillError
from cspbill.settings import Settings
from extractors import landing, periods, reading
from extractors.contract import Contract
from extractors.landing import FILES, InForce, LandedFile, Manifest
from extractors.names import shown
from extractors.reading import Column, Table
from extractors.registry import contract_for

PROVENANCE = ("x_source", "x_scope", "x_billing_period", "x_delivery_id", "x_file", "x_row")


@dataclass(frozen=True)
class LoadedPartition:
    """A partition that this load replaced, or whose delivery has become final."""

    source: str
    scope: str
    billing_period: dt.date
    delivery_id: str
    rows: int


def load_source(settings: Settings, source: Source) -> tuple[LoadedPartition, ...]:
    """Replace every raw partition of ``source`` whose delivery in force is not the loaded one.

    Each partition is its own transaction: a kill leaves whole partitions only. Also brings up to date which
    deliveries are final, which may change with the calendar alone: those partitions are returned as well, since
    what is published of them changes. A partition that the vendor no longer offers stays. Raises CspbillError
    when a landed file cannot be read.
    """
    wanted = landing.read_in_force(settings, source.name)
    if not wanted:
        return ()
    contract = contract_for(settings, source)
    with warehouse.connect(settings) as connection:
        loaded = _loaded(connection, source.name)
        changed = [
            key for key in sorted(wanted) if loaded.get(key, ("", False))[0] != wanted[key].delivery_id
        ]
        partitions = tuple(
            _replace(settings, connection, contract, source, key, wanted[key]) for key in changed
        )
        refreshed = tuple(
            _refresh_final(settings, connection, source, key, wanted[key])
            for key in sorted(wanted.keys() - set(changed))
            if _is_final_now(settings, source, key, wanted[key]) != loaded[key][1]
        )
    return partitions + refreshed


def _loaded(
    connection: duckdb.DuckDBPyConnection, source: str
) -> dict[tuple[str, dt.date], tuple[str, bool]]:
    rows = connection.execute(
        "select scope, billing_period, delivery_id, is_final from ops.partition_in_force "
        "join ops.delivery using (delivery_id, source, scope, billing_period) where source = ?",
        [source],
    ).fetchall()
    return {(scope, period): (delivery, final) for scope, period, delivery, final in rows}


def _replace(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    source: Source,
    key: tuple[str, dt.date],
    pointer: InForce,
) -> LoadedPartition:
    scope, period = key
    folder = landing.folder_of(settings, source.name, period, pointer.delivery_id)
    manifest = landing.read_manifest(folder)
    for file in manifest.files:
        if file.rows:
            _add_columns(connection, contract.of(file.name), manifest, file, folder / FILES / file.name)
    with warehouse.transaction(connection):
        for table in contract.tables():
            connection.execute(
                f"delete from {table} where x_source = ? and x_scope = ? and x_billing_period = ?",
                [source.name, scope, period],
            )
        for file in manifest.files:
            if file.rows:
                _insert(connection, contract.of(file.name), manifest, file, folder / FILES / file.name)
        _register(connection, settings, contract, manifest, pointer)
    return LoadedPartition(source.name, scope, period, manifest.delivery_id, manifest.rows)


def _insert(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    manifest: Manifest,
    file: LandedFile,
    path: Path,
) -> None:
    with _readable(manifest, file):
        table = reading.describe(connection, path, contract)
        names = [_raw_name(column) for column in table.columns]
        values = [reading.value(column, "cast") for column in table.columns]
        found = connection.execute(
            f"insert into {contract.table} ({', '.join([*PROVENANCE, *map(reading.identifier, names)])}) "
            f"select $source, $scope, cast($period as date), $delivery, $file, {table.row}, {', '.join(values)} "
            f"from {table.numbered_rows()} {_only_period(table, contract, file)}",
            {
                "source": manifest.source,
                "scope": manifest.scope,
                "period": manifest.period,
                "delivery": manifest.delivery_id,
                "file": file.name,
            },
        ).fetchone()
    if found is None or found[0] != file.rows:
        raise CspbillError(
            f"{_named(manifest, file)}: {found and found[0]} rows were read where its manifest counts {file.rows}"
        )


def _named(manifest: Manifest, file: LandedFile) -> str:
    return f"{manifest.source}/{shown(file.name)} of delivery {manifest.delivery_id}"


@contextmanager
def _readable(manifest: Manifest, file: LandedFile) -> Iterator[None]:
    """Turn a failure to read a landed file into one error that names it."""
    try:
        yield
    except reading.UnreadableError as error:
        raise CspbillError(f"{_named(manifest, file)}, row {error.row}: {error.message}") from None
    except duckdb.InvalidInputException as error:
        problem = reading.unreadable(error)
        raise CspbillError(f"{_named(manifest, file)}, row {problem.row}: {problem.message}") from error


def _only_period(table: Table, contract: Contract, file: LandedFile) -> str:
    """Leave out rows of other billing periods: they belong to another delivery that shares the file."""
    if len(file.rows_by_period) == 1:
        return ""
    start = next(column for column in table.columns if column.name == contract.billing_period)
    return f"where date_trunc('month', {reading.value(start, 'cast')}) = cast($period as date)"


def _add_columns(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    manifest: Manifest,
    file: LandedFile,
    path: Path,
) -> None:
    """Give the raw table the columns of a file that it does not have yet, as text.

    Before the partition's own transaction: DuckDB refuses to delete from a table and to alter it in one.
    """
    with _readable(manifest, file):
        columns = reading.describe(connection, path, contract).columns
    schema, _, table = contract.table.partition(".")
    rows = connection.execute(
        "select column_name from information_schema.columns where table_schema = ? and table_name = ?",
        [schema, table],
    ).fetchall()
    existing = {name.casefold() for (name,) in rows}
    for name in map(_raw_name, columns):
        if name.casefold() not in existing:
            connection.execute(f"alter table {contract.table} add column {reading.identifier(name)} varchar")


def _raw_name(column: Column) -> str:
    """Keep a vendor's own ``x_source`` and the like out of the columns that say where a row comes from."""
    name = column.name.strip()
    return f"delivered_{name}" if name.casefold() in PROVENANCE else name


def _register(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    manifest: Manifest,
    pointer: InForce,
) -> None:
    connection.execute(
        "insert or replace into ops.delivery (delivery_id, source, kind, scope, billing_period, row_count, "
        "file_count, vendor_total_json, first_day, last_day, is_final, landed_at, loaded_at) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            manifest.delivery_id,
            manifest.source,
            manifest.kind,
            manifest.scope,
            manifest.period,
            manifest.rows,
            len(manifest.files),
            json.dumps(_vendor_totals(manifest), sort_keys=True),
            manifest.days[0] if manifest.days else None,
            manifest.days[-1] if manifest.days else None,
            is_final(manifest, contract, pointer, settings.today),
            dt.datetime.fromisoformat(manifest.landed_at).replace(tzinfo=None),
            dt.datetime.now(dt.UTC).replace(tzinfo=None),
        ],
    )
    connection.execute(
        "insert or replace into ops.partition_in_force values (?, ?, ?, ?)",
        [manifest.source, manifest.scope, manifest.period, manifest.delivery_id],
    )


def _vendor_totals(manifest: Manifest) -> dict[str, str]:
    """Return the vendor's own totals where it states them, else the sums over its rows."""
    stated = manifest.stated.get("totals")
    totals = stated if isinstance(stated, dict) else manifest.totals
    return {
        currency: f"{total:f}" if not isinstance(total, str) else total for currency, total in totals.items()
    }


def is_final(manifest: Manifest, contract: Contract, pointer: InForce, today: dt.date) -> bool:
    """Tell whether the vendor will not restate the delivery's period any more.

    The vendor's manifest decides where it says so. Else, where rows name invoices, it is final when all do and the
    period has ended (a purchase is invoiced at once); where none does, from the contract's ``days_until_final`` days
    after the period's end.
    """
    if pointer.final is not None:
        return pointer.final
    end = periods.following(manifest.period or today)
    if manifest.invoiced_rows:
        return manifest.invoiced_rows == manifest.charges and today >= end
    return today >= end + dt.timedelta(contract.days_until_final)


def _is_final_now(settings: Settings, source: Source, key: tuple[str, dt.date], pointer: InForce) -> bool:
    folder = landing.folder_of(settings, source.name, key[1], pointer.delivery_id)
    contract = contract_for(settings, source)
    return is_final(landing.read_manifest(folder), contract, pointer, settings.today)


def _refresh_final(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    key: tuple[str, dt.date],
    pointer: InForce,
) -> LoadedPartition:
    now = _is_final_now(settings, source, key, pointer)
    row = connection.execute(
        "update ops.delivery set is_final = ? where delivery_id = ? returning row_count",
        [now, pointer.delivery_id],
    ).fetchone()
    return LoadedPartition(source.name, *key, pointer.delivery_id, int(row[0]) if row else 0)
