"""Builds a small warehouse as dbt would leave it: the draft tables and rated rows that the documents read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from cspbill import warehouse
from cspbill.settings import Settings

SEPTEMBER, OCTOBER = dt.date(2024, 9, 1), dt.date(2024, 10, 1)
PLACES = {"EUR": 2, "USD": 2, "JPY": 0, "GBP": 2, "CHF": 2, "DKK": 2, "KWD": 3}

SELLER: dict[str, Any] = {
    "legal_name": "Nordlicht Cloud GmbH",
    "street": "Speicherstraße 12",
    "city": "Hamburg",
    "postal_code": "20457",
    "country": "DE",
    "tax_id": "DE136695976",
    "email": "billing@nordlicht.example",
    "phone": "+49 40 1234567",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "base_currency": "EUR",
    "payment_terms_days": 30,
    "first_number": 1,
    "fx_policy": "month",
    "locale": "de_DE",
    "close_day": 5,
    "registration": "Amtsgericht Hamburg HRB 123456",
    "invoice_series_invoice": "INV",
    "invoice_series_credit_note": "CN",
    "tax_in_eu": True,
}
CUSTOMER: dict[str, Any] = {
    "country": "DE",
    "currency": "EUR",
    "street": "Marktplatz 1",
    "city": "Bremen",
    "postal_code": "28195",
    "billing_frequency": "monthly",
    "tax_in_eu": True,
    "vat_id_valid": False,
    "config_line": 2,
}


def settings_in(home: Path, today: dt.date = dt.date(2024, 10, 5)) -> Settings:
    """Settings of a test's own data directory."""
    return Settings(home=home, config=home / "config", today=today)


