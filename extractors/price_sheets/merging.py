"""What becomes of the price list when a sheet is filled in: SQL over ``listed`` (the list) and ``fresh`` (the sheet).

A sheet speaks for a window of days. Inside it the sheet replaces what an earlier one of its name said; days before
and after keep their prices, so that a charge of a past month still finds the price of its day. Rows by hand and rows
of other sheets are never touched: where they have a price already, the sheet's is left out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from cspbill.errors import CspbillError
from extractors.price_sheets.sheets import Sheet

_COLUMNS = "vendor, service, sku, region, unit, currency, list_price, cost_price, description"


@dataclass(frozen=True)
class Changes:
    """Rows of the list, by what a sheet did to them.

    ``left_out``: prices of the sheet for days that the list has a price for from elsewhere.
    """

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
    _refuse_foreign(connection, sheet)
    _windows(connection, sheet, since)
    _clip(connection, own_start=sheet.states_start and sheet.until is None)
    _spare_others(connection)
    _fill(connection)
    return _changes(connection)


def _refuse_foreign(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> None:
    """Refuse a sheet that would end every price of its name: it is empty, or another one."""
    found = connection.execute("select (select count(*) from ours), (select count(*) from fresh)").fetchone()
    listed, offered = found or (0, 0)
    if listed and not offered:
        raise CspbillError(
            f"{sheet.file}: has none of the {listed} prices that the list has of sheet '{sheet.name}'; is it the "
            "whole sheet? The old list stands; if they are really gone, delete their rows"
        )


def _windows(connection: duckdb.DuckDBPyConnection, sheet: Sheet, since: dt.date | None) -> None:
    """Create table ``windows``: the days that the sheet speaks for, by key; also of keys that it no longer has.

    A sheet whose prices all end (a month's) says nothing about the days after.
    """
    own_start = sheet.states_start and sheet.until is None
    connection.execute(
        """
        create or replace temp table windows as
        with stated as (
            select key, min(valid_from) as first_day, max(valid_to) as last_day from fresh group by key
        ),
        whole as (
            select min(valid_from) as first_day, coalesce(max(valid_to), date 'infinity') as last_day from fresh
        )
        select
            coalesce(stated.key, gone.key) as key,
            gone.key is null and $until is null as is_new,
            case
                when stated.key is null and $own_start and isfinite(whole.last_day) then whole.first_day
                when stated.key is null or not $own_start
                    then least(cast($as_of as date), case when is_new then cast($since as date) end)
                else least(stated.first_day, case when is_new then cast($since as date) end)
            end as opens,
            case
                when $until is not null then cast($until as date)
                when $own_start then coalesce(stated.last_day, whole.last_day)
                else date 'infinity'
            end as closes
        from stated
        full outer join (select distinct key from ours) as gone on stated.key = gone.key
        cross join whole
        """,
        {"own_start": own_start, "as_of": sheet.as_of, "until": sheet.until, "since": since},
    )


def _clip(connection: duckdb.DuckDBPyConnection, *, own_start: bool) -> None:
    """Create table ``clipped``: the sheet's prices within their windows."""
    connection.execute(
        """
        create or replace temp table clipped as
        select fresh.* replace (
            case
                when not $own_start then greatest(fresh.valid_from, windows.opens)
                when windows.is_new and fresh.valid_from = min(fresh.valid_from) over (partition by fresh.key)
                    then least(fresh.valid_from, windows.opens)
                else fresh.valid_from
            end as valid_from,
            least(fresh.valid_to, windows.closes) as valid_to
        )
        from fresh inner join windows using (key)
        """,
        {"own_start": own_start},
    )
    connection.execute("delete from clipped where valid_from >= valid_to")


def _spare_others(connection: duckdb.DuckDBPyConnection) -> None:
    """Create table ``news``: those prices without the days for which rows by hand or other sheets' rows have one."""
    connection.execute(
        """
        create or replace temp table others as
        select key, valid_from, valid_to from listed where line not in (select line from ours)
        """
    )
    connection.execute(
        """
        create or replace temp table touched as
        select * from clipped where exists (
            select 1 from others where others.key = clipped.key
                and others.valid_from < clipped.valid_to and clipped.valid_from < others.valid_to
        )
        """
    )
    connection.execute(
        """
        create or replace temp table news as
        with ends as (
            select key, unnest([valid_from, valid_to]) as day from others
        ),
        points as (
            select key, valid_from as row_start, unnest([valid_from, valid_to]) as day from touched
            union
            select touched.key, touched.valid_from, ends.day from touched inner join ends using (key)
            where ends.day > touched.valid_from and ends.day < touched.valid_to
        ),
        segments as (
            select key, row_start, day as starts, lead(day) over (partition by key, row_start order by day) as ends
            from points
        )
        select touched.* replace (segments.starts as valid_from, segments.ends as valid_to)
        from touched
        inner join segments on touched.key = segments.key and touched.valid_from = segments.row_start
        where segments.ends is not null and not exists (
            select 1 from others where others.key = segments.key
                and others.valid_from < segments.ends and segments.starts < others.valid_to
        )
        union all
        select * from clipped where not exists (
            select 1 from touched where touched.key = clipped.key and touched.valid_from = clipped.valid_from
        )
        """
    )


def _fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Equal prices that follow each other without a gap become one row again."""
    connection.execute(
        f"""
        create or replace table filled as
        with pieces as (
            select key, {_COLUMNS}, valid_from, valid_to from news
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
    left = connection.execute("select count(*) from touched").fetchone()
    added, changed, removed, unchanged = found or (0, 0, 0, 0)
    return Changes(added, changed, removed, unchanged, left[0] if left else 0)
