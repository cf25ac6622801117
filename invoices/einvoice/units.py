"""Units of measure as UN/ECE Recommendation 20 codes."""

from __future__ import annotations

#: "One": counts anything. What it counts is then told in the line's attributes.
PIECE = "C62"
_CODES = {
    "SEC": ("s", "sec", "second", "seconds"),
    "MIN": ("min", "mins", "minute", "minutes"),
    "HUR": ("h", "hr", "hrs", "hour", "hours", "1 hour"),
    "DAY": ("d", "day", "days", "1 day"),
    "MON": ("mo", "month", "months", "1 month", "one month", "1/month"),
    "ANN": ("yr", "year", "years", "1 year", "one year"),
    "AD": ("byte", "bytes"),
    "2P": ("kb", "kilobyte", "kilobytes"),
    "4L": ("mb", "megabyte", "megabytes"),
    "E34": ("gb", "gigabyte", "gigabytes", "1 gb"),
    "E35": ("tb", "terabyte", "terabytes", "1 tb"),
    "KWH": ("kwh",),
    PIECE: ("unit", "units", "piece", "pieces", "each", "count", "once", "period"),
}
_BY_NAME = {name: code for code, names in _CODES.items() for name in names}


def unit_code(unit: str | None) -> str | None:
    """The code that means exactly this unit; None where there is none, such as for ``GB-Mo`` or ``100 Calls``."""
    return _BY_NAME.get((unit or "unit").strip().casefold())