@dataclass
class Draft:
    """One customer's document, line by line; lines of other customers or months say so."""

    customer_id: str
    currency: str
    locale: str
    period: dt.date = SEPTEMBER
    tax_code: str = "S"
    tax_rate: Decimal = Decimal(19)
    legal_note: str | None = None
    blocked_reason: str | None = None
    force_reason_needed: str | None = None
    purchase_order: str | None = None
    reference_document: str | None = None
    period_start: dt.date | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)
    charges: list[dict[str, Any]] = field(default_factory=list)
    draws: list[dict[str, Any]] = field(default_factory=list)
    prepaid_balance: Decimal | None = None
    payment_terms_days: int = 30

    def round(self, amount: Decimal) -> Decimal:
        """To the currency's minor unit, half away from zero."""
        return amount.quantize(Decimal(1).scaleb(-PLACES[self.currency]), ROUND_HALF_UP)

    def usage(self, exact: str, service: str = "Virtual Machines", **over: Any) -> str:
        """Add a usage line with one rated row per given day; returns its line id."""
        line_id = over.pop("line_id", f"{self.customer_id}-{self.period:%m}-{len(self.lines) + 1}")
        days, text = over.pop("days", 2), over.pop("charge_description", "D4s v5")
        line = {
            "line_id": line_id,
            "line_type": "usage",
            "source": "microsoft",
            "vendor": "Microsoft",
            "service": service,
            "charge_category": "Usage",
            "description": service,
            "rule_id": "r1",
            **over,
        }
        self._line(line, Decimal(exact))
        self._charges(line, Decimal(exact), days, text)
        return line_id

    def discount(self, parent: str, percent: str, **over: Any) -> None:
        """Add a line discount under ``parent``, taken from its rated rows as well."""
        above = next(line for line in self.lines if line["line_id"] == parent)
        taken = Decimal(0)
        for charge in (charge for charge in self.charges if charge["line_id"] == parent):
            reduced = charge["amount_before_discount"] * Decimal(percent) / 100
            charge["discount_line"] = reduced.quantize(Decimal("1E-12"), ROUND_HALF_UP)
            taken += charge["discount_line"]
        line = {
            "line_id": f"{parent}-d",
            "parent_line_id": parent,
            "line_type": "discount",
            "description": f"{percent} % discount",
            "discount_id": "d1",
            "discount_kind": "line",
            **{name: above.get(name) for name in ("source", "vendor", "service")},
            **over,
        }
        self._line(line, -taken)

    def plain(self, exact: str, **over: Any) -> None:
        """Add a line that no rated row stands behind, such as an adjustment."""
        self._line(
            {"line_id": f"{self.customer_id}-a{len(self.lines) + 1}", "line_type": "adjustment", **over},
            Decimal(exact),
        )

    def draw(self, date: str, amount: str, reference: str = "") -> None:
        """Draw from a prepaid top-up of a day."""
        self.draws.append(
            {
                "draw_number": len(self.draws) + 1,
                "customer_id": self.customer_id,
                "billing_period": self.period,
                "top_up_date": dt.date.fromisoformat(date),
                "top_up_reference": reference,
                "amount": Decimal(amount),
                "currency": self.currency,
            }
        )

    def _line(self, line: dict[str, Any], exact: Decimal) -> None:
        month = line.get("used_in_period", self.period)
        self.lines.append(
            {
                "line_number": len(self.lines) + 1,
                "customer_id": self.customer_id,
                "billing_period": self.period,
                "used_by_customer_id": self.customer_id,
                "used_in_period": month,
                "description": "Item",
                "charge_period_start": month,
                "charge_period_end": (month + dt.timedelta(days=32)).replace(day=1),
                "amount": self.round(exact),
                "exact_amount": exact,
                "currency": self.currency,
                "tax_category": "standard",
                "tax_code": self.tax_code,
                "tax_rate": self.tax_rate,
                "cost": exact * Decimal("0.8"),
                **line,
            }
        )

    @property
    def period_end(self) -> dt.date:
        """First day after the month."""
        return (self.period + dt.timedelta(days=32)).replace(day=1)

    def _charges(self, line: dict[str, Any], exact: Decimal, days: int, text: str) -> None:
        part = (exact / days).quantize(Decimal("1E-12"))
        for day in range(days):
            amount = part if day < days - 1 else exact - part * (days - 1)
            self.charges.append(
                {
                    "charge_id": f"{line['line_id']}-{day}",
                    "customer_id": line.get("used_by_customer_id", self.customer_id),
                    "billing_period": line.get("used_in_period", self.period),
                    "charge_day": line.get("used_in_period", self.period) + dt.timedelta(days=day),
                    "source": line["source"],
                    "vendor": line["vendor"],
                    "service": line["service"] or "",
                    "sku": line.get("sku"),
                    "charge_description": text,
                    "region": "westeurope",
                    "sub_account_id": "sub-1",
                    "resource_id": "vm-1",
                    "charge_category": "Usage",
                    "delivery_id": "d-1",
                    "quantity": Decimal(24),
                    "unit": "Hours",
                    "vendor_currency": "EUR",
                    "billed_cost": amount * Decimal("0.8"),
                    "disposition": "sold",
                    "line_id": line["line_id"],
                    "customer_currency": self.currency,
                    "cost": amount * Decimal("0.8"),
                    "amount_before_discount": amount,
                    "discount_line": Decimal(0),
                }
            )

    def taxes(self) -> list[dict[str, Any]]:
        """Tax per code and rate on the sum of its rounded lines."""
        groups: dict[tuple[str, Decimal], Decimal] = {}
        for line in self.lines:
            key = line["tax_code"], line["tax_rate"]
            groups[key] = groups.get(key, Decimal(0)) + line["amount"]
        return [
            {
                "customer_id": self.customer_id,
                "billing_period": self.period,
                "tax_code": code,
                "tax_rate": rate,
                "taxable_amount": taxable,
                "tax_amount": self.round(taxable * rate / 100),
                "currency": self.currency,
                "legal_note": self.legal_note,
            }
            for (code, rate), taxable in groups.items()
        ]

    def header(self) -> dict[str, Any]:
        """The draft's totals, each from rounded lines."""
        net = sum((line["amount"] for line in self.lines), Decimal(0))
        tax = sum((row["tax_amount"] for row in self.taxes()), Decimal(0))
        drawn = sum((draw["amount"] for draw in self.draws), Decimal(0))
        return {
            "customer_id": self.customer_id,
            "billing_period": self.period,
            "period_start": self.period_start or self.period,
            "period_end": self.period_end,
            "document_type": "credit_note" if net < 0 else "invoice",
            "currency": self.currency,
            "net_amount": net,
            "tax_amount": tax,
            "gross_amount": net + tax,
            "prepaid_drawn": drawn,
            "payable_amount": net + tax - drawn,
            "prepaid_balance": self.prepaid_balance,
            "purchase_order": self.purchase_order,
            "buyer_reference": None,
            "reference_document": self.reference_document,
            "locale": self.locale,
            "payment_terms_days": self.payment_terms_days,
            "blocked_reason": self.blocked_reason,
            "force_reason_needed": self.force_reason_needed,
        }


