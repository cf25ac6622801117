"""From a sheet's rows to prices with a validity: checked, exact, first tier only, one price per day.

Works in DuckDB tables of a scratch file: a sheet of millions of rows is streamed from its file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb

from cspbill.book.codes import minor_units
from cspbill.errors import CspbillError, InputError, Problem
from extractors.names import shown
from extractors.price_sheets.sheets import OFFER_COLUMNS, Sheet, literal

MOST_PROBLEMS = 20
#: Times as Microsoft's sheets write them, tried after ISO 8601.
TIME_FORMATS = (
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
)  # fmt: skip
KEY = ("vendor", "service", "sku", "region", "unit", "currency")
PRICE = "decimal(28, 12)"


def key_sql(prefix: str = "") -> str:
    """Return SQL for what one price is of: `cspbill check` allows one price per key and day."""
    return " || chr(31) || ".join(f"lower(trim(coalesce({prefix}{name}, '')))" for name in KEY)


def read_offers(
    connection: duckdb.DuckDBPyConnection, sheet: Sheet, wanted: Iterable[str] | None
) -> tuple[str, ...]:
    """Create table ``fresh``: the sheet's prices, one per key and day, ends as dates (±infinity = open).

    Only SKUs in ``wanted`` (all, when None). Returns notes on what was left out; InputError names rows that are
    wrong.
    """
    _take(connection, sheet, wanted)
    problems = list(_problems(connection, sheet))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    _type(connection, sheet)
    notes = [*_rounded(connection), *_first_tiers(connection, sheet)]
    _one_price_per_day(connection)
    return tuple(notes)


def _take(connection: duckdb.DuckDBPyConnection, sheet: Sheet, wanted: Iterable[str] | None) -> None:
    connection.execute("create or replace temp table wanted (sku_key varchar)")
    if wanted is not None:
        keys = sorted({sku.strip().casefold() for sku in wanted} - {""})
        connection.execute("insert into wanted select unnest(?)", [keys])
    only = "" if wanted is None else "and lower(trim(sku)) in (select sku_key from wanted)"
    columns = ", ".join(
        "row" if name == "row" else f"cast({name} as varchar) as {name}" for name in OFFER_COLUMNS
    )
    try:
        connection.execute(
            f"create or replace table offered as select {columns} from ({sheet.offers}) where sku is not null {only}"
        )
    except duckdb.InvalidInputException as error:
        raise InputError([Problem(sheet.file, 0, "", _unreadable(error))]) from None
    except duckdb.Error as error:
        raise CspbillError(f"{sheet.file}: cannot be read: {shown(str(error), 300)}") from None


def _unreadable(error: duckdb.Error) -> str:
    first = shown(str(error).strip().splitlines()[0], 300)
    return f"not readable ({first}); allowed: the price sheet as the vendor delivers it, whole"


def _moment(column: str) -> str:
    formats = ", ".join(map(literal, TIME_FORMATS))
    return f"coalesce(try_cast({column} as timestamp), try_strptime({column}, [{formats}]))"


def _problems(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> Iterator[Problem]:
    currencies = ", ".join(literal(code) for code in sorted(minor_units()))
    number = "try_cast({0} as decimal(38, 20))"
    wrong_number = number + " is null or " + number + " < 0 or " + number + " >= 1e15"
    rules = [
        ("list_price", "list_price is null", "a price"),
        *((name, f"{name} is not null and ({wrong_number.format(name)})", "a number such as 0.0125, at least 0")
          for name in ("list_price", "cost_price", "tier_start")),
        ("unit", "unit is null", "a unit"),
        ("currency", f"currency is null or upper(currency) not in ({currencies})", "an ISO 4217 code such as USD"),
        *((name, f"{name} is not null and {_moment(name)} is null", "a time such as 2024-09-01 or 9/1/2024")
          for name in ("valid_from", "valid_to")),
    ]  # fmt: skip
    for name, broken, allowed in rules:
        found = connection.execute(
            f"select row, {name} from offered where {broken} order by row limit {MOST_PROBLEMS}"
        ).fetchall()
        for row, value in found:
            said = "blank" if value is None else repr(shown(str(value), 60))
            yield Problem(sheet.file, int(row), sheet.column(name), f"{said}; allowed: {allowed}")


def _price(column: str) -> str:
    """Price per unit at 12 decimals, half away from zero: a whole number of 1e-20 over a whole number of 1e-6."""
    digits = f"cast(replace(cast(cast({column} as decimal(38, 20)) as varchar), '.', '') as hugeint)"
    per = (
        "cast(replace(cast(cast(coalesce(per, '1') as decimal(28, 6)) as varchar), '.', '') as hugeint) * 100"
    )
    whole = f"cast((2 * {digits} + {per}) // (2 * {per}) as decimal(38, 0))"
    return f"cast({whole} * cast(0.000000000001 as decimal(12, 12)) as {PRICE})"


def _type(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> None:
    """Create table ``typed``. An end given as the last moment or last day of a period becomes the day after it."""
    connection.execute(
        f"""
        create or replace table typed as
        with read as (
            select *, {_moment("valid_from")} as start_time, {_moment("valid_to")} as end_time from offered
        ),
        -- 11:59:59 PM is the whole day, and so is a date alone that is the last of its month.
        dated as (
            select *,
                case when start_time is null or year(start_time) < 1900 then date '-infinity'
                    else cast(start_time as date) end as start_day,
                case when end_time is null or year(end_time) >= 9999 then date 'infinity'
                    when cast(end_time as date) = last_day(end_time) then cast(end_time as date) + 1
                    else cast(end_time + interval 1 minute as date) end as end_day
            from read
        )
        select
            {literal(sheet.vendor)} as vendor, service, sku, region, unit, upper(currency) as currency,
            {_price("list_price")} as list_price,
            case when cost_price is not null then {_price("cost_price")} end as cost_price,
            coalesce(cast(tier_start as decimal(38, 12)), 0) as tier_start,
            start_day as valid_from, end_day as valid_to,
            trim(regexp_replace(description, '[^\\p{{L}}\\p{{M}}\\p{{N}}\\p{{P}}\\p{{S}} ]+', ' ', 'g'))
                as description,
            per is null and cast(list_price as decimal(38, 20)) <> {_price("list_price")} as is_rounded
        from dated
        where end_day > start_day
        """
    )
    connection.execute("alter table typed add column key varchar")
    connection.execute(f"update typed set key = {key_sql()}")


def _rounded(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    (count,) = connection.execute("select count(*) from typed where is_rounded").fetchone() or (0,)
    if count:
        yield f"{count} prices have more than 12 decimals: rounded at the 12th, half away from zero"


def _first_tiers(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> Iterator[str]:
    """Create table ``first_tier``; where a sheet gives two prices for the same, none is taken: no guess."""
    connection.execute(
        """
        create or replace table first_tier as
        with ranked as (
            select *,
                rank() over (partition by key, valid_from, valid_to order by list_price = 0, tier_start) as place,
                count(distinct tier_start) over (partition by key, valid_from, valid_to) as tiers
            from typed
        )
        select key, any_value(vendor) as vendor, any_value(service) as service, any_value(sku) as sku,
            any_value(region) as region, any_value(unit) as unit, any_value(currency) as currency,
            min(list_price) as list_price, min(cost_price) as cost_price, valid_from, valid_to,
            min(list_price) = max(list_price) and min(cost_price) is not distinct from max(cost_price) as is_certain,
            left(min(description), 300) || case when max(tiers) > 1 then
                ' (one of ' || max(tiers) || ' tiers: from '
                || coalesce(nullif(rtrim(rtrim(cast(min(tier_start) as varchar), '0'), '.'), ''), '0') || ' on)'
                else '' end as description
        from ranked where place = 1 group by key, valid_from, valid_to
        """
    )
    found = connection.execute(
        "select sku, unit, count(*) over () from first_tier where not is_certain order by sku, unit limit 1"
    ).fetchone()
    if found:
        sku, unit, count = found
        yield (
            f"{count} prices left out: {sheet.name} gives two for the same sku, unit and day, such as "
            f"{shown(sku)} per {shown(unit)}; write those into price_list.csv by hand"
        )


def _one_price_per_day(connection: duckdb.DuckDBPyConnection) -> None:
    """Create table ``fresh``: of overlapping prices an ended one holds to its end, an open one to the next start."""
    connection.execute(
        """
        create or replace table fresh as
        with ended as (
            select * replace (
                case when isfinite(valid_to) then valid_to
                    else coalesce(lead(valid_from) over same, valid_to) end as valid_to
            )
            from first_tier where is_certain
            window same as (partition by key order by valid_from, valid_to)
        ),
        started as (
            select * replace (
                greatest(valid_from, coalesce(max(valid_to) over earlier, valid_from)) as valid_from
            )
            from ended
            window earlier as (
                partition by key order by valid_from, valid_to rows between unbounded preceding and 1 preceding
            )
        )
        select * exclude (is_certain) from started where valid_from < valid_to
        """
    )
