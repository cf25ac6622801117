"""The assets that tell ``rate_usage`` that raw tables changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from airflow.sdk import Asset

if TYPE_CHECKING:
    from extractors.loader import LoadedPartition


def raw_asset(source: str) -> Asset:
    """Return the asset of one source's raw partitions."""
    return Asset(f"cspbill_raw_{source}")


def changes(loaded: Sequence[LoadedPartition]) -> dict[str, list[str]]:
    """Return what an asset event tells: the billing periods and the deliveries that came into force."""
    return {
        "periods": sorted({f"{partition.billing_period:%Y-%m}" for partition in loaded}),
        "deliveries": sorted({partition.delivery_id for partition in loaded}),
    }
