"""A small world of customers, prices and vendor rows, rated as in production, for tests that tell stories.

A build costs time, so a test module puts all its stories, one customer each, into one world.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cspbill import warehouse
from cspbill.book import read_book, store_book
from cspbill.rating import RateResult, rate
from cspbill.settings import Settings
from invoices.issue import copy_drafts
from quality.identities import check_identities

AUGUST, SEPTEMBER, OCTOBER = dt.date(2024, 8, 1), dt.date(2024, 9, 1), dt.date(2024, 10, 1)
SOURCE, SCOPE = "aws", "all"
MONEY_TYPE = pa.decimal128(28, 12)

RESELLER = """\
legal_name: Nordlicht Cloud GmbH
country: DE
base_currency: EUR
fx_policy: {fx_policy}
sources:
"""
ONE_SOURCE = """\
  - name: {name}
    kind: focus_files
    path: files
    tolerance: "{tolerance}"
    owner_accounts: {owner_accounts}
"""
TAX_RATES = [
    {"country": "DE", "tax_category": "standard", "rate": "19", "code": "S"},
    {"country": "DE", "tax_category": "reduced", "rate": "7", "code": "S"},
]

Row = dict[str, Any]


@dataclass
class World:
    """The book of business and the vendor rows of a test; every method adds, `Warehouse.rate` takes it over."""

    fx_policy: str = "month"
    billing_starts: str = ""
    sources: dict[str, Sequence[str]] = field(default_factory=lambda: {SOURCE: ()})
    tolerance: str = "0.01"
    tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list, tax_rates=list(TAX_RATES)))
    charges: dict[tuple[str, dt.date], list[Row]] = field(default_factory=lambda: defaultdict(list))
    final: set[tuple[str, dt.date]] = field(default_factory=set)
    stated: dict[tuple[str, dt.date], dict[str, str]] = field(default_factory=dict)

    def customer(self, customer_id: str, book: str | None = None, **values: Any) -> str:
        """Add a customer with an account of the same name and, given a book, an open contract ``<id>-contract``."""
        row = {"customer_id": customer_id, "legal_name": customer_id, "country": "DE", "currency": "EUR"}
        self.tables["customers"].append({**row, **values})
        self.account(customer_id, customer_id)
        if book:
            contract = {"contract_id": f"{customer_id}-contract", "customer_id": customer_id}
            self.tables["contracts"].append({**contract, "price_book": book})
        return customer_id

    def terms(self, customer_id: str, book: str, name: str = "", **values: Any) -> None:
        """Add a contract with terms of its own, such as a minimum commitment, to a customer without one."""
        contract = {"contract_id": f"{customer_id}-contract{name}", "customer_id": customer_id}
        self.tables["contracts"].append({**contract, "price_book": book, **values})

    def adjustment(self, adjustment_id: str, customer_id: str, date: str, amount: str, **values: Any) -> None:
        """Add an adjustment whose description is its id."""
        row = {"adjustment_id": adjustment_id, "customer_id": customer_id, "date": date, "amount": amount}
        self.tables["adjustments"].append({**row, "description": adjustment_id, **values})

    def top_up(self, customer_id: str, date: str, amount: str, currency: str = "EUR", **values: Any) -> None:
        """Add a prepaid top-up."""
        row = {"customer_id": customer_id, "date": date, "amount": amount, "currency": currency}
        self.tables["prepaid"].append({**row, **values})

    def account(self, account_id: str, customer_id: str, **values: Any) -> None:
        """Map an account of any source to a customer."""
        row = {"source": "*", "account_id": account_id, "customer_id": customer_id}
        self.tables["accounts"].append({**row, **values})

    def book(self, price_book: str, currency: str = "EUR", **values: Any) -> str:
        """Add a price book."""
        self.tables["price_books"].append({"price_book": price_book, "currency": currency, **values})
        return price_book

    def rule(self, rule_id: str, book: str, model: str, **values: Any) -> None:
        """Add a rule to a book."""
        self.tables["price_rules"].append({"price_book": book, "rule_id": rule_id, "model": model, **values})

    def tier(self, rule_id: str, up_to: str, unit_price: str, **values: Any) -> None:
        """Add a tier to a rule; blank ``up_to`` = open."""
        row = {"rule_id": rule_id, "up_to": up_to, "unit_price": unit_price}
        self.tables["price_tiers"].append({**row, **values})

    def discount(self, discount_id: str, percent: str, **values: Any) -> None:
        """Add a line discount."""
        row = {"discount_id": discount_id, "kind": "line", "percent": percent}
        self.tables["discounts"].append({**row, **values})

    def product(self, product_id: str, unit_price: str, **values: Any) -> str:
        """Add a monthly product of the reseller's own, billed in advance."""
        row = {"product_id": product_id, "name": product_id, "currency": "EUR", "unit_price": unit_price}
        recurring = {"charge_type": "recurring", "interval": "month", "timing": "advance"}
        kind = {} if values.get("charge_type") == "one_off" else recurring
        self.tables["products"].append({**row, **kind, **values})
        return product_id

    def subscription(self, subscription_id: str, customer_id: str, product_id: str, *events: str) -> None:
        """Add events, each as ``2024-09-15 start 20 9.99``: day, event, quantity and price where given."""
        names = ("effective_date", "event", "quantity", "unit_price")
        for event in events:
            row = {"subscription_id": subscription_id, "customer_id": customer_id, "product_id": product_id}
            self.tables["subscriptions"].append({**row, **dict(zip(names, event.split(), strict=False))})

    def fx(self, date: str, base: str, quote: str, rate: str) -> None:
        """Add an exchange rate."""
        row = {"date": date, "base": base, "quote": quote, "rate": rate, "source": "ECB"}
        self.tables["fx_rates"].append(row)

    def charge(
        self,
        account: str,
        day: str,
        cost: str,
        *,
        source: str = SOURCE,
        period: dt.date | None = None,
        **columns: Any,
    ) -> None:
        """Add a vendor row; all four costs are ``cost`` unless given by their FOCUS names."""
        start = dt.datetime.fromisoformat(day)
        row: Row = {
            "BillingAccountId": "payer",
            "SubAccountId": account,
            "ProviderName": "AWS",
            "PublisherName": "AWS",
            "InvoiceIssuerName": "AWS",
            "ServiceName": "Compute",
            "ServiceCategory": "Compute",
            "SkuId": "vm",
            "ChargeCategory": "Usage",
            "ChargeDescription": "virtual machine",
            "BillingCurrency": "EUR",
            "PricingUnit": "Hours",
            "PricingQuantity": "1",
            "ChargePeriodStart": start,
            "ChargePeriodEnd": start + dt.timedelta(hours=1),
            **dict.fromkeys(("ListCost", "ContractedCost", "BilledCost", "EffectiveCost"), cost),
        }
        self.charges[source, period or start.date().replace(day=1)].append({**row, **columns})


