"""Google: the table `cloud_pricing_export` in BigQuery, or a Parquet or JSON lines export of it.

The table gains a copy of all prices every day; the newest (of a month) is taken. A price is for
``pricing_unit_quantity`` units, and an account with a contract has its own price beside the list price.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from cspbill.book import Source
from cspbill.errors import CspbillError, InputError, Problem
from cspbill.progress import say
from extractors.names import shown
from extractors.price_sheets.sheets import Columns, Sheet, literal, look

if TYPE_CHECKING:
    from extractors.gcp_bigquery.client import Client

VENDOR = "Google Cloud"
DAYS_BACK = 7  # the table gains a copy daily; a week bridges an outage and keeps the query small
NEEDED = (
    "billing_account_id", "service", "sku", "pricing_unit_description", "account_currency_code", "pricing_as_of_time",
    "list_price",
)  # fmt: skip
_TABLE = re.compile(r"[A-Za-z0-9_.:-]+\.[A-Za-z0-9_]+\.[A-Za-z0-9_-]+")
_RATE = "STRUCT(start_usage_amount VARCHAR, pricing_unit_quantity VARCHAR, account_currency_amount VARCHAR)"
_JSON_TYPES = {
    "billing_account_id": "VARCHAR", "service": "STRUCT(id VARCHAR, description VARCHAR)",
    "sku": "STRUCT(id VARCHAR, description VARCHAR)", "pricing_unit_description": "VARCHAR",
    "account_currency_code": "VARCHAR", "pricing_as_of_time": "VARCHAR",
    "list_price": f"STRUCT(tiered_rates {_RATE}[])", "billing_account_price": f"STRUCT(tiered_rates {_RATE}[])",
}  # fmt: skip


@dataclass(frozen=True)
class Order:
    """Which table to ask. ``month``: first day; the newest prices of that month are taken (None = the newest)."""

    table: str
    month: dt.date | None = None
    partition_column: str = "_PARTITIONTIME"
    location: str | None = None
    connection: str | None = None
    endpoint_url: str | None = None


def fetch(folder: Path, order: Order, today: dt.date, account: str | None = None) -> Sheet:
    """Query the table into a Parquet file in ``folder``; only a week's partitions are read."""
    from extractors.gcp_bigquery.client import Client

    if not _TABLE.fullmatch(order.table) or not re.fullmatch(r"[A-Za-z_]\w{0,299}", order.partition_column):
        raise InputError(
            f"{shown(order.table)!r} is not a table; allowed: project.dataset.cloud_pricing_export"
        )
    options = {"location": order.location, "connection": order.connection, "endpoint_url": order.endpoint_url}
    source = Source("prices", "gcp_bigquery", VENDOR, Decimal(0), (), {k: v for k, v in options.items() if v})
    target = folder / "pricing.parquet"
    _query(Client(source, order.table.partition(".")[0]), order, today, target)
    return read(target, month=order.month, account=account, shown_as=f"google {order.table}")


def _query(client: Client, order: Order, today: dt.date, target: Path) -> None:
    from google.cloud import bigquery

    from extractors.gcp_bigquery import parquet

    start, end = _days(order.month, today)
    kind = _kind(client, order)
    bounds = [
        bigquery.ScalarQueryParameter(name, kind, day if kind == "DATE" else _midnight(day, kind))
        for name, day in (("start", start), ("end", end))
    ]
    sql = _question(order)
    say(f"  BigQuery will read {client.bytes_of(order.table, sql, bounds) / 1e6:.1f} MB of {order.table}")
    with client.rows(order.table, sql, bounds) as rows, target.open("wb") as sink:
        written = parquet.write(rows.to_arrow_iterable(), sink)
    if not written:
        raise CspbillError(
            f"google {order.table}: no prices arrived from {start} to {end}; is the pricing export switched on?"
        )


def _kind(client: Client, order: Order) -> str:
    """Return the type of the partition column, to compare it with days of its own type: else all is read."""
    known = {"_PARTITIONTIME": "TIMESTAMP", "_PARTITIONDATE": "DATE"}
    if order.partition_column in known:
        return known[order.partition_column]
    fields = {field.name: field.field_type for field in client.table(order.table).schema}
    kind = fields.get(order.partition_column, "")
    if kind not in {"DATE", "DATETIME", "TIMESTAMP"}:
        raise InputError(
            f"google {order.table}: {order.partition_column} is {kind or 'no column'}; "
            "allowed for --partition-column: a DATE, DATETIME or TIMESTAMP column"
        )
    return str(kind)


def _midnight(day: dt.date, kind: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC if kind == "TIMESTAMP" else None)


def _days(month: dt.date | None, today: dt.date) -> tuple[dt.date, dt.date]:
    end = today + dt.timedelta(days=2)
    if month is not None:
        end = min(end, _following(month))
    return end - dt.timedelta(days=DAYS_BACK + 2), end


