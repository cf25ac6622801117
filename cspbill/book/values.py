"""One config value: from text to its type, or the reason why not and what is allowed instead."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from cspbill.book.codes import COUNTRIES, minor_units
from cspbill.book.kinds import DECIMALS, Kind
from cspbill.book.schema import Column

Value = str | int | bool | Decimal | dt.date | None

MAX_TEXT = 1000
MAX_ID = 64
_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class WrongValueError(ValueError):
    """A value that its column does not allow; the message says why and what is allowed."""


def parse(column: Column, text: str) -> Value:
    """Return the value of ``text`` in ``column``; blank gives the default, a selector's ``*`` gives None.

    Raises WrongValueError.
    """
    text = text.strip()
    if not text and column.required:
        raise WrongValueError(f"blank; required: {expectation(column)}")
    if column.selector and text in {"", "*"}:
        return None
    if not text:
        return parse(column, column.default) if column.default is not None else None
    return _PARSERS[column.kind](column, text)


def expectation(column: Column) -> str:
    """Say in words what ``column`` allows."""
    if column.kind is Kind.ENUM:
        return ", ".join(column.allowed)
    if column.kind in DECIMALS:
        return f"a number such as 12.5 with at most {DECIMALS[column.kind][1]} decimals{_bounds(column)}"
    if column.kind is Kind.INTEGER:
        return f"a whole number{_bounds(column)}"
    return _WORDS[column.kind]


def quote(text: str) -> str:
    """Show ``text`` safely in a message: shortened, and with control characters escaped."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _bounds(column: Column) -> str:
    least = "above 0" if column.positive else f"at least {column.least}" if column.least else ""
    most = f"at most {column.most}" if column.most else ""
    return "".join(f", {bound}" for bound in (least, most) if bound)


def _wrong(column: Column, text: str, what: str) -> WrongValueError:
    return WrongValueError(f"{quote(text)} {what}; allowed: {expectation(column)}")


def _text(column: Column, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise _wrong(column, text, f"has {len(text)} characters")
    if not text.isprintable():
        raise _wrong(column, text, "contains line breaks or control characters")
    return text


def _key(column: Column, text: str) -> str:
    if len(text) > MAX_ID or not text.isprintable():
        raise _wrong(column, text, "is not usable as an id")
    return text


def _id(column: Column, text: str) -> str:
    if not _ID.fullmatch(text):
        raise _wrong(column, text, "is not usable as an id")
    return text


def _enum(column: Column, text: str) -> str:
    found = {value.casefold(): value for value in column.allowed}.get(text.casefold())
    if found is None:
        raise _wrong(column, text, f"is not a known {column.name}")
    return found


def _currency(column: Column, text: str) -> str:
    if text.upper() not in minor_units():
        raise _wrong(column, text, "is not a currency of ISO 4217")
    return text.upper()


def _country(column: Column, text: str) -> str:
    if text.upper() not in COUNTRIES:
        raise _wrong(column, text, "is not a country of ISO 3166-1")
    return text.upper()


def _locale(column: Column, text: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(text.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise _wrong(column, text, "is not a known locale") from None


def _color(column: Column, text: str) -> str:
    if not _COLOR.fullmatch(text):
        raise _wrong(column, text, "is not a color")
    return text.lower()


def _date(column: Column, text: str) -> dt.date:
    if not _DATE.fullmatch(text):
        raise _wrong(column, text, "is not a date")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _wrong(column, text, "is not a day of the calendar") from None


def _boolean(column: Column, text: str) -> bool:
    if text.casefold() not in _BOOLEANS:
        raise _wrong(column, text, "is neither true nor false")
    return _BOOLEANS[text.casefold()]


def _integer(column: Column, text: str) -> int:
    if not _INTEGER.fullmatch(text) or abs(int(text)) >= 2**31:
        raise _wrong(column, text, "is not a whole number")
    _check_bounds(column, text, Decimal(text))
    return int(text)


def _decimal(column: Column, text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise _wrong(column, text, "is not a plain number (no thousands separators, signs of currency or %)")
    precision, scale = DECIMALS[column.kind]
    whole, _, fraction = text.lstrip("+-").partition(".")
    if len(fraction.rstrip("0")) > scale:
        raise _wrong(column, text, f"has more than {scale} decimals")
    if len(whole.lstrip("0")) > precision - scale:
        raise _wrong(column, text, f"has more than {precision - scale} digits before the decimal point")
    value = Decimal(text[: len(text) - len(fraction) + scale])
    _check_bounds(column, text, value)
    return value


def _check_bounds(column: Column, text: str, value: Decimal) -> None:
    below = column.least is not None and value < Decimal(column.least)
    above = column.most is not None and value > Decimal(column.most)
    if below or above or (column.positive and value <= 0):
        raise _wrong(column, text, "is out of bounds")


def _percent_list(column: Column, text: str) -> str:
    percent = Column(column.name, Kind.PERCENT, column.about, positive=True)
    try:
        values = [_decimal(percent, part.strip()) for part in text.split(";")]
    except WrongValueError:
        raise _wrong(column, text, "is not a list of percents") from None
    if values != sorted(set(values)):
        raise _wrong(column, text, "is not ascending")
    return ";".join(f"{value.normalize():f}" for value in values)


_PARSERS: Mapping[Kind, Callable[[Column, str], Value]] = {
    Kind.ID: _id,
    Kind.KEY: _key,
    Kind.TEXT: _text,
    Kind.ENUM: _enum,
    Kind.CURRENCY: _currency,
    Kind.COUNTRY: _country,
    Kind.LOCALE: _locale,
    Kind.COLOR: _color,
    Kind.PERCENT_LIST: _percent_list,
    Kind.DATE: _date,
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _integer,
    Kind.MONEY: _decimal,
    Kind.PERCENT: _decimal,
    Kind.RATE: _decimal,
}

_WORDS: Mapping[Kind, str] = {
    Kind.ID: f"letters, digits, '.', '_' and '-', not starting with a dot, at most {MAX_ID} characters",
    Kind.KEY: f"one line of at most {MAX_ID} characters",
    Kind.TEXT: f"one line of at most {MAX_TEXT} characters",
    Kind.CURRENCY: "an ISO 4217 code such as EUR or USD",
    Kind.COUNTRY: "an ISO 3166-1 alpha-2 code such as DE or GB",
    Kind.LOCALE: "a locale such as de_DE or en_GB",
    Kind.COLOR: "six hexadecimal digits after #, such as #0b5394",
    Kind.PERCENT_LIST: "ascending percents separated by ';', such as 50;80;100",
    Kind.DATE: "YYYY-MM-DD, such as 2024-09-30",
    Kind.BOOLEAN: "true or false",
}
