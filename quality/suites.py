"""Gate 1 as Great Expectations suites: one per frame, each check a column of violations that must be zero."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

#: Frame → check → what it makes sure of, as the report says it.
CHECKS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "files": {
            "unreadable": "every file can be read to its end",
            "rows_of_other_periods": "every row is of the delivery's billing period",
            "charges_ending_before_start": "every charge ends after it starts",
            "content_delivered_twice": "no file has the same content as another one",
            "sha256_differs": "every file has the sha256 that the manifest states",
            "row_count_differs": "every file has the number of rows that the manifest states",
        },
        "columns": {
            "missing": "every required column is there",
            "mistyped": "every column has a fitting type",
            "bad_values": "every amount is a number that fits, every time is a time",
            "refused_values": "every value is one of the allowed",
            "refused_nulls": "no required value is empty",
        },
        "totals": {
            "unknown_currency": "every currency is known to ISO 4217",
            "beyond_tolerance": "rows add up to the total that the manifest states",
        },
        "deliveries": {
            "without_rows": "there is at least one row",
            "without_period": "the billing period is known",
        },
    }
)
#: The columns that tell a frame's rows apart.
KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "files": ("delivery", "file"),
        "columns": ("delivery", "file", "column"),
        "totals": ("delivery", "currency"),
        "deliveries": ("delivery",),
    }
)


def suite_of(frame: str) -> ExpectationSuite:
    """Return the suite of one frame."""
    import great_expectations as gx

    zero = gx.expectations.ExpectColumnValuesToBeInSet
    return gx.ExpectationSuite(
        name=f"delivery {frame}",
        expectations=[
            zero(column=check, value_set=[0], meta={"meaning": meaning})
            for check, meaning in CHECKS[frame].items()
        ],
    )
