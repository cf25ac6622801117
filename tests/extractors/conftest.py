from __future__ import annotations

from pathlib import Path

import pytest
from focus_vendor import Vendor, month_of, new_vendor


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return new_vendor(tmp_path)


@pytest.fixture
def billed(vendor: Vendor) -> Vendor:
    """A vendor whose September, 30 rows and 300.00 USD, is in force and loaded."""
    vendor.put_rows("2024-09/focus.csv", month_of())
    vendor.run()
    return vendor
