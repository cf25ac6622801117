"""Landing streams: a report that is many times larger needs no more memory, so that a small machine can bill."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

LAND = Path(__file__).resolve().parents[2] / "benchmarks" / "land.py"


@pytest.fixture(scope="module")
def land():
    spec = importlib.util.spec_from_file_location("land", LAND)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_report_of_fifteen_times_the_size_lands_in_the_same_memory(land, tmp_path: Path):
    small = land.land(tmp_path / "small", 10)
    large = land.land(tmp_path / "large", 150)
    assert large.megabytes <= small.megabytes + 100
    assert large.megabytes <= 500
