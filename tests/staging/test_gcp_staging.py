"""From a billing export in BigQuery to charges: both samples and a reseller's month, extracted, loaded and staged."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from emulators.bigquery import Row, running_bigquery
from emulators.gcp_export import (
    DETAILED,
    Export,
    charge,
    credit,
    koku_sample,
    net,
    new_export,
    new_reseller_export,
    nise_sample,
)

from cspbill import warehouse
from cspbill.settings import Settings

PAYER = "0000AA-0000AA-0000AA"


def resellers_month() -> list[Row]:
    """Two customers of a reseller, with every kind of row and credit; amounts are NUMERIC texts."""
    own = {"payer_billing_account_id": PAYER, "customer_name": "accounts/C1/customers/S7"}
    bare = {"usage": None, "project": None, "location": None, "labels": [], "sku": {"id": "TAX"}}
    covered = credit("-50", "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE", id="cud-1")
    margin = [credit("-1.05", "RESELLER_MARGIN"), credit("-0.000000001", "RESELLER_MARGIN")]
    fee = {"id": "FEE", "description": "Commitment - dollar based v1: GCE for 1 year"}
    stored = {"amount": 1e20, "unit": "byte-seconds", "amount_in_pricing_units": 36.5}
    stored["pricing_unit"] = "gibibyte month"
    return [
        # Margin, promotion and free tier on one row: 10.50 − 1.050000001 − 2 − 0.20.
        charge(
            1,
            "10.50",
            credits=[*margin, credit("-2"), credit("-0.20", "FREE_TIER")],
            customer_correlation_id="crm-7",
            **own,
        ),
        charge(2, "50", credits=[covered], **own),
        charge(2, "37.50", sku=fee, **own),
        charge(3, "4", transaction_type="THIRD_PARTY_RESELLER", seller_name="Mongo Inc", usage=stored, **own),
        charge(30, "7.123456789", cost_type="tax", **bare, **own),
        charge(
            30,
            "-3",
            cost_type="adjustment",
            adjustment_info={"id": "a", "description": "goodwill"},
            **bare,
            **own,
        ),
        charge(30, "0.000000001", cost_type="rounding_error", **bare, **own),
    ]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory, stage: Callable[[Settings], None]) -> Staged:
    """Three sources in one warehouse, staged once."""
    folder = tmp_path_factory.mktemp("gcp")
    with running_bigquery() as bigquery:
        sources = {
            "koku": (new_export(bigquery, folder, name="koku"), koku_sample()),
            "nise": (new_export(bigquery, folder, DETAILED, name="nise"), nise_sample()),
            "reseller": (new_reseller_export(bigquery, folder, name="reseller"), resellers_month()),
        }
        for export, rows in sources.values():
            export.table.add(rows)
            assert export.run().problems == ()
    export, _ = sources["koku"]
    stage(export.settings)
    return Staged(export, {name: rows for name, (_, rows) in sources.items()})


class Staged:
    """The staged charges, and the rows that Google gave."""

    def __init__(self, export: Export, given: dict[str, list[Row]]) -> None:
        self._settings, self.given = export.settings, given

    def query(self, columns: str, rest: str) -> list[tuple[Any, ...]]:
        """Query the staged charges."""
        with warehouse.connect(self._settings) as connection:
            return connection.execute(
                f"select {columns} from staging.stg_gcp_billing__charges {rest}"
            ).fetchall()


@pytest.mark.parametrize(
    ("source", "month", "rows", "total"),
    [
        ("koku", "2020-11", 25, "0.000000000000"),
        ("nise", "2026-09", 8352, "36.106788863496"),
        ("reseller", "2024-09", 7, "52.873456789000"),
    ],
)
def test_cost_and_credits_by_invoice_month_are_the_billed_cost_exactly(
    staged: Staged, source: str, month: str, rows: int, total: str
):
    found = staged.query(
        "strftime(billing_period, '%Y-%m'), count(*), sum(billed_cost)",
        f"where source = '{source}' group by 1",
    )
    assert found == [(month, rows, Decimal(total))]
    assert net(staged.given[source]) == Decimal(total)


def test_costs_before_credits_add_up_to_googles_cost_column(staged: Staged):
    ((koku,),) = staged.query("sum(contracted_cost)", "where source = 'koku'")
    assert koku == Decimal("0.000032")  # all of it a free trial's credit


def test_every_row_leads_back_to_its_row_in_the_file(staged: Staged):
    ((rows, places),) = staged.query("count(*), count(distinct (source, file_name, row_number_in_file))", "")
    assert (rows, places) == (8384, 8384)


def test_each_kind_of_row_has_its_category_and_its_amounts(staged: Staged):
    columns = (
        "charge_category, charge_class, billed_cost, contracted_cost, partner_credit, commitment_discount_id"
    )
    assert staged.query(columns, "where source = 'reseller' order by charge_category, billed_cost") == [
        ("Adjustment", "Correction", Decimal(-3), Decimal(-3), None, None),
        ("Adjustment", None, Decimal("1e-9"), Decimal("1e-9"), None, None),
        ("Purchase", None, Decimal("37.5"), Decimal("37.5"), None, "FEE"),
        ("Tax", None, Decimal("7.123456789"), Decimal("7.123456789"), None, None),
        ("Usage", None, Decimal(0), Decimal(50), None, "cud-1"),
        ("Usage", None, Decimal(4), Decimal(4), None, None),
        ("Usage", None, Decimal("7.249999999"), Decimal("10.5"), Decimal("1.050000001"), None),
    ]


def test_a_commitments_fee_and_the_credit_for_what_it_covers_are_googles_documented_total(staged: Staged):
    # 50.00 of on-demand usage an hour, wholly under a commitment of 25 % discount, costs 37.50.
    rows = "where source = 'reseller' and commitment_discount_id is not null"
    assert staged.query("sum(billed_cost)", rows) == [(Decimal("37.50"),)]


def test_customers_sub_accounts_and_marketplace_sellers_are_told(staged: Staged):
    columns = "scope, billing_account_name, sub_account_id, publisher"
    first, *_, mongo = staged.query(
        columns, "where source = 'reseller' and charge_category = 'Usage' order by file_name"
    )
    assert first == (PAYER, "crm-7", "shop-prod", "Google Cloud")
    assert mongo == (PAYER, "accounts/C1/customers/S7", "shop-prod", "Mongo Inc")


def test_labels_and_tags_are_one_json_object(staged: Staged):
    for (tags,) in staged.query("distinct tags", ""):
        assert isinstance(json.loads(tags), dict)


def test_a_quantity_beyond_sixteen_digits_costs_the_consumed_quantity_only(staged: Staged):
    columns = "consumed_quantity, unit, quantity, billed_cost"
    assert staged.query(columns, "where publisher = 'Mongo Inc'") == [
        (None, "gibibyte month", Decimal("36.5"), Decimal(4))
    ]