class Warehouse:
    """A test's warehouse: customers and drafts are added, then written as dbt's tables."""

    def __init__(self, settings: Settings, seller: dict[str, Any] | None = None) -> None:
        self.settings = settings
        with warehouse.connect(settings) as connection:
            for statement in _TABLES:
                connection.execute(statement)
            insert(connection, "config.reseller", [SELLER | (seller or {})])

    def customer(self, customer_id: str, currency: str = "EUR", locale: str = "de_DE", **over: Any) -> Draft:
        """Add a customer; returns its empty draft of September 2024."""
        period = over.pop("period", SEPTEMBER)
        legal_name = over.pop("legal_name", f"Kunde {customer_id} AG")
        row = CUSTOMER | {
            "customer_id": customer_id,
            "legal_name": legal_name,
            "currency": currency,
            "locale": locale,
        }
        with warehouse.connect(self.settings) as connection:
            insert(connection, "config.customers", [row | over])
        return Draft(customer_id, currency, locale, period)

    def write(self, *drafts: Draft) -> None:
        """Replace the draft tables by these drafts."""
        with warehouse.connect(self.settings) as connection:
            drafts_tables = ("int_invoice__draft", "int_invoice__draft_lines", "int_invoice__draft_tax")
            for name in (*drafts_tables, "int_rated", "int_prepaid__draw"):
                connection.execute(f"delete from intermediate.{name}")
            insert(connection, "intermediate.int_invoice__draft", [draft.header() for draft in drafts])
            insert(
                connection,
                "intermediate.int_invoice__draft_lines",
                [line for draft in drafts for line in draft.lines],
            )
            insert(
                connection,
                "intermediate.int_invoice__draft_tax",
                [tax for draft in drafts for tax in draft.taxes()],
            )
            draws = [draw for draft in drafts for draw in draft.draws]
            insert(connection, "intermediate.int_prepaid__draw", draws)
            charges = [charge | {"is_frozen": False} for draft in drafts for charge in draft.charges]
            insert(connection, "intermediate.int_rated", charges)

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a query on the working file."""
        with warehouse.connect(self.settings) as connection:
            return connection.execute(sql, values).fetchall()


_TABLES = (
    "create schema if not exists intermediate",
    """create table intermediate.int_invoice__draft_lines as
    select * exclude (document_number) from ledger.document_line limit 0""",
    """create table intermediate.int_invoice__draft_tax as
    select customer_id, billing_period, tax.* exclude (document_number)
    from ledger.document_tax as tax, ledger.document limit 0""",
    """create table intermediate.int_invoice__draft as
    select
        customer_id, billing_period, period_start, period_end, document_type, currency, net_amount,
        tax_amount, gross_amount, prepaid_drawn, payable_amount, prepaid_balance, purchase_order,
        buyer_reference, reference_document, locale, 0 as payment_terms_days,
        '' as blocked_reason, '' as force_reason_needed
    from ledger.document limit 0""",
    """create table intermediate.int_prepaid__draw as
    select * exclude (document_number) from ledger.prepaid_draw limit 0""",
    """create table intermediate.int_rated as
    select * exclude (document_number), false as is_frozen from ledger.rated_charge limit 0""",
    "create view intermediate.int_charges__daily as select billing_period, sku from intermediate.int_rated",
    # As the model has it, but for what the drafts themselves say: who pays for a line, and on which document.
    """create view intermediate.int_invoice__document_period as
    select distinct
        used_by_customer_id as customer_id, used_in_period as billing_period, customer_id as payer_id,
        billing_period as document_period, true as is_due, false as is_correction
    from (
        select used_by_customer_id, used_in_period, customer_id, billing_period
        from intermediate.int_invoice__draft_lines
        union all
        select customer_id, billing_period, customer_id, billing_period from intermediate.int_invoice__draft
    )
    where (used_by_customer_id, used_in_period) not in (
        select (customer_id, billing_period) from ledger.document_period
        where document_number not in (select unnest([document_number, credit_note_number]) from ledger.void)
    )""",
    """create view intermediate.int_invoice__document_charge as
    select rated.*, periods.payer_id, periods.document_period
    from intermediate.int_rated as rated
    inner join intermediate.int_invoice__document_period as periods using (customer_id, billing_period)
    where rated.disposition in ('sold', 'kept') and not rated.is_frozen""",
)


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Insert dicts, whatever columns they have."""
    rows = list(rows)
    if not rows:
        return
    frame = pl.DataFrame(rows, infer_schema_length=None).to_arrow()
    connection.register("new_rows", frame)
    connection.execute(f"insert into {table} by name select * from new_rows")
    connection.unregister("new_rows")
