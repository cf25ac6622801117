"""What becomes of the price list when a sheet is filled in: SQL over ``listed`` (the list) and ``fresh`` (the sheet).

A sheet speaks for a window of days. Inside it the sheet replaces what an earlier one of its name said; days before
and after keep their prices, so that a charge of a past month still finds the price of its day. Rows by hand and rows
of other sheets are never touched: where they have a price already, the sheet's is left out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from extractors.price_sheets.sheets import Sheet

_COLUMNS = "vendor, service, sku, region, unit, currency, list_price, cost_price, description"


@dataclass(frozen=True)
class Changes:
    """Rows of the list, by what a sheet did to them; ``left_out``: prices that the list has from elsewhere."""

    added: int
    changed: int
    removed: int
    unchanged: int
    left_out: int


def merge(connection: duckdb.DuckDBPyConnection, sheet: Sheet, since: dt.date | None) -> Changes:
    """Create table ``filled``: the rows that the list shall have from this sheet; returns how they differ.

    ``since``: prices of keys that are new to the list count from this day at the latest.
    """
    connection.execute(
        "create or replace temp table ours as select * from listed where sheet = ?", [sheet.name]
    )
    _apart(connection)
    _windows(connection, sheet, since)
    _fill(connection)
    return _changes(connection)


def _apart(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create or replace temp table news as
        select * from fresh where not exists (
            select 1 from listed as other
            where other.key = fresh.key
                and not exists (select 1 from ours where ours.line = other.line)
                and other.valid_from < fresh.valid_to and fresh.valid_from < other.valid_to
        )
        """
    )


def _windows(connection: duckdb.DuckDBPyConnection, sheet: Sheet, since: dt.date | None) -> None:
    own_start = sheet.states_start and sheet.until is None
    connection.execute(
        """
        create or replace temp table windows as
        with stated as (
            select key, case when $own_start then min(valid_from) else cast($as_of as date) end as opens
            from news group by key
        )
        select
            coalesce(stated.key, gone.key) as key,
            case
                when gone.key is null and $until is null and $since is not null
                    then least(stated.opens, cast($since as date))
                else coalesce(stated.opens, cast($as_of as date))
            end as opens,
            coalesce(cast($until as date), date 'infinity') as closes,
            gone.key is null and $until is null as is_new
        from stated
        full outer join (select distinct key from ours) as gone on stated.key = gone.key
        """,
        {"own_start": own_start, "as_of": sheet.as_of, "until": sheet.until, "since": since},
    )
    connection.execute(
        """
        create or replace temp table clipped as
        select news.* replace (
            case
                when not $own_start then greatest(news.valid_from, windows.opens)
                when windows.is_new and news.valid_from = min(news.valid_from) over (partition by news.key)
                    then least(news.valid_from, windows.opens)
                else news.valid_from
            end as valid_from,
            least(news.valid_to, windows.closes) as valid_to
        )
        from news inner join windows using (key)
        """,
        {"own_start": own_start},
    )


def _fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Equal prices that follow each other without a gap become one row again."""
    connection.execute(
        f"""
        create or replace table filled as
        with pieces as (
            select key, {_COLUMNS}, valid_from, valid_to from clipped where valid_from < valid_to
            union all
            select key, {_COLUMNS}, valid_from, least(valid_to, opens)
            from ours inner join windows using (key) where valid_from < opens
            union all
            select key, {_COLUMNS}, greatest(valid_from, closes), valid_to
            from ours inner join windows using (key) where valid_to > closes
        ),
        marked as (
            select *,
                case when lag(valid_to) over same = valid_from and lag(list_price) over same = list_price
                    and lag(cost_price) over same is not distinct from cost_price then 0 else 1 end as begins
            from pieces
            window same as (partition by key order by valid_from)
        ),
        runs as (
            select *, sum(begins) over (partition by key order by valid_from) as run from marked
        )
        select key, arg_max(vendor, valid_from) as vendor, arg_max(service, valid_from) as service,
            arg_max(sku, valid_from) as sku, arg_max(region, valid_from) as region, arg_max(unit, valid_from) as unit,
            arg_max(currency, valid_from) as currency, any_value(list_price) as list_price,
            any_value(cost_price) as cost_price, arg_max(description, valid_from) as description,
            min(valid_from) as valid_from, max(valid_to) as valid_to
        from runs group by key, run
        """
    )


def _changes(connection: duckdb.DuckDBPyConnection) -> Changes:
    found = connection.execute(
        """
        select
            count(*) filter (where ours.key is null),
            count(*) filter (where ours.key is not null and filled.key is not null and not is_same),
            count(*) filter (where filled.key is null),
            count(*) filter (where ours.key is not null and filled.key is not null and is_same)
        from filled full outer join ours on filled.key = ours.key and filled.valid_from = ours.valid_from
        cross join lateral (
            select filled.list_price = ours.list_price and filled.valid_to = ours.valid_to
                and filled.cost_price is not distinct from ours.cost_price
                and coalesce(filled.description, '') = coalesce(ours.description, '') as is_same
        )
        """
    ).fetchone()
    left = connection.execute("select (select count(*) from fresh) - (select count(*) from news)").fetchone()
    added, changed, removed, unchanged = found or (0, 0, 0, 0)
    return Changes(added, changed, removed, unchanged, left[0] if left else 0)
