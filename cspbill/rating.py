"""Rate what changed: find the dirty periods, run dbt over them, remember what they were built from.

The fingerprints are written only after the build has succeeded, so a killed run leaves its periods dirty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from cspbill import dbt, warehouse
from cspbill.compiled import keep_built
from cspbill.dirty_periods import mark_dirty, period_fingerprints
from cspbill.settings import Settings

PROJECT_STATE = "dbt_project_fingerprint"


@dataclass(frozen=True)
class RateResult:
    """The billing periods (first days) that were rebuilt; empty when nothing had changed."""

    periods: tuple[dt.date, ...]


def rate(settings: Settings) -> RateResult:
    """Rebuild the marts of every dirty billing period. The caller has stored the book of business."""
    with warehouse.locked(settings) as lock:
        rebuilt = _rebuild(settings, lock)
        # A late purchase of an earlier period may tell whose commitment covers usage of later ones (R5.5).
        later = _rebuild(settings, lock) if rebuilt else ()
    return RateResult(tuple(sorted({*rebuilt, *later, *_corrected(settings)})))


def _corrected(settings: Settings) -> tuple[dt.date, ...]:
    """Rebuild what issued months that were rated again change: their lines stand on later documents (R9.3).

    A corrected month may change what is due in issued ones after it (a commitment of a year), and so on.
    """
    from cspbill.corrections import rerate_changed  # its what-ifs run the models that are rated here

    rebuilt: set[dt.date] = set()
    while rerate_changed(settings):
        with warehouse.locked(settings) as lock:
            rebuilt.update(_rebuild(settings, lock))
    return tuple(rebuilt)


def _rebuild(settings: Settings, lock: int) -> tuple[dt.date, ...]:
    project = dbt.project_fingerprint()
    with _opened(settings) as connection:
        full_refresh = warehouse.state(connection, PROJECT_STATE) != project
        wanted = period_fingerprints(connection, settings.today)
        periods = mark_dirty(connection, wanted, everything=full_refresh)
    if not periods and not full_refresh:
        return ()
    dbt.build(settings, lock, full_refresh=full_refresh)
    if full_refresh:
        keep_built(settings)
    with _opened(settings) as connection:
        found = period_fingerprints(connection, settings.today)
        _remember(connection, {**wanted, **{period: found[period] for period in periods}}, project)
    return periods


@contextmanager
def _opened(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the working file while the caller holds the lock; closed before a child process needs it."""
    connection = warehouse.open_file(settings)
    try:
        yield connection
    finally:
        connection.close()


def _remember(connection: duckdb.DuckDBPyConnection, wanted: dict[dt.date, str], project: str) -> None:
    with warehouse.transaction(connection):
        connection.execute("delete from ops.built_period")
        if wanted:
            connection.executemany("insert into ops.built_period values (?, ?)", list(wanted.items()))
        connection.execute("delete from ops.built_delivery")
        connection.execute(
            "insert into ops.built_delivery "
            "select source, scope, billing_period, delivery_id from ops.partition_in_force"
        )
        connection.execute("insert or replace into ops.state values (?, ?)", [PROJECT_STATE, project])
