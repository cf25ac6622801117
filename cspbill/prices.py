"""`cspbill prices`: fill config/price_list.csv from vendors' price sheets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cspbill.console import Day, Period, print_json, told_clearly
from cspbill.errors import InputError
from cspbill.settings import Settings

if TYPE_CHECKING:
    from extractors.price_sheets import Filled, Sheet

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def prices() -> None:
    """Fill price_list.csv from vendors' price sheets: list prices for quotes, and where usage states none.

    Taken are SKUs that the warehouse has charges of, that price_rules.csv names, or that the list has already. Rows
    by hand and rows of other sheets stay as they are.
    """


def _what_to_take(command: Command) -> Command:
    """Add the options that all vendors share."""
    options = (
        click.option(
            "--file",
            "files",
            multiple=True,
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="Read this downloaded sheet instead (may be repeated).",
        ),
        click.option("--sku", "skus", multiple=True, help="Take this SKU too (may be repeated)."),
        click.option("--all", "everything", is_flag=True, help="Take every SKU of the sheet."),
        click.option(
            "--since",
            type=Day(),
            help="Prices that are new to the list count from this day at the latest, such as 2024-09-01.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print what changed for machines."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@prices.command()
@click.option("--market", default="US", show_default=True, help="Country of the sheet, two letters.")
@click.option(
    "--view",
    type=click.Choice(["updatedlicensebased", "azure_consumption", "marketplace", "software"]),
    default="updatedlicensebased",
    show_default=True,
    help="Which sheet: licences (new commerce), Azure plan consumption, …",
)
@click.option("--connection", help="Airflow connection with client id and secret, tenant_id, refresh_token.")
@click.option("--month", type=Period(), help="Month of the sheet, such as 2024-09; default: current prices.")
@click.option("--segment", default="Commercial", show_default=True, help="Licences: segment.")
@click.option("--currency", help="Currency of a legacy licence sheet, which does not state it.")
@click.option("--api-url", default="https://api.partner.microsoft.com", show_default=True)
@click.option("--login-url", default="https://login.microsoftonline.com", show_default=True)
@_what_to_take
@told_clearly
def microsoft(
    *,
    files: tuple[Path, ...],
    month: dt.date | None,
    segment: str,
    currency: str | None,
    **options: Any,  # noqa: ANN401 - whom to ask, and the shared options
) -> None:
    """Partner Center's sheets (licences, Azure plan), and Cost Management's price sheet exports as files."""
    from extractors.price_sheets import microsoft as vendor

    market, view, connection, api_url, login_url = (
        options.pop(name) for name in ("market", "view", "connection", "api_url", "login_url")
    )
    if not files and not connection:
        raise click.UsageError(
            "Name an Airflow connection with --connection, or downloaded sheets with --file."
        )

    def sheets(settings: Settings, folder: Path) -> list[Sheet]:
        if files:
            return [
                vendor.read(
                    _plain(file, folder), settings.today, month=month, segment=segment, currency=currency
                )
                for file in files
            ]
        order = vendor.Order(market.upper(), view, connection, month, segment, api_url, login_url)
        return [vendor.fetch(folder, order, settings.today)]

    _run("Microsoft", sheets, **options)


@prices.command()
@click.option("--service", help="Offer code of the service, such as AmazonEC2.")
@click.option("--region", help="Only this region's offer file, such as eu-central-1.")
@click.option("--url", default="https://pricing.us-east-1.amazonaws.com", show_default=True)
@_what_to_take
@told_clearly
def aws(
    service: str | None,
    region: str | None,
    url: str,
    files: tuple[Path, ...],
    **taking: Any,  # noqa: ANN401 - the shared options
) -> None:
    """AWS's public offer files: on-demand prices of one service (in one region)."""
    from extractors.price_sheets import aws as vendor

    if not files and not service:
        raise click.UsageError("Name a service with --service, or downloaded offer files with --file.")

    def sheets(_: Settings, folder: Path) -> list[Sheet]:
        if files:
            return [vendor.read(_plain(file, folder), service, region) for file in files]
        return [vendor.fetch(folder, str(service), region, url)]

    _run("AWS", sheets, **taking)


