"""Vendors' words for units as codes of UN/ECE Recommendation 20."""

from __future__ import annotations

import pytest

from invoices.einvoice.units import unit_code


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("Hours", "HUR"), ("1 Hour", "HUR"), ("hrs", "HUR"), (" Days ", "DAY"), ("one month", "MON"), ("GB", "E34"),
        ("kWh", "KWH"), ("unit", "C62"), (None, "C62"), ("", "C62"),
        ("GB-Mo", None), ("100 Hours", None), ("10K", None),
    ],
)  # fmt: skip
def test_a_unit_has_a_code_only_where_the_code_means_the_same(unit: str | None, code: str | None) -> None:
    """100 packages of 100 hours would be billed as 100 hours."""
    assert unit_code(unit) == code