class Readings(ABC):
    """What tests ask of a rated warehouse, wherever it is."""

    @abstractmethod
    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Return a query's rows by column name."""

    def values(self, sql: str, *values: Any) -> list[Any]:
        """Return a query's first column."""
        return [next(iter(row.values())) for row in self.rows(sql, *values)]

    def rated(self, customer_id: str, period: dt.date = SEPTEMBER) -> list[Row]:
        """Return the rated rows of a customer's period by day, sku and cost."""
        return self.rows(
            "select * from marts.fct_rated_charge where customer_id = ? and billing_period = ? "
            "order by charge_day, sku, billed_cost, charge_id",
            customer_id,
            period,
        )

    def revenue(self, customer_id: str, period: dt.date = SEPTEMBER) -> Decimal:
        """Return the exact revenue of a customer's period, after discounts and before rounding."""
        return sum((row["revenue"] for row in self.rated(customer_id, period)), Decimal(0))

    def lines(self, customer_id: str, period: dt.date = SEPTEMBER, status: str = "draft") -> list[Row]:
        """Return a customer's invoice lines in print order."""
        return self.rows(
            "select * from marts.fct_invoice_line where customer_id = ? and billing_period = ? and status = ? "
            "order by line_number",
            customer_id,
            period,
            status,
        )

    def draft(self, customer_id: str, period: dt.date = SEPTEMBER) -> Row:
        """Return a customer's only draft of a period."""
        (row,) = self.rows(
            "select * from marts.fct_invoice where customer_id = ? and billing_period = ? and status = 'draft'",
            customer_id,
            period,
        )
        return row


@dataclass(frozen=True)
class Warehouse(Readings):
    """A temporary warehouse, and how to feed and read it."""

    settings: Settings

    @classmethod
    def in_directory(cls, directory: Path, today: dt.date = dt.date(2024, 10, 5)) -> Warehouse:
        """Create nothing yet; everything goes below ``directory``."""
        return cls(Settings(home=directory / "home", config=directory / "config", today=today))

    def rate(self, world: World, *, check: bool = True) -> RateResult:
        """Store the book, load what changed of the vendor rows, rate, and prove the identities of R10."""
        self.store_book(world)
        with warehouse.connect(self.settings) as connection:
            for (source, period), rows in world.charges.items():
                load(connection, world, source, period, rows)
        result = rate(self.settings)
        if check:
            with warehouse.connect(self.settings) as connection:
                check_identities(connection)
        return result

    def store_book(self, world: World) -> None:
        """Write the config files, then read, validate and store them as the pipeline does."""
        write_config(self.settings.config, world)
        book = read_book(self.settings.config)
        with warehouse.connect(self.settings) as connection:
            store_book(connection, book)

    def execute(self, sql: str, *values: Any) -> None:
        """Run one statement."""
        with warehouse.connect(self.settings) as connection:
            connection.execute(sql, list(values))

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Return a query's rows by column name."""
        with warehouse.connect(self.settings) as connection:
            found = connection.execute(sql, list(values))
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def issue(self, number: str, customer_id: str, period: dt.date = SEPTEMBER) -> None:
        """Freeze a draft in the ledger as issuing does, without rendering any file."""
        with warehouse.connect(self.settings) as connection, warehouse.transaction(connection):
            freeze(connection, number, customer_id, period)


