"""Google: the table `cloud_pricing_export` in BigQuery, or a Parquet or JSON lines export of it.

The table gains a copy of all prices every day; the newest (of a month) is taken. A price is for
``pricing_unit_quantity`` units, and an account with a contract has its own price beside the list price.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from cspbill.errors import CspbillError, InputError, Problem
from cspbill.progress import say
from extractors.names import shown, without_secrets
from extractors.price_sheets.sheets import Columns, Sheet, literal

if TYPE_CHECKING:
    from google.cloud import bigquery

VENDOR = "Google Cloud"
DAYS_BACK = 7  # the table gains a copy daily; a week bridges an outage and keeps the query small
NEEDED = (
    "billing_account_id", "service", "sku", "pricing_unit_description", "account_currency_code", "pricing_as_of_time",
    "list_price",
)  # fmt: skip
_TABLE = re.compile(r"[A-Za-z0-9_.:-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
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
    """Query the table into a Parquet file in ``folder``; only a week's partitions are scanned."""
    from google.api_core import exceptions

    if not _TABLE.fullmatch(order.table) or not re.fullmatch(r"\w+", order.partition_column):
        raise InputError(
            f"{shown(order.table)!r} is not a table; allowed: project.dataset.cloud_pricing_export"
        )
    target = folder / "pricing.parquet"
    try:
        _query(order, today, target)
    except exceptions.GoogleAPICallError as error:
        said = shown(without_secrets(error.message or type(error).__name__), 300)
        raise CspbillError(f"google {order.table}: {said}") from None
    return read(target, month=order.month, account=account, shown_as=f"google {order.table}")


def _query(order: Order, today: dt.date, target: Path) -> None:
    from google.cloud import bigquery

    client, (start, end) = _client(order), _days(order.month, today)
    query, config = _question(order), bigquery.QueryJobConfig(use_query_cache=False)
    config.query_parameters = [
        bigquery.ScalarQueryParameter("start", "TIMESTAMP", start),
        bigquery.ScalarQueryParameter("end", "TIMESTAMP", end),
    ]
    job = client.query(query, job_config=config)
    _write(job.result(), target)
    say(f"  BigQuery scanned {(job.total_bytes_processed or 0) / 1e6:.1f} MB")


def _days(month: dt.date | None, today: dt.date) -> tuple[dt.datetime, dt.datetime]:
    end = today + dt.timedelta(days=2)
    if month is not None:
        end = min(end, (month + dt.timedelta(days=32)).replace(day=1))
    end_time = dt.datetime(end.year, end.month, end.day, tzinfo=dt.UTC)
    return end_time - dt.timedelta(days=DAYS_BACK + 2), end_time


def _question(order: Order) -> str:
    within = f"{order.partition_column} >= @start and {order.partition_column} < @end"
    columns = ", ".join((*NEEDED, "billing_account_price"))
    return (
        f"select {columns} from `{order.table}` where {within} and pricing_as_of_time = "
        f"(select max(pricing_as_of_time) from `{order.table}` where {within})"
    )


def _client(order: Order) -> bigquery.Client:
    from google.api_core.client_options import ClientOptions
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery

    project = order.table.partition(".")[0]
    if order.endpoint_url:
        options, credentials = ClientOptions(api_endpoint=order.endpoint_url), AnonymousCredentials()  # type: ignore[no-untyped-call]
        return bigquery.Client(project, credentials, location=order.location, client_options=options)
    return bigquery.Client(project, _credentials(order.connection), location=order.location)


def _credentials(connection: str | None) -> Any:  # noqa: ANN401 - google-auth is untyped
    """Return a service account's credentials from an Airflow connection; None = the environment's."""
    import json

    from google.oauth2 import service_account

    from extractors.connections import airflow_connection

    if connection is None:
        return None
    extra = airflow_connection(connection).extra
    key = extra.get("keyfile_dict") or extra.get("extra__google_cloud_platform__keyfile_dict")
    path = extra.get("key_path") or extra.get("extra__google_cloud_platform__key_path")
    credentials = service_account.Credentials
    try:
        if key:
            return credentials.from_service_account_info(json.loads(key))  # type: ignore[no-untyped-call]
        return credentials.from_service_account_file(path) if path else None  # type: ignore[no-untyped-call]
    except (ValueError, OSError):
        raise InputError(
            f"connection {connection!r}: keyfile_dict or key_path is no service account key"
        ) from None


def _write(rows: Any, target: Path) -> None:  # noqa: ANN401 - google-cloud-bigquery's RowIterator
    import pyarrow.parquet as pq

    writer = None
    try:
        for batch in rows.to_arrow_iterable():
            writer = writer or pq.ParquetWriter(target, batch.schema)
            writer.write_batch(batch)
    finally:
        if writer:
            writer.close()
    if writer is None:
        raise CspbillError(
            "the table has no prices in the days asked for; is the pricing export switched on?"
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
        return rows, [
            str(column[0]) for column in duckdb.execute(f"describe select * from {rows}").fetchall()
        ]
    except duckdb.Error as error:
        raise InputError(f"{file}: not readable ({shown(str(error).splitlines()[0], 200)})") from None


def _looked_at(table: str, before: str, file: str) -> tuple[list[str], dt.datetime]:
    try:
        found = duckdb.execute(
            "select list(distinct billing_account_id order by billing_account_id), max(as_of) "
            f"from {table} where true {before}"
        ).fetchone()
    except duckdb.Error as error:
        raise InputError(f"{file}: not readable ({shown(str(error).splitlines()[0], 200)})") from None
    if found is None or found[1] is None:
        raise InputError(f"{file}: no prices in it (of the month asked for)")
    return [str(each) for each in found[0] or []], found[1]


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
        f"cast(list_filter(billing_account_price.tiered_rates, x -> cast(x.start_usage_amount as double) "
        f"= cast(rate.start_usage_amount as double))[1].{amount} as varchar)"
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
