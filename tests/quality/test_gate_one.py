"""Gate 1 itself: every check is a Great Expectations expectation that must hold with zero violations."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from extractors.focus_files.focus import FOCUS
from extractors.landing import LandedFile
from extractors.protocol import Statement
from quality import gate
from quality.evidence import Evidence
from quality.profile import ColumnProfile, FileProfile, Slice
from quality.suites import CHECKS

DAY = dt.date(2024, 9, 1)
GOOD = Evidence(
    source="aws",
    delivery_id="d-1",
    scope="payer",
    period=DAY,
    by_row=False,
    folder=Path("nowhere"),
    files=(LandedFile("a.csv", 1, "aa", "aa", "a.csv", "1", 1, {"2024-09": 1}),),
    profiles=(
        FileProfile(
            "a.csv",
            rows=1,
            columns=(ColumnProfile("BilledCost", "VARCHAR", "decimal", required=True, nulls=0),),
            slices=(Slice(DAY, "USD", 1, Decimal(5), frozenset({DAY}), None),),
        ),
    ),
    totals={"USD": Decimal(5)},
    statement=Statement(),
    tolerance=Decimal(0),
    duplicates={},
    contract=FOCUS,
)


def test_a_good_delivery_passes_every_check():
    verdict = gate.judge([GOOD])["d-1"]
    assert verdict.passed
    assert len(verdict.checks) == sum(map(len, CHECKS.values()))
    assert {failures for _, failures in verdict.checks} == {0}


def test_many_deliveries_are_judged_in_one_go_each_by_itself():
    bad = replace(GOOD, delivery_id="d-2", statement=Statement(totals={"USD": Decimal("5.01")}))
    verdicts = gate.judge([GOOD, bad, replace(GOOD, delivery_id="d-3")])
    assert {name: verdict.passed for name, verdict in verdicts.items()} == {
        "d-1": True,
        "d-2": False,
        "d-3": True,
    }


@pytest.mark.parametrize(
    ("stated", "tolerance", "passed"),
    [
        ("5", "0", True),
        ("5.000000000001", "0", False),
        ("4.999999999999", "0", False),
        ("5.000000000001", "0.000000000001", True),
        ("5.00000000000000001", "0", False),
        ("-5", "9.99", False),
        ("-5", "10", True),
    ],
)
def test_totals_are_compared_to_the_last_digit(stated: str, tolerance: str, passed: bool):
    statement = Statement(totals={"USD": Decimal(stated)})
    assert (
        gate.judge([replace(GOOD, statement=statement, tolerance=Decimal(tolerance))])["d-1"].passed is passed
    )


def test_nothing_to_judge_starts_nothing():
    script = (
        "import sys; from quality import gate; gate.judge([]); import extractors.extraction; "
        "print(sorted({'great_expectations', 'pandas', 'boto3', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_no_usage_data_leaves_the_machine(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GX_ANALYTICS_ENABLED", raising=False)
    gate._context.cache_clear()
    gate._batch_definition.cache_clear()
    gate.judge([GOOD])
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
