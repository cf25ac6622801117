"""A scratch warehouse: what some billing periods would come to under another book, or with charges added.

    warehouse.duckdb (read only) ──> scratch/…/warehouse.duckdb ──compiled models──> marts of the what-if

It holds the given book, the daily charges of the wanted periods, what models remember of other periods, and the
ledger without the documents of the wanted periods, so that issued ones are rated again. Nothing is written back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from cspbill import warehouse
from cspbill.book import Book, store_book
from cspbill.book.values import Value
from cspbill.compiled import GIVEN, Model, compiled_models
from cspbill.dbt import project_fingerprint
from cspbill.errors import CspbillError
from cspbill.rating import PROJECT_STATE
from cspbill.scratch import scratch
from cspbill.settings import Settings

#: As many rows as there are charges; nothing is looked up in those of other periods.
_CHARGE_BY_CHARGE = ("int_charges__assigned", "int_rated", "int_rated__discount")
#: What is kept of the ledger's tables that know months.
_OF_OTHER_PERIODS = {
    "document_period": "not list_contains(?, billing_period)",
    "document_line": "not list_contains(?, used_in_period)",
    # A refund looks up what was invoiced of own products; nothing else is asked of charges.
    "rated_charge": "source = 'own' and not list_contains(?, billing_period)",
}
_KEY = "lower(trim(coalesce({}, '')))"

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Wish:
    """What to rate again, and what to take along of how it is now.

    ``customers``: only the accounts of these (none: everybody). ``before``: name → SQL over the live warehouse, kept
    as tables of schema ``before``.
    """

    periods: tuple[dt.date, ...]
    customers: frozenset[str] = frozenset()
    before: Mapping[str, str] = field(default_factory=dict)


@dataclass
class WhatIf:
    """The scratch warehouse, open, until its block ends."""

    connection: duckdb.DuckDBPyConnection
    models: Sequence[Model]

    def rate(self, only: Sequence[str] = ()) -> None:
        """Rate the wanted periods anew, with whatever was changed in the scratch warehouse.

        ``only``: these models, where nothing else is asked.
        """
        _state_vendor_totals(self.connection)
        for model in self.models:
            if not only or model.name in only:
                for statement in model.statements():
                    self.connection.execute(statement)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        """Return a query's rows by column name."""
        return query(self.connection, sql, values)


def family(book: Book, customers: Iterable[str]) -> frozenset[str]:
    """Return the customers and everybody who is billed together with them."""
    parents = {row["customer_id"]: row["parent_customer_id"] for row in book.tables["customers"]}

    def payer(customer: Value) -> Value:
        return payer(parents[customer]) if parents.get(customer) else customer

    payers = {payer(customer) for customer in customers}
    return frozenset(str(customer) for customer in parents if payer(customer) in payers)