@prices.command()
@click.option("--table", help="project.dataset.cloud_pricing_export")
@click.option("--month", type=Period(), help="Newest prices of this month; default: the newest.")
@click.option("--account", help="Billing account, where the table has several.")
@click.option("--partition-column", default="_PARTITIONTIME", show_default=True)
@click.option("--location", help="Of the dataset, such as EU.")
@click.option("--connection", help="Airflow connection with a service account; default: the environment's.")
@click.option("--endpoint-url", help="BigQuery at another address.")
@_what_to_take
@told_clearly
def google(
    *,
    table: str | None,
    month: dt.date | None,
    account: str | None,
    files: tuple[Path, ...],
    **options: Any,  # noqa: ANN401 - how to ask, and the shared options
) -> None:
    """Google's pricing export: the table in BigQuery, or Parquet or JSON lines files of it."""
    from extractors.price_sheets import google as vendor

    how = {name: options.pop(name) for name in ("partition_column", "location", "connection", "endpoint_url")}
    if not files and not table:
        raise click.UsageError("Name the table with --table, or exported files with --file.")

    def sheets(settings: Settings, folder: Path) -> list[Sheet]:
        if files:
            return [vendor.read(file, month=month, account=account) for file in files]
        order = vendor.Order(str(table), month, **how)
        return [vendor.fetch(folder, order, settings.today, account)]

    _run("Google", sheets, **options)


def _plain(file: Path, folder: Path) -> Path:
    from extractors.price_sheets.downloads import unpacked

    return unpacked(file, folder)


def _run(
    vendor: str,
    sheets: Callable[[Settings, Path], list[Sheet]],
    *,
    skus: tuple[str, ...],
    everything: bool,
    since: dt.date | None,
    as_json: bool,
) -> None:
    from cspbill.progress import step
    from cspbill.scratch import scratch
    from extractors.price_sheets import Wish, fill

    settings = Settings.from_environment()
    wish = Wish(frozenset({*skus, *used_skus(settings)}), everything, since)
    filled = []
    with scratch(settings) as folder:
        with step(f"Price sheets of {vendor}") as current:
            found = sheets(settings, folder)
            current.note(", ".join(sheet.name for sheet in found))
        _refuse_twice([sheet.name for sheet in found])
        for sheet in found:
            with step(f"  into {settings.config.name}/price_list.csv"):
                filled.append(fill(settings, sheet, wish, folder))
    _tell(filled, as_json=as_json)


def _refuse_twice(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"two of the files are the sheet '{twice[0]}': fill one at a time (AWS: with its --region)"
        )


def _tell(filled: list[Filled], *, as_json: bool) -> None:
    if as_json:
        print_json([{"sheet": f.sheet, **asdict(f.changes), "notes": f.notes} for f in filled])
        return
    for each in filled:
        changes = each.changes
        click.echo(
            f"{each.sheet}: {changes.added} rows added, {changes.changed} changed, {changes.removed} removed, "
            f"{changes.unchanged} unchanged"
        )
        for note in each.notes:
            click.echo(f"  note: {note}")
    click.echo(f"Price list: {filled[0].path}\nNext: cspbill check, then cspbill run")


def used_skus(settings: Settings) -> frozenset[str]:
    """Return the SKUs of rated charges and of price_rules.csv, lower case.

    Without a warehouse only price_rules.csv counts. Raises InputError when that file is not readable.
    """
    return _charged_skus(settings) | _ruled_skus(settings.config)


def _charged_skus(settings: Settings) -> frozenset[str]:
    import duckdb

    from cspbill import warehouse

    if not settings.warehouse.is_file():
        return frozenset()
    with warehouse.connect(settings) as connection:
        try:
            rows = connection.execute(
                "select distinct lower(trim(sku)) from intermediate.int_charges__daily where sku is not null"
            ).fetchall()
        except duckdb.CatalogException:  # nothing has been rated yet
            return frozenset()
    return frozenset(str(row[0]) for row in rows)


def _ruled_skus(config: Path) -> frozenset[str]:
    from cspbill.book.csv_file import read_table
    from cspbill.book.schema import PRICE_RULES

    if not config.is_dir():
        raise InputError(f"No config directory {config}; CSPBILL_CONFIG names another.")
    path = config / PRICE_RULES.file
    if not path.is_file():
        return frozenset()
    rows, problems, _ = read_table(PRICE_RULES, path)
    if problems:
        raise InputError(problems)
    return frozenset(str(row.values["sku"]).casefold() for row in rows if row.values.get("sku"))
