"""Vendor → landing zone → raw tables; imports no Airflow.

``extract`` asks a vendor what it has, lands what is new and lets gate 1 judge it; ``load`` replaces the raw
partitions whose delivery in force has changed. Both are idempotent and may be killed at any moment.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cspbill.book import Source
    from cspbill.settings import Settings
    from extractors.extraction import ExtractResult
    from extractors.loader import LoadedPartition

__all__ = ["extract", "load"]


def extract(
    settings: Settings, source: Source, *, period: dt.date | None = None, accept: str | None = None
) -> ExtractResult:
    """Land what is new at ``source`` and pass it through gate 1; see ``extractors.extraction``."""
    from extractors.extraction import extract_source

    return extract_source(settings, source, period=period, accept=accept)


def load(settings: Settings, source: Source) -> tuple[LoadedPartition, ...]:
    """Bring ``raw`` in line with the deliveries in force of ``source``; see ``extractors.loader``."""
    from extractors.loader import load_source

    return load_source(settings, source)
