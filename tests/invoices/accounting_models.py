"""The accounting views as dbt compiles them, put over a small warehouse."""

from __future__ import annotations

from typing import Any

import duckdb
from invoice_warehouse import insert

from cspbill.book.codes import minor_units
from cspbill.compiled import Model


def create_views(connection: duckdb.DuckDBPyConnection, models: tuple[Model, ...]) -> None:
    """Create the views, and the currencies that the book of business brings."""
    for schema in ("intermediate", "marts"):
        connection.execute(f"create schema if not exists {schema}")
    for model in models:
        connection.execute(f"create or replace view {model.relation} as {model.sql}")
    connection.execute("delete from config.currencies")
    insert(
        connection,
        "config.currencies",
        [{"code": code, "minor_units": units} for code, units in minor_units().items()],
    )


def pay(connection: duckdb.DuckDBPyConnection, **payment: Any) -> None:
    """Enter a payment as payments.csv would."""
    insert(connection, "config.payments", [{"currency": "EUR", "config_line": 2, **payment}])
    connection.execute("insert or replace into ops.state values ('config_content', ?)", [repr(payment)])
