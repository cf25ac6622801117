"""From checked rows to the rows of ``config.*``: defaults that depend on other rows, and derived columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cspbill.book.accounting import ACCOUNT_SELECTORS
from cspbill.book.codes import EU_VAT_AREA, is_vat_id, minor_units
from cspbill.book.model import Draft, Row
from cspbill.book.payers import customers_by_id, payer_of
from cspbill.book.prices import CATEGORY_SELECTORS, RULE_SELECTORS, specificity
from cspbill.book.references import with_defined_spelling
from cspbill.book.schema import TABLES
from cspbill.book.values import Value

Stored = Mapping[str, Value]


def stored_rows(draft: Draft) -> dict[str, tuple[Stored, ...]]:
    """Return the rows of every ``config`` table, as they are stored."""
    customers = customers_by_id(draft)
    currencies = {str(row.values["customer_id"]): row.values["currency"] for row in draft.tables["customers"]}
    spellings = {row.text("subscription_id"): row for row in reversed(draft.tables["subscriptions"])}
    complete: dict[str, Callable[[Row], Stored]] = {
        "customers": lambda row: _customer(row, payer_of(customers, row), draft.reseller),
        "price_rules": lambda row: {"specificity": specificity(row, RULE_SELECTORS)},
        "tax_categories": lambda row: {"specificity": specificity(row, CATEGORY_SELECTORS)},
        "tax_rates": _tax_code,
        "contracts": lambda row: _commitment_currency(row, currencies),
        "subscriptions": lambda row: _first_spelling(row, spellings),
        "adjustments": lambda row: _customers_currency(row, currencies),
        "account_map": lambda row: {"specificity": specificity(row, ACCOUNT_SELECTORS)},
        "payments": lambda row: _customers_currency(row, currencies),
        "budgets": lambda row: _customers_currency(row, currencies),
    }
    files = {
        name: tuple(
            {**row.values, **complete.get(name, _nothing)(row), "config_line": row.line}
            for row in with_defined_spelling(draft, table)
        )
        for name, table in TABLES.items()
    }
    return files | _from_reseller(draft)


def _nothing(_: Row) -> Stored:
    return {}


def _customer(row: Row, payer: Row, reseller: Stored) -> Stored:
    values, tax_id = row.values, row.values.get("tax_id")
    terms = values.get("payment_terms_days")
    return {
        "billing_frequency": payer.values.get("billing_frequency") or "monthly",
        "parent_customer_id": None if payer.line == row.line else payer.values["customer_id"],
        "locale": values.get("locale") or reseller["locale"],
        "payment_terms_days": reseller["payment_terms_days"] if terms is None else terms,
        "tax_in_eu": values["country"] in EU_VAT_AREA,
        "vat_id_valid": is_vat_id(None if tax_id is None else str(tax_id)),
    }


def _first_spelling(row: Row, spellings: Mapping[str, Row]) -> Stored:
    return {"subscription_id": spellings[row.text("subscription_id")].values["subscription_id"]}


def _tax_code(row: Row) -> Stored:
    return {"code": row.values.get("code") or ("S" if row.values["rate"] else "Z")}


def _commitment_currency(row: Row, currencies: Mapping[str, Value]) -> Stored:
    if row.values.get("minimum_commitment") is None:
        return {"commitment_currency": None}
    return {
        "commitment_currency": row.values.get("commitment_currency")
        or currencies[str(row.values["customer_id"])]
    }


def _customers_currency(row: Row, currencies: Mapping[str, Value]) -> Stored:
    return {"currency": row.values.get("currency") or currencies[str(row.values["customer_id"])]}


def _from_reseller(draft: Draft) -> dict[str, tuple[Stored, ...]]:
    return {
        "reseller": ({**draft.reseller, "tax_in_eu": draft.reseller["country"] in EU_VAT_AREA},),
        "sources": tuple(
            {
                "name": item.source.name,
                "kind": item.source.kind,
                "vendor": item.source.vendor,
                "tolerance": item.source.tolerance,
                "config_line": item.line,
            }
            for item in draft.sources
        ),
        "owner_accounts": tuple(
            {"source": item.source.name, "account_id": account, "config_line": item.line}
            for item in draft.sources
            for account in item.source.owner_accounts
        ),
        "currencies": tuple(
            {"code": code, "minor_units": units} for code, units in sorted(minor_units().items())
        ),
    }
