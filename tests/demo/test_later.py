"""What the demo's AWS delivers after August was invoiced: September's invoices correct August by it."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import duckdb

from cspbill.demo.later import deliver_later


def test_aws_gives_back_four_days_of_one_account_and_adds_two_of_another(demo: Path, tmp_path: Path):
    """Else the demo would show no correction, or another one on each machine."""
    month = Path("vendor-files", "aws", "billing_period=2024-08")
    written = []
    for place in (tmp_path / "one", tmp_path / "two"):
        shutil.copytree(demo / month, place / month)
        written.append(deliver_later(place))
        assert deliver_later(place) == written[-1]
    assert written[0].read_bytes() == written[1].read_bytes()
    found = duckdb.sql(
        "select SubAccountName, count(*), sum(BilledCost) "
        f"from read_parquet('{written[0]}') group by all order by all"
    ).fetchall()
    assert found == [
        ("hansekaffee-production", 960, Decimal("-406.978560000000")),
        ("redwood-simulation", 184, Decimal("223.891200000000")),
    ]
