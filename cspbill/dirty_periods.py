"""Which billing periods must be rated again, told by fingerprints of what they are built from.

Deliveries in force and their finality, the book of business, voided documents, what was issued of subscriptions
before, who paid for commitments before, what was rated again of issued months: where any of it differs from what a
period's rated rows were built from, the period is dirty. So are later ones where something counts over several
periods.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal

import duckdb

from cspbill import warehouse


def period_fingerprints(connection: duckdb.DuckDBPyConnection, today: dt.date) -> dict[dt.date, str]:
    """Periods with deliveries and, from the first own charge on, every month up to today's, by fingerprint."""
    config = warehouse.state(connection, "config_fingerprint") or ""
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
             where line.subscription_id is not null and line.used_in_period < periods.billing_period) as own_before,
            (select string_agg(concat_ws(' ', m.customer_id, m.inputs, m.book_sha256, m.held_reason), ','
                order by m.customer_id)
             from rerated.month as m where m.billing_period = periods.billing_period) as rerated
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
            json.dumps(
                [
                    config,
                    deliveries,
                    voided,
                    *paid.get(period, []),
                    *([own] if own else []),
                    *([rerated] if rerated else []),
                ]
            ).encode()
        ).hexdigest()
        for period, deliveries, voided, own, rerated in rows
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


def mark_dirty(
    connection: duckdb.DuckDBPyConnection, wanted: dict[dt.date, str], *, everything: bool
) -> tuple[dt.date, ...]:
    """Write down what the next build must rebuild, and what the vendors state; returns the billing periods."""
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
