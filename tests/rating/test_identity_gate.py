"""Gate 2: money that does not tie is never published, whatever is run again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from harness import Warehouse

from cspbill import pipeline, warehouse
from cspbill.errors import CspbillError
from quality.identities import check_identities


@pytest.fixture
def copied(told: Warehouse, tmp_path: Path) -> Warehouse:
    """A rated warehouse of one's own."""
    shutil.copytree(told.settings.home.parent, tmp_path / "copy")
    return Warehouse.in_directory(tmp_path / "copy")


def broken(shop: Warehouse) -> str:
    with warehouse.connect(shop.settings) as connection, pytest.raises(CspbillError) as caught:
        check_identities(connection)
    return str(caught.value)


def test_a_margin_that_is_off_in_the_last_decimal_is_named(copied: Warehouse):
    copied.execute(
        "update intermediate.int_margin__daily set margin = margin + 0.000000000001 "
        "where rowid = (select min(rowid) from intermediate.int_margin__daily)"
    )

    assert "margin = revenue - cost on every row" in broken(copied)
    assert "is off by 1E-12" in broken(copied) or "is off by 0.000000000001" in broken(copied)


def test_revenue_that_is_in_no_margin_row_is_named_with_its_customer(copied: Warehouse):
    (lost,) = copied.rows(
        "select customer_id, sum(revenue) as revenue from marts.fct_margin_daily "
        "group by customer_id having sum(revenue) > 0 order by customer_id limit 1"
    )
    copied.execute("delete from intermediate.int_margin__daily where customer_id = ?", lost["customer_id"])

    assert f"adds up to the revenue in the marts: {lost['customer_id']}" in broken(copied)


def test_a_break_still_stops_publishing_when_nothing_is_left_to_rate(copied: Warehouse):
    copied.execute("update intermediate.int_reconciliation set misplaced = 0.01")

    with pytest.raises(CspbillError, match="every loaded cent is sold"):
        pipeline.rate_and_check(copied.settings)

    assert not copied.settings.published.exists()
