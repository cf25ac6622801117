"""From a violated check to a sentence that says what is wrong, where, and what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from cspbill.errors import Problem
from extractors import periods
from extractors.landing import LandedFile
from extractors.names import shown
from quality.evidence import Evidence
from quality.profile import NO_EXAMPLE, ColumnProfile, FileProfile, first_row_outside, first_row_with_null

Violation = Mapping[str, object]

_ALLOWED = {
    "decimal": "a decimal number such as 1234.56, with at most 16 digits before the point",
    "time": "an ISO 8601 time such as 2024-09-01T00:00:00Z",
}


def problem_of(check: str, one: Evidence, violation: Violation) -> Problem:
    """Describe one row of a frame that violates ``check``."""
    if "column" in violation:
        return _of_column(check, one, violation)
    if "file" in violation:
        return _of_file(check, one, violation)
    if "currency" in violation:
        return _of_total(check, one, str(violation["currency"]))
    return Problem(_delivery(one), 0, "", _OF_DELIVERY[check])


_OF_DELIVERY = {
    "without_rows": "the delivery holds no rows, only headers; a delivery needs at least one charge",
    "without_period": "no row tells a billing period, so that the delivery belongs nowhere",
}


def _of_column(check: str, one: Evidence, violation: Violation) -> Problem:
    profile = _profile(one, violation)
    column = profile.column(str(violation["column"]))
    if column is None:
        return Problem(_file(one, profile.name), 0, str(violation["column"]), check)
    row, message = _OF_COLUMN[check](one, profile, column)
    return Problem(_file(one, profile.name), row, shown(column.name), message)


def _missing(_one: Evidence, _profile: FileProfile, _column: ColumnProfile) -> tuple[int, str]:
    return 0, "the column is missing, and billing needs it (it may hold nulls only where FOCUS allows them)"


def _mistyped(_one: Evidence, _profile: FileProfile, column: ColumnProfile) -> tuple[int, str]:
    return 0, f"has the type {shown(column.type)}; allowed is {_ALLOWED[column.treatment]}"


def _bad(_one: Evidence, _profile: FileProfile, column: ColumnProfile) -> tuple[int, str]:
    found = f"{column.example.value!r} is not {_ALLOWED[column.treatment]}"
    return column.example.row, found + _more(column.bad)


def _refused(one: Evidence, profile: FileProfile, column: ColumnProfile) -> tuple[int, str]:
    allowed = ", ".join(one.contract.of(profile.name).allowed[column.name])
    return column.example.row, f"{column.example.value!r} is not allowed; allowed: {allowed}" + _more(
        column.refused
    )


def _null(one: Evidence, profile: FileProfile, column: ColumnProfile) -> tuple[int, str]:
    example = first_row_with_null(one.folder / profile.name, column.name, one.contract.of(profile.name))
    return example.row, "has no value; every row needs one" + _more(column.nulls or 0)


_OF_COLUMN: Mapping[str, Callable[[Evidence, FileProfile, ColumnProfile], tuple[int, str]]] = {
    "missing": _missing,
    "mistyped": _mistyped,
    "bad_values": _bad,
    "refused_values": _refused,
    "refused_nulls": _null,
}


def _of_file(check: str, one: Evidence, violation: Violation) -> Problem:
    profile = _profile(one, violation)
    landed = next(file for file in one.files if file.name == profile.name)
    column, row, message = _OF_FILE[check](one, landed, profile)
    return Problem(_file(one, profile.name), row, column, message)


def _unreadable(_one: Evidence, _file: LandedFile, profile: FileProfile) -> tuple[str, int, str]:
    error = profile.unreadable
    return "", error.row if error else 0, error.message if error else "cannot be read"


def _other_period(one: Evidence, _file: LandedFile, profile: FileProfile) -> tuple[str, int, str]:
    example = NO_EXAMPLE
    if one.period:
        example = first_row_outside(one.folder / profile.name, one.period, one.contract.of(profile.name))
    count = sum(rows for period, rows in profile.periods.items() if period not in {None, one.period})
    allowed = f"allowed are rows of {periods.label(one.period)}, the delivery's billing period"
    return (
        one.contract.of(profile.name).billing_period,
        example.row,
        f"{example.value}: {allowed}" + _more(count),
    )


def _reversed(one: Evidence, _file: LandedFile, profile: FileProfile) -> tuple[str, int, str]:
    contract = one.contract.of(profile.name)
    message = f"is not after {contract.charge_start}; a charge must end after it starts"
    return contract.charge_end, profile.reversed_example.row, message + _more(profile.reversed_rows)


def _twice(one: Evidence, file: LandedFile, _profile: FileProfile) -> tuple[str, int, str]:
    other = shown(one.duplicates[file.name])
    return "", 0, f"has the same content as {other}: one of them would be billed twice; remove one"


def _sha(one: Evidence, file: LandedFile, _profile: FileProfile) -> tuple[str, int, str]:
    stated = shown(one.statement.sha256[file.name], 80)
    return (
        "",
        0,
        f"its sha256 is {file.sha256}, the manifest states {stated}: the file is not the one announced",
    )


def _count(one: Evidence, file: LandedFile, profile: FileProfile) -> tuple[str, int, str]:
    return "", 0, f"has {profile.rows} rows, the manifest states {one.statement.rows[file.name]}"


_OF_FILE: Mapping[str, Callable[[Evidence, LandedFile, FileProfile], tuple[str, int, str]]] = {
    "unreadable": _unreadable,
    "rows_of_other_periods": _other_period,
    "charges_ending_before_start": _reversed,
    "content_delivered_twice": _twice,
    "sha256_differs": _sha,
    "row_count_differs": _count,
}


def _of_total(check: str, one: Evidence, currency: str) -> Problem:
    if check == "unknown_currency":
        message = f"{shown(currency)!r} is not a currency of ISO 4217; allowed are codes such as USD or EUR"
        return Problem(_delivery(one), 0, one.contract.currency, message)
    loaded, stated = (
        one.totals.get(currency, Decimal(0)),
        (one.statement.totals or {}).get(currency, Decimal(0)),
    )
    message = (
        f"the rows add up to {loaded:f} {shown(currency)}, the manifest states {stated:f}: "
        f"{one.difference(currency) or 0:f} off; allowed is {one.tolerance:f}"
    )
    return Problem(_delivery(one), 0, one.contract.amount, message)


def _profile(one: Evidence, violation: Violation) -> FileProfile:
    return next(profile for profile in one.profiles if profile.name == violation["file"])


def _more(count: int) -> str:
    return f" ({count} rows)" if count > 1 else ""


def _file(one: Evidence, name: str) -> str:
    return f"{one.source}/{shown(name)}"


def _delivery(one: Evidence) -> str:
    return f"{one.source}, scope {shown(one.scope)}, {periods.label(one.period)}"
