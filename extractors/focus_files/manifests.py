"""The optional ``manifest.json`` beside FOCUS files: says which files make one delivery, and what they add up to.

    {"billing_period": "2024-09", "scope": "payer-1", "created": "2024-10-03T04:00:00Z", "final": true,
     "files": ["part-1.csv.gz", {"name": "part-2.csv.gz", "rows": 120, "sha256": "…"}],
     "totals": {"USD": "1234.56"}}

Only ``billing_period`` and ``files`` are required.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from extractors import periods
from extractors.manifest_json import ManifestError, json_object
from extractors.names import shown, unsafe
from extractors.protocol import Statement


@dataclass(frozen=True)
class VendorManifest:
    """A vendor's manifest; ``files`` are names relative to its folder."""

    period: dt.date
    scope: str | None
    created: dt.datetime | None
    files: tuple[str, ...]
    statement: Statement


def parse(content: bytes) -> VendorManifest:
    """Read a manifest; raises ManifestError at the first thing that is wrong."""
    found = json_object(content, '"billing_period" and "files"')
    entries = [_entry(entry) for entry in _list(found.get("files"))]
    names = [name for name, _, _ in entries]
    if len(set(names)) < len(names):
        raise ManifestError("files: a name is listed twice")
    return VendorManifest(
        period=_period(found.get("billing_period")),
        scope=_scope(found.get("scope")),
        created=_moment(found.get("created")),
        files=tuple(names),
        statement=Statement(
            totals=_totals(found.get("totals")),
            rows={name: rows for name, rows, _ in entries if rows is not None},
            sha256={name: sha for name, _, sha in entries if sha is not None},
            final=_flag(found.get("final")),
        ),
    )


def _list(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise ManifestError('files: a list with at least one name is needed, such as ["part-1.csv"]')
    return value


def _entry(entry: object) -> tuple[str, int | None, str | None]:
    if isinstance(entry, str):
        return _name(entry), None, None
    if not isinstance(entry, dict):
        raise ManifestError('files: each entry is a name or {"name", "rows", "sha256"}')
    rows, sha = entry.get("rows"), entry.get("sha256")
    if rows is not None and (not isinstance(rows, int) or isinstance(rows, bool) or rows < 0):
        raise ManifestError(f"files: rows of {shown(str(entry.get('name')))} must be a whole number")
    return _name(entry.get("name")), rows, None if sha is None else str(sha).lower()


def _name(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise ManifestError('files: each entry is a name or {"name", "rows", "sha256"}')
    if reason := unsafe(name):
        raise ManifestError(f"files: the name {shown(name)!r} {reason}; allowed are names inside the folder")
    return name


def _period(value: object) -> dt.date:
    try:
        return periods.parse(str(value))
    except ValueError:
        raise ManifestError(f"billing_period: {shown(str(value))!r} is not a month such as 2024-09") from None


def _scope(value: object) -> str | None:
    if value is None or (isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()):
        return value
    raise ManifestError("scope: must be a text of 1 to 200 printable characters")


def _moment(value: object) -> dt.datetime | None:
    if value is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        raise ManifestError(
            f"created: {shown(str(value))!r} is not a time such as 2024-10-03T04:00:00Z"
        ) from None
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC)


def _flag(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise ManifestError("final: must be true or false")


def _totals(value: object) -> dict[str, Decimal] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ManifestError('totals: must be an object such as {"USD": "1234.56"}')
    return {str(currency): _amount(str(currency), amount) for currency, amount in value.items()}


def _amount(currency: str, amount: object) -> Decimal:
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(amount, bool) or not number.is_finite():
        raise ManifestError(f"totals: {shown(str(amount))!r} for {shown(currency)} is not an amount")
    return number
