"""Each vendor's files, staged, are FOCUS 1.2 as the FOCUS validator has it; every exception has its reason here."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from emulators.focus_validator import failing_rules
from focus_check import APPLICABLE, write_focus
from once import written_demo

import extractors
from cspbill.book import read_book
from cspbill.settings import Settings

SOURCES = ("aws_payer", "azure", "gcp", "partner_center")

#: Rules that no vendor's rows can pass, and why.
EVERYWHERE = {
    "CommitmentDiscountStatus-C-004-C": "the validator asks for a status where there is no commitment",
    "CostAndUsage-D-015-C": "CommitmentDiscountUnit: nothing is priced by it, so it is not carried",
    "CostAndUsage-D-018-C": "CommitmentDiscountQuantity: nothing is priced by it, so it is not carried",
    "CostAndUsage-D-047-C": "no vendor here has a virtual currency; the validator asks all the same",
    "CostAndUsage-D-048-C": "a recommendation; the vendor's billing currency is the one that is resold",
    "CostAndUsage-D-051-C": "no vendor here has a virtual currency; the validator asks all the same",
    "CostAndUsage-D-052-C": "a recommendation; the vendor's billing currency is the one that is resold",
    "CostAndUsage-D-055-C": "no vendor here has a virtual currency; the validator asks all the same",
    "CostAndUsage-D-056-C": "a recommendation; the vendor's billing currency is the one that is resold",
    "CostAndUsage-D-059-C": "SkuMeter: the meter stands in the SKU or the description",
    "CostAndUsage-D-061-C": "SkuPriceDetails: vendors' own files have no such properties",
    "ConsumedUnit-C-003-O": "a SHOULD; units stay the vendor's own words, by which price rules match",
}
NOT_GOOGLE = {
    "InvoiceId-C-004-C": "the validator asks for null in every row, also where the charge is on an invoice",
    "PricingUnit-C-003-O": "a SHOULD; units stay the vendor's own words, by which price rules match",
}
OWN = {
    "aws_payer": {
        **NOT_GOOGLE,
        "BilledCost-C-005-C": "marketplace sellers' charges are on the reseller's invoice from AWS all the same",
        "EffectiveCost-C-005-C": "the validator takes every purchase (support, marketplace) for a commitment",
        "PricingUnit-C-006-C": "AWS gives fees a quantity without a unit",
        "RegionName-C-005-C": "AWS names the region's code; its name stands in the product's attributes, if at all",
        "ResourceType-C-005-C": "AWS gives marketplace resources no type",
        "ServiceName-C-005-C": "AWS bills disks and servers under one product code, Amazon EC2",
        "ServiceName-C-008-C": "AWS bills disks and servers under one product code, Amazon EC2",
    },
    "azure": NOT_GOOGLE,
    "gcp": {
        "BillingAccountName-C-003-C": "Google's export has no name of the billing account",
        "InvoiceId-C-005-C": "Google's export names the invoice's month, not its number",
        "EffectiveCost-C-005-C": "Google bills a commitment's fee as it accrues: it is its own amortisation",
    },
    "partner_center": {
        **NOT_GOOGLE,
        "BillingAccountName-C-002-M": "the validator allows ASCII only; customers have umlauts",
        "EffectiveCost-C-005-C": "the validator takes every licence for a commitment",
        "ServiceName-C-008-C": "one service, several subcategories: usage rows say more than invoice rows",
    },
}


@pytest.fixture(scope="module")
def staged(
    tmp_path_factory: pytest.TempPathFactory, stage: Callable[[Settings], None]
) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("focus")
    shutil.copytree(written_demo(tmp_path_factory), folder, dirs_exist_ok=True)
    settings = replace(
        Settings.from_environment(), home=folder / "var", config=folder / "config", today=dt.date(2024, 10, 8)
    )
    book = read_book(settings.config)
    for source in book.sources:
        if source.name in SOURCES:
            assert extractors.extract(settings, source).problems == ()
            extractors.load(settings, source)
    stage(settings)
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@pytest.mark.parametrize("source", SOURCES)
def test_staged_rows_pass_every_focus_rule_but_the_listed_ones(
    staged: duckdb.DuckDBPyConnection, source: str, tmp_path: Path
):
    path = tmp_path / f"{source}.parquet"
    assert write_focus(staged, source, path) > 1000
    assert failing_rules(path, APPLICABLE) == set(EVERYWHERE) | set(OWN[source])


def test_the_validator_finds_a_row_that_breaks_a_rule(tmp_path: Path):
    path, broken = tmp_path / "a.parquet", tmp_path / "b.parquet"
    rows = (
        "select 'Usage' as ChargeCategory, 'EUR' as BillingCurrency, cast(1 as decimal(28, 12)) as BilledCost"
    )
    duckdb.sql(f"copy ({rows}) to '{path}'")
    duckdb.sql(f"copy ({rows.replace('Usage', 'Use').replace('EUR', 'Euro')}) to '{broken}'")
    assert {"ChargeCategory-C-004-M", "BillingCurrency-C-003-M"} & (
        failing_rules(broken, APPLICABLE) - failing_rules(path, APPLICABLE)
    )
