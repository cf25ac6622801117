"""Billing periods in text and in folder names."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

MONTH = r"(20\d\d)-?(0[1-9]|1[0-2])"
#: ``2024-09``, ``202409``, ``billing_period=2024-09``, ``BILLING_PERIOD=2024-09-01``
_MONTH_FOLDER = re.compile(rf"{MONTH}|[a-z_-]*(?:period|month)[a-z_-]*={MONTH}(?:-01)?", re.IGNORECASE)
#: ``20240901-20241001`` and ``20240901-20240930``
_RANGE_FOLDER = re.compile(r"(20\d{6})-(20\d{6})")
_YEAR_FOLDER = re.compile(r"year=(20\d\d)", re.IGNORECASE)
_MONTH_OF_YEAR_FOLDER = re.compile(r"month=(0?[1-9]|1[0-2])", re.IGNORECASE)
_DAY_FOLDER = re.compile(r"day=\d{1,2}", re.IGNORECASE)


def parse(text: str) -> dt.date:
    """Read ``2024-09`` or an ISO date as the first day of its month; ValueError when it is neither."""
    found = re.fullmatch(r"(\d{4})-(\d\d)(?:-\d\d.*)?", text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a billing period such as 2024-09")
    return dt.date(int(found[1]), int(found[2]), 1)


def label(period: dt.date | None) -> str:
    """Write a period as ``2024-09``; None (no row tells) as ``unknown``."""
    return f"{period:%Y-%m}" if period else "unknown"


def following(period: dt.date) -> dt.date:
    """Return the first day of the next month: the period's exclusive end."""
    return (period.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def of_folders(segments: Sequence[str]) -> tuple[dt.date | None, tuple[str, ...]]:
    """Return the billing period that folder names tell, and the folders that do not look like a period."""
    found = [_of_folder(segment) for segment in segments]
    year = next((int(match[1]) for segment in segments if (match := _YEAR_FOLDER.fullmatch(segment))), None)
    month = next(
        (int(match[1]) for segment in segments if (match := _MONTH_OF_YEAR_FOLDER.fullmatch(segment))), None
    )
    of_year = dt.date(year, month, 1) if year and month else None
    period = next((one for one in found if one), of_year)
    rest = [
        segment
        for segment, one in zip(segments, found, strict=True)
        if not one
        and not (of_year and _part_of_date(segment))
        and not (period and _DAY_FOLDER.fullmatch(segment))
    ]
    return period, tuple(rest)


def _of_folder(segment: str) -> dt.date | None:
    if match := _MONTH_FOLDER.fullmatch(segment):
        year, month = (int(group) for group in match.groups() if group)
        return dt.date(year, month, 1)
    if match := _RANGE_FOLDER.fullmatch(segment):
        return _of_range(match[1], match[2])
    return None


def _of_range(first: str, last: str) -> dt.date | None:
    try:
        start, end = (dt.datetime.strptime(text, "%Y%m%d").date() for text in (first, last))  # noqa: DTZ007 - a date
    except ValueError:
        return None
    return start.replace(day=1) if start < end <= following(start.replace(day=1)) else None


def _part_of_date(segment: str) -> bool:
    return bool(_YEAR_FOLDER.fullmatch(segment) or _MONTH_OF_YEAR_FOLDER.fullmatch(segment))
