"""What gate 1 is shown about one delivery, and the small frames made of it.

Grain of the frames: ``columns`` delivery × file × column, ``files`` delivery × file, ``totals`` delivery × currency,
``deliveries`` delivery. Every check is a column that counts violations, so that zero is right everywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from pathlib import Path

from extractors.contract import Contract
from extractors.landing import LandedFile
from extractors.protocol import Statement
from quality.profile import ColumnProfile, FileProfile

Record = dict[str, object]


@dataclass(frozen=True)
class Evidence:
    """One delivery before gate 1. ``duplicates``: file name → another current file with the same content."""

    source: str
    delivery_id: str
    scope: str
    period: dt.date | None
    by_row: bool
    folder: Path  # of the files as landed
    files: tuple[LandedFile, ...]
    profiles: tuple[FileProfile, ...]
    totals: Mapping[str, Decimal]
    statement: Statement
    tolerance: Decimal
    duplicates: Mapping[str, str]
    contract: Contract

    def difference(self, currency: str) -> Decimal | None:
        """Return the loaded total less the vendor's own; None when the vendor states no totals."""
        if self.statement.totals is None:
            return None
        return self.totals.get(currency, Decimal(0)) - self.statement.totals.get(currency, Decimal(0))


def frames(deliveries: Sequence[Evidence]) -> dict[str, list[Record]]:
    """Return the records of the four frames of all deliveries."""
    return {
        "columns": [record for one in deliveries for record in _columns(one)],
        "files": [record for one in deliveries for record in _files(one)],
        "totals": [record for one in deliveries for record in _totals(one)],
        "deliveries": [_delivery(one) for one in deliveries],
    }


def _columns(one: Evidence) -> list[Record]:
    return [
        {
            "delivery": one.delivery_id,
            "file": profile.name,
            "column": column.name,
            "missing": int(column.required and not column.present),
            "mistyped": int(column.mistyped),
            "bad_values": column.bad,
            "refused_values": column.refused,
            "refused_nulls": _refused_nulls(column, one.contract.of(profile.name)),
        }
        for profile in one.profiles
        for column in profile.columns
    ]


def _refused_nulls(column: ColumnProfile, contract: Contract) -> int:
    return (column.nulls or 0) if column.name in contract.not_null else 0


def _files(one: Evidence) -> list[Record]:
    return [_file(one, file, profile) for file, profile in zip(one.files, one.profiles, strict=True)]


def _file(one: Evidence, file: LandedFile, profile: FileProfile) -> Record:
    readable = profile.unreadable is None
    stated_rows, stated_sha = one.statement.rows.get(file.name), one.statement.sha256.get(file.name)
    elsewhere = sum(rows for period, rows in profile.periods.items() if period not in {None, one.period})
    return {
        "delivery": one.delivery_id,
        "file": file.name,
        "unreadable": int(not readable),
        "rows_of_other_periods": 0 if one.by_row else elsewhere,
        "charges_ending_before_start": profile.reversed_rows,
        "content_delivered_twice": int(file.name in one.duplicates),
        "sha256_differs": int(stated_sha not in {None, file.sha256}),
        "row_count_differs": int(readable and stated_rows not in {None, profile.rows}),
    }


def _totals(one: Evidence) -> list[Record]:
    return [_total(one, currency) for currency in sorted({*one.totals, *(one.statement.totals or {})})]


def _total(one: Evidence, currency: str) -> Record:
    beyond = max(abs(one.difference(currency) or Decimal(0)) - one.tolerance, Decimal(0))
    return {
        "delivery": one.delivery_id,
        "currency": currency,
        "beyond_tolerance": beyond.quantize(Decimal("1e-12"), ROUND_UP),
        "unknown_currency": int(currency not in _currencies()),
    }


def _delivery(one: Evidence) -> Record:
    readable = all(profile.unreadable is None for profile in one.profiles)
    return {
        "delivery": one.delivery_id,
        "without_rows": int(readable and not sum(profile.rows for profile in one.profiles)),
        "without_period": int(readable and one.period is None),
    }


def _currencies() -> frozenset[str]:
    from iso4217 import Currency

    return frozenset(currency.code for currency in Currency)