def query(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> Rows:
    """Return a query's rows by column name."""
    cursor = connection.execute(sql, values or None)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def what_if(settings: Settings, book: Book, wish: Wish) -> Iterator[WhatIf]:
    """Yield a scratch warehouse that is filled but not yet rated; it is gone afterwards.

    Raises CspbillError when the warehouse has not been rated by this version.
    """
    with warehouse.read_only(settings) as live:
        _require_this_version(live)
    models = compiled_models(settings)
    with scratch(settings) as folder:
        beside = Settings(home=folder, config=settings.config, today=settings.today)
        connection = warehouse.open_file(beside)
        try:
            if wish.customers:  # so little that a second thread costs more than it gives
                connection.execute("set threads = 1")
            for schema in ("intermediate", "marts", "before"):
                connection.execute(f"create schema {schema}")
            store_book(connection, book)
            _fill(connection, settings, wish, models)
            yield WhatIf(connection, models)
        finally:
            connection.close()


def _require_this_version(live: duckdb.DuckDBPyConnection) -> None:
    rows = live.execute("select value from ops.state where name = ?", [PROJECT_STATE]).fetchall()
    if rows != [(project_fingerprint(),)]:
        raise CspbillError("This version of cspbill has not rated the warehouse yet. Run: cspbill run")


def _fill(
    connection: duckdb.DuckDBPyConnection, settings: Settings, wish: Wish, models: Sequence[Model]
) -> None:
    """Copy from the live warehouse while nobody writes to it."""
    with warehouse.locked(settings):
        with duckdb.connect(str(settings.warehouse), read_only=True) as live:
            found = {name: live.execute(sql).to_arrow_table() for name, sql in wish.before.items()}
        for name, rows in found.items():
            connection.register("found", rows)
            connection.execute(f"create table before.{name} as from found")
            connection.unregister("found")
        connection.execute(f"attach '{_quoted(settings.warehouse)}' as live (read_only)")
        _copy_ledger(connection, wish)
        _copy_ops(connection, wish)
        _copy_charges(connection, wish)
        _copy_history(connection, models, wish)
        connection.execute("detach live")


def _copy_ledger(connection: duckdb.DuckDBPyConnection, wish: Wish) -> None:
    """Copy what was issued for other periods; of a document that bills both, only what is of the others."""
    connection.execute(
        "create temp table rated_again as select document_number from live.ledger.document_period "
        "group by document_number having bool_and(list_contains(?, billing_period))",
        [list(wish.periods)],
    )
    here = _tables(connection, "warehouse", "ledger")
    for table, columns in _tables(connection, "live", "ledger").items():
        if table in here:
            kept = "document_number not in (from rated_again)" if "document_number" in columns else "true"
            connection.execute(
                f"insert into ledger.{table} by name from live.ledger.{table} "
                f"where {kept} and ({_OF_OTHER_PERIODS.get(table, 'true')})",
                [list(wish.periods)] if table in _OF_OTHER_PERIODS else [],
            )


def _copy_ops(connection: duckdb.DuckDBPyConnection, wish: Wish) -> None:
    for table in ("delivery", "partition_in_force"):
        connection.execute(f"insert into ops.{table} by name from live.ops.{table}")
    connection.executemany("insert into ops.dirty_period values (?)", [[period] for period in wish.periods])
    connection.execute(
        "create table before.difference as select source, billing_period, currency, difference as amount "
        "from live.intermediate.int_reconciliation where billing_period in (from ops.dirty_period)"
    )


def _copy_charges(connection: duckdb.DuckDBPyConnection, wish: Wish) -> None:
    """Copy the wanted periods' charges: all, or those that some customers may be charged for.

    Theirs are accounts, and commitments by their own id. Whose the other commitments are is told by who paid for
    them, which `_copy_history` takes along for everybody.
    """
    theirs = ""
    if wish.customers:
        connection.execute(
            f"create temp table wanted_account as select distinct {_KEY.format('account_id')} as account_key "
            "from config.accounts where list_contains(?, customer_id)",
            [sorted(wish.customers)],
        )
        ids = ("billing_account_id", "sub_account_id", "commitment_discount_id")
        theirs = " or ".join(f"{_KEY.format(name)} in (from wanted_account)" for name in ids)
    connection.execute(
        f"create table intermediate.{GIVEN} as from live.intermediate.{GIVEN} "
        f"where billing_period in (from ops.dirty_period) and ({theirs or 'true'})"
    )


def _copy_history(connection: duckdb.DuckDBPyConnection, models: Sequence[Model], wish: Wish) -> None:
    """Copy what models keep of other periods: how often a discount was earned, what was drafted."""
    connection.execute(
        "create temp table wanted_customer as select unnest(?::varchar[]) as customer_id",
        [sorted(wish.customers)],
    )
    theirs = "and customer_id in (from wanted_customer)" if wish.customers else ""
    for model in models:
        if model.kind == "deliveries":
            connection.execute(f"create table {model.relation} as from live.{model.relation}")
        if model.kind == "periods":
            kept = "false" if model.name in _CHARGE_BY_CHARGE else f"true {theirs}"
            connection.execute(
                f"create table {model.relation} as from live.{model.relation} "
                f"where {kept} and billing_period not in (from ops.dirty_period)"
            )


def _state_vendor_totals(connection: duckdb.DuckDBPyConnection) -> None:
    """Let what is here tie as well, or as badly, as the whole does."""
    connection.execute("delete from ops.vendor_total")
    connection.execute(
        f"""
        insert into ops.vendor_total
        select source, '', billing_period, currency, sum(amount)
        from (
            select source, billing_period, vendor_currency as currency, coalesce(billed_cost, 0) as amount
            from intermediate.{GIVEN}
            union all
            select source, billing_period, currency, amount from before.difference
        )
        group by all
        """
    )


def _tables(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> dict[str, list[str]]:
    rows = connection.execute(
        "select table_name, list(column_name) from duckdb_columns() "
        "where database_name = ? and schema_name = ? group by table_name order by table_name",
        [database, schema],
    ).fetchall()
    return dict(rows)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
