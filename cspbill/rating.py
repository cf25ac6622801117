"""Rate what changed: find the dirty periods, run dbt over them, remember what they were built from.

A billing period is dirty when the fingerprint of its inputs (deliveries in force and their finality, who paid for
commitments before, the book of business, voided documents, the dbt project itself) differs from the one that its
rated rows were built from. The fingerprints are written only after the build has succeeded, so a killed run leaves
its periods dirty.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from cspbill import dbt, warehouse
from cspbill.settings import DBT_PROJECT, Settings

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
    return RateResult(tuple(sorted({*rebuilt, *later})))


def _rebuild(settings: Settings, lock: int) -> tuple[dt.date, ...]:
    project = project_fingerprint()
    with _opened(settings) as connection:
        full_refresh = _state(connection, PROJECT_STATE) != project
        wanted = _period_fingerprints(connection, settings.today)
        periods = _mark_dirty(connection, wanted, everything=full_refresh)
    if not periods and not full_refresh:
        return ()
    dbt.build(settings, lock, full_refresh=full_refresh)
    with _opened(settings) as connection:
        found = _period_fingerprints(connection, settings.today)
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


def project_fingerprint() -> str:
    """Digest every file of the dbt project that decides what its models compute."""
    digest = hashlib.sha256()
    for path in sorted(_project_files()):
        digest.update(str(path.relative_to(DBT_PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _project_files() -> list[Path]:
    kinds = ("models/**/*.sql", "macros/**/*.sql", "seeds/**/*.csv")
    return [DBT_PROJECT / "dbt_project.yml", *(path for kind in kinds for path in DBT_PROJECT.glob(kind))]


def _state(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    row = connection.execute("select value from ops.state where name = ?", [name]).fetchone()
    return str(row[0]) if row else None


def _period_fingerprints(connection: duckdb.DuckDBPyConnection, today: dt.date) -> dict[dt.date, str]:
    """Periods with deliveries and, from the first own charge on, every month up to today's, by fingerprint."""
    config = _state(connection, "config_fingerprint") or ""
    rows = connection.execute(
        """
        select
            periods.billing_period,
            (select string_agg(
                p.delivery_id || case when d.is_final then ' final' else '' end, ',' order by p.source, p.scope
             ) from ops.partition_in_force as p inner join ops.delivery as d using (delivery_id)
             where p.billing_period = periods.billing_period) as deliveries,
            (select string_agg(v.document_number, ',' order by v.document_number) from ledger.void as v
             inner join ledger.document_period as d using (document_number)
             where d.billing_period = periods.billing_period) as voided,
            -- A refund takes its discounts from the invoice that billed its days.
            (select count(*) from ledger.document_line as line
             where line.subscription_id is not null and line.used_in_period < periods.billing_period) as own_before
        from (
            select billing_period from ops.partition_in_force
            union
            select cast(unnest(range(
                date_trunc('month', greatest(min(day), (select billing_starts from config.reseller))),
                $today + interval 1 day, interval 1 month
            )) as date)
            from (
                select effective_date as day from config.subscriptions
                union all
                select date from config.adjustments
            )
        ) as periods
        """,
        {"today": today},
    ).fetchall()
    paid = _commitments_paid_before(connection)
    return {
        period: hashlib.sha256(
            json.dumps([config, deliveries, voided, *paid.get(period, []), *([own] if own else [])]).encode()
        ).hexdigest()
        for period, deliveries, voided, own in rows
    }


def _commitments_paid_before(connection: duckdb.DuckDBPyConnection) -> dict[dt.date, list[str]]:
    """Which account paid for each commitment last before a period, by period; the newest deliveries decide."""
    try:
        rows = connection.execute(
            """
            with paid as (
                select
                    periods.billing_period, accounts.source, commitment_key, billing_account_key, sub_account_key,
                    rank() over (
                        partition by periods.billing_period, accounts.source, commitment_key
                        order by accounts.billing_period desc
                    ) as place
                from (select distinct billing_period from ops.partition_in_force) as periods
                inner join intermediate.int_charges__commitment_account as accounts
                    on accounts.billing_period < periods.billing_period
            )

            select billing_period, md5(to_json(list_sort(list(distinct concat_ws(
                chr(31), source, commitment_key, billing_account_key, sub_account_key
            ))))) as paid
            from paid where place = 1 group by billing_period
            """
        ).fetchall()
    except duckdb.CatalogException:
        return {}  # before the first build
    return {period: [paid] for period, paid in rows}


def _mark_dirty(
    connection: duckdb.DuckDBPyConnection, wanted: dict[dt.date, str], *, everything: bool
) -> tuple[dt.date, ...]:
    built = dict(connection.execute("select billing_period, fingerprint from ops.built_period").fetchall())
    dirty = sorted(p for p, fingerprint in wanted.items() if everything or built.get(p) != fingerprint)
    if dirty and _counts_periods(connection):
        dirty = sorted(period for period in wanted if period >= dirty[0])
    with warehouse.transaction(connection):
        connection.execute("delete from ops.dirty_period")
        for period in dirty:
            connection.execute("insert into ops.dirty_period values (?)", [period])
        _mark_dirty_deliveries(connection, everything=everything)
        _state_vendor_totals(connection)
    return tuple(dirty)


def _counts_periods(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a period depends on those before it.

    So it does by a discount that lasts some periods only, by a commitment for a year, and by an adjustment that
    waits for the first month not invoiced.
    """
    found = connection.execute(
        """
        select 1 from config.discounts where max_periods is not null
        union all select 1 from config.contracts where commitment_interval = 'year'
        union all select 1 from config.adjustments
        limit 1
        """
    )
    return found.fetchone() is not None


def _mark_dirty_deliveries(connection: duckdb.DuckDBPyConnection, *, everything: bool) -> None:
    connection.execute("delete from ops.dirty_delivery")
    connection.execute(
        """
        insert into ops.dirty_delivery
        select p.delivery_id, p.source, p.scope, p.billing_period
        from ops.partition_in_force as p
        where ? or not exists (
            select 1 from ops.built_delivery as b
            where b.source = p.source and b.scope = p.scope and b.billing_period = p.billing_period
                and b.delivery_id = p.delivery_id)
        """,
        [everything],
    )


def _state_vendor_totals(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("delete from ops.vendor_total")
    rows = connection.execute(
        """
        select p.source, p.scope, p.billing_period, d.vendor_total_json
        from ops.partition_in_force as p inner join ops.delivery as d using (delivery_id)
        """
    ).fetchall()
    totals = [
        (source, scope, period, currency, Decimal(amount))
        for source, scope, period, stated in rows
        for currency, amount in json.loads(stated).items()
    ]
    if totals:
        connection.executemany("insert into ops.vendor_total values (?, ?, ?, ?, ?)", totals)


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
