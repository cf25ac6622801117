"""The demo's book shows each thing that the rating engine does at least once; a row that goes takes it along."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest

from cspbill import demo

BOOK = Path(demo.__file__).parent / "book"

SHOWN = {
    ("price_rules", "model"): {
        "cost_plus",
        "list_minus",
        "unit_price",
        "graduated",
        "volume",
        "package",
        "flat",
    },
    ("price_rules", "basis"): {"list", "contracted", "billed", "effective"},
    ("discounts", "kind"): {"line", "bundle", "volume", "relationship", "promotion"},
    ("products", "charge_type"): {"recurring", "one_off"},
    ("products", "interval"): {"month", "year", "three_years"},
    ("products", "tax_category"): {"reduced"},
    ("products", "timing"): {"advance", "arrears"},
    ("products", "alignment"): {"anniversary", "calendar"},
    ("subscriptions", "event"): {"start", "change", "renew", "cancel"},
    ("customers", "billing_frequency"): {"quarterly", "annual"},
    ("tax_rates", "code"): {"S", "E", "O"},
}
FILLED = {
    "price_books": ("parent",),
    "price_rules": ("minimum", "maximum", "pass_credits", "included_quantity", "package_size", "valid_to"),
    "price_tiers": ("flat_fee",),
    "discounts": ("discount_group", "min_services", "min_tenure_months", "max_amount", "max_periods"),
    "contracts": ("minimum_commitment", "spend_cap"),
    "customers": ("parent_customer_id",),
    "products": ("cancel_window_days", "extended_term_percent", "term_months"),
    "prepaid": ("amount", "expires"),
    "adjustments": ("amount", "cost"),
    "budgets": ("vendor", "service", "currency", "thresholds"),
}


def column(table: str, name: str) -> Iterable[str]:
    with (BOOK / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {row[name] for row in csv.DictReader(file)} - {""}


@pytest.mark.parametrize(("table", "name"), SHOWN, ids="-".join)
def test_every_value_that_makes_a_difference_occurs(table: str, name: str):
    assert SHOWN[table, name] <= set(column(table, name))


@pytest.mark.parametrize("table", FILLED)
def test_every_column_that_makes_a_difference_is_filled_somewhere(table: str):
    assert [name for name in FILLED[table] if not column(table, name)] == []
