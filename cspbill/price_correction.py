"""Correct the prices of an issued month, because the reseller asks for it: `cspbill reprice --correct` (R9.3).

Nothing is billed here. The month gets another frozen book of prices; the next run rates it by that, and the
difference stands on each customer's next document.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb

from cspbill import warehouse
from cspbill.book import read_book, store_book
from cspbill.errors import InputError
from cspbill.scratch import scratch
from cspbill.settings import Settings


def correct_prices(
    settings: Settings, period: dt.date, config: Path, customers: Sequence[str], reason: str
) -> tuple[str, ...]:
    """Let the prices in ``config`` count for an issued month; returns the customers whose month it is.

    Asking again replaces what was asked before. Raises InputError without a reason, or where nothing is issued.
    """
    from invoices.frozen_book import used_skus

    if not reason.strip():
        raise InputError("Correcting prices needs a reason (--reason …); it is kept.")
    with warehouse.connect(settings) as connection:
        warehouse.require_marts(connection)
        issued = _issued(connection, period, customers)
        skus = used_skus(connection, [period])
    book = _freeze(settings, config, skus)
    asked_at = dt.datetime.combine(settings.today, dt.time())
    with warehouse.connect(settings) as connection, warehouse.transaction(connection):
        connection.executemany(
            "insert or replace into rerated.repriced values (?, ?, ?, ?, ?)",
            [[customer, period, book, reason.strip(), asked_at] for customer in issued],
        )
    return issued


def _issued(
    connection: duckdb.DuckDBPyConnection, period: dt.date, customers: Sequence[str]
) -> tuple[str, ...]:
    rows = connection.execute(
        "select customer_id from intermediate.int_invoice__issued_month where billing_period = ? order by all",
        [period],
    ).fetchall()
    issued = {row[0] for row in rows}
    open_ones = sorted(set(customers) - issued)
    if open_ones or not issued:
        who = f" for {', '.join(open_ones)}" if open_ones else ""
        raise InputError(
            f"{period:%Y-%m} is not issued{who}: change the price in the book of business and run `cspbill run`."
        )
    return tuple(sorted(set(customers) or issued))


def _freeze(settings: Settings, config: Path, skus: Sequence[str]) -> str:
    from invoices.frozen_book import freeze_book

    book = read_book(config)
    with scratch(settings) as folder:
        beside = Settings(home=folder, config=config, today=settings.today)
        with warehouse.connect(beside) as connection:
            store_book(connection, book)
            return freeze_book(connection, settings, skus)
