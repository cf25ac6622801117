"""What a config value may be: the types of columns, and the SQL type that each is stored as."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Type of a config column or reseller key; the value is the word that users read in the reference."""

    ID = "id"  # becomes part of a path: letters, digits, . _ - only
    KEY = "key"  # an identifier that never becomes a path
    TEXT = "text"
    ENUM = "one of"
    CURRENCY = "currency"
    COUNTRY = "country"
    LOCALE = "locale"
    COLOR = "color"
    PERCENT_LIST = "percents"
    DATE = "date"
    BOOLEAN = "true/false"
    INTEGER = "whole number"
    MONEY = "amount"
    PERCENT = "percent"
    RATE = "rate"


#: (precision, scale) of the kinds that are decimals.
DECIMALS = {Kind.MONEY: (28, 12), Kind.PERCENT: (10, 6), Kind.RATE: (24, 12)}

_SCALAR_SQL = {Kind.DATE: "date", Kind.BOOLEAN: "boolean", Kind.INTEGER: "integer"}


def sql_type(kind: Kind) -> str:
    """DuckDB type that holds every value of ``kind`` exactly."""
    if kind in DECIMALS:
        precision, scale = DECIMALS[kind]
        return f"decimal({precision}, {scale})"
    return _SCALAR_SQL.get(kind, "varchar")