def write_config(directory: Path, world: World) -> None:
    """Write a world's book of business as its CSV files and `reseller.yml`."""
    directory.mkdir(parents=True, exist_ok=True)
    text = RESELLER.format(fx_policy=world.fx_policy)
    if world.billing_starts:
        text = f"billing_starts: {world.billing_starts}\n{text}"
    for name, owner_accounts in world.sources.items():
        accounts = json.dumps(list(owner_accounts))
        text += ONE_SOURCE.format(name=name, owner_accounts=accounts, tolerance=world.tolerance)
    (directory / "reseller.yml").write_text(text, "utf-8")
    for table, rows in world.tables.items():
        with (directory / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
            writer.writeheader()
            writer.writerows(rows)


def load(
    connection: duckdb.DuckDBPyConnection, world: World, source: str, period: dt.date, rows: Sequence[Row]
) -> None:
    """Replace one partition by a new delivery, unless the very same rows are in force."""
    key = (source, period)
    total = world.stated.get(key) or _totals(rows)
    digest = pa.py_buffer(json.dumps([rows, total, key in world.final], default=str).encode())
    delivery = f"{source}-{period:%Y-%m}-{hash(digest.to_pybytes()) & 0xFFFFFFFF:08x}"
    known = connection.execute("select 1 from ops.partition_in_force where delivery_id = ?", [delivery])
    if known.fetchone():
        return
    with warehouse.transaction(connection):
        connection.execute(
            "delete from raw.focus_files where x_source = ? and x_billing_period = ?", [source, period]
        )
        _insert_rows(connection, source, period, delivery, rows)
        connection.execute(
            "insert or replace into ops.delivery values "
            "(?, ?, 'focus_files', ?, ?, ?, 1, ?, null, null, ?, '2024-10-01', '2024-10-01')",
            [delivery, source, SCOPE, period, len(rows), json.dumps(total), key in world.final],
        )
        connection.execute(
            "insert or replace into ops.partition_in_force values (?, ?, ?, ?)",
            [source, SCOPE, period, delivery],
        )


def _totals(rows: Iterable[Row]) -> dict[str, str]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        totals[row["BillingCurrency"]] += Decimal(row["BilledCost"])
    return {currency: str(amount) for currency, amount in totals.items()}


def _insert_rows(
    connection: duckdb.DuckDBPyConnection, source: str, period: dt.date, delivery: str, rows: Sequence[Row]
) -> None:
    if not rows:
        return
    names = list(dict.fromkeys(name for row in rows for name in row))
    frame = pa.table({name: _column(name, [row.get(name) for row in rows]) for name in names})
    connection.register("charge_rows", frame)
    connection.execute(
        f"insert into raw.focus_files (x_source, x_scope, x_billing_period, x_delivery_id, x_file, x_row, "
        f"{', '.join(names)}) "
        f"select ?, ?, ?, ?, 'charges.csv', row_number() over (), {', '.join(names)} from charge_rows",
        [source, SCOPE, period, delivery],
    )
    connection.unregister("charge_rows")


def _column(name: str, values: Sequence[Any]) -> pa.Array:
    if name.endswith(("Cost", "Quantity")):
        return pa.array([None if value is None else Decimal(value) for value in values], MONEY_TYPE)
    return pa.array(values, pa.timestamp("us") if name.startswith("ChargePeriod") else pa.string())


def freeze(connection: duckdb.DuckDBPyConnection, number: str, customer_id: str, period: dt.date) -> None:
    where: Mapping[str, Any] = {"number": number, "customer": customer_id, "period": period}
    connection.execute(
        """
        insert into ledger.document
        select
            $number, 'INV', (select count(*) + 1 from ledger.document), document_type, customer_id, billing_period,
            period_start, period_end, date '2024-10-05', date '2024-10-19', currency, net_amount, tax_amount,
            gross_amount, prepaid_drawn, payable_amount, purchase_order, buyer_reference, null, locale, '{}', '{}',
            null, timestamp '2024-10-05', '', '{}', prepaid_balance
        from intermediate.int_invoice__draft where customer_id = $customer and billing_period = $period
        """,
        where,
    )
    copy_drafts(connection, period, {number: customer_id})