def _question(order: Order) -> str:
    within = f"{order.partition_column} >= @start and {order.partition_column} < @end"
    columns = ", ".join((*NEEDED, "billing_account_price"))
    return (
        f"select {columns} from `{order.table}` where {within} and pricing_as_of_time = "
        f"(select max(pricing_as_of_time) from `{order.table}` where {within})"
    )


def read(
    path: Path, *, month: dt.date | None = None, account: str | None = None, shown_as: str | None = None
) -> Sheet:
    """Describe a Parquet or JSON lines export of the table."""
    file = shown_as or path.name
    rows, names = _rows(path, file)
    Columns(file, names).require("a Google pricing export", *NEEDED)
    before = f"and as_of < {literal(_following(month).isoformat())}" if month else ""
    table = f"(select *, cast(cast(pricing_as_of_time as varchar) as timestamp) as as_of from {rows})"
    accounts, newest = _looked_at(table, before, file)
    picked = _picked(accounts, account, file)
    own = "billing_account_price" in names
    offers = _offers(table, newest, picked, has_own=own)
    until = _following(month) if month else None
    start = month or newest.date()
    called = {
        "list_price": "list_price.tiered_rates.account_currency_amount", "currency": "account_currency_code",
        "cost_price": "billing_account_price.tiered_rates.account_currency_amount",
        "unit": "pricing_unit_description",
        "tier_start": "list_price.tiered_rates.start_usage_amount",
    }  # fmt: skip
    # The table says what counts on its day, not since when: a price seen first is taken to hold all month.
    since = None if month else start.replace(day=1)
    name = f"google {picked}"
    return Sheet(name, VENDOR, file, offers, start, until, states_start=False, since=since, called=called)


def _following(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=32)).replace(day=1)


def _rows(path: Path, file: str) -> tuple[str, list[str]]:
    name = path.name.casefold()
    if name.endswith(".parquet"):
        read = f"read_parquet({literal(str(path))}, file_row_number = true)"
        rows = f"(select *, file_row_number + 1 as row from {read})"
    else:
        types = ", ".join(f"{literal(column)}: {literal(kind)}" for column, kind in _JSON_TYPES.items())
        rows = (
            f"(select *, row_number() over () as row from read_json({literal(str(path))}, auto_detect = false, "
            f"format = 'newline_delimited', columns = {{{types}}}, maximum_object_size = 10000000))"
        )
    try:
        return rows, [str(column[0]) for column in look(f"describe select * from {rows}")]
    except duckdb.Error as error:
        raise InputError(f"{file}: not readable ({shown(str(error).splitlines()[0], 200)})") from None


def _looked_at(table: str, before: str, file: str) -> tuple[list[str], dt.datetime]:
    try:
        found = look(
            "select list(distinct billing_account_id order by billing_account_id), max(as_of) "
            f"from {table} where true {before}"
        )
    except duckdb.Error as error:
        raise InputError(f"{file}: not readable ({shown(str(error).splitlines()[0], 200)})") from None
    accounts, newest = found[0]
    if newest is None:
        raise InputError(f"{file}: no prices in it (of the month asked for)")
    return [str(each) for each in accounts or []], newest


def _picked(accounts: list[str], account: str | None, file: str) -> str:
    if account is None and len(accounts) == 1:
        return accounts[0]
    if account not in accounts:
        shown_ids = ", ".join(accounts[:10])
        raise InputError(
            [
                Problem(
                    file,
                    0,
                    "billing_account_id",
                    f"{account or 'several'}; name one with --account: {shown_ids}",
                )
            ]
        )
    return account


def _offers(table: str, newest: dt.datetime, account: str, *, has_own: bool) -> str:
    amount = "account_currency_amount"
    own = (
        f"cast(list_filter(billing_account_price.tiered_rates, x -> cast(x.start_usage_amount as decimal(38, 9)) "
        f"= cast(rate.start_usage_amount as decimal(38, 9)))[1].{amount} as varchar)"
        if has_own
        else "null"
    )
    return f"""
        with newest as (
            select * from {table} where as_of = timestamp {literal(str(newest))}
                and billing_account_id = {literal(account)}
        ),
        rates as (select *, unnest(list_price.tiered_rates) as rate from newest)
        select row, service.description as service, sku.id as sku, null as region,
            pricing_unit_description as unit, account_currency_code as currency,
            cast(rate.{amount} as varchar) as list_price, {own} as cost_price,
            cast(rate.pricing_unit_quantity as varchar) as per,
            cast(cast(rate.start_usage_amount as decimal(38, 12)) as varchar) as tier_start,
            null as valid_from, null as valid_to, sku.description as description
        from rates
    """
