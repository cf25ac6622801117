"""Numbers and dates as the customer's locale writes them, for print only: amounts are never read back."""

from __future__ import annotations

import datetime as dt
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval
from babel.numbers import NumberPattern, format_percent

from invoices.labels import LANGUAGES
from invoices.money import minor_units, plain

MINUS = "\u2212"
LETTER_COUNTRIES = frozenset(["US", "CA", "MX", "PH", "CL", "CO", "VE", "CR", "GT", "SV", "NI", "PA", "PR"])
UNIT_PRICE_PLACES = 6
QUANTITY_PLACES = 4


@dataclass(frozen=True)
class Formats:
    """Formats of one locale and currency."""

    locale: Locale
    currency: str

    @property
    def language(self) -> str:
        """Language of the printed words: the locale's when translated, else English."""
        return self.locale.language if self.locale.language in LANGUAGES else "en"

    @property
    def paper(self) -> str:
        """Typst paper name usual in the locale's country."""
        return "us-letter" if self.locale.territory in LETTER_COUNTRIES else "a4"

    def money(self, amount: Decimal) -> str:
        """``1.234,56``: the currency's minor units, no currency sign."""
        places = minor_units(self.currency)
        return self._decimal(amount, places, places)

    def least(self) -> str:
        """The smallest amount that the currency can show: ``0.01``."""
        return self.money(Decimal(1).scaleb(-minor_units(self.currency)))

    def quantity(self, quantity: Decimal) -> str:
        """A quantity, at most four decimals; more of them where it would read as nothing."""
        return self._decimal(quantity, 0, _places(quantity, QUANTITY_PLACES))

    def unit_price(self, price: Decimal) -> str:
        """A unit price, marked ``≈`` where its printed form is shortened; a high one has fewer decimals."""
        minor = minor_units(self.currency)
        places = _places(price, max(minor, UNIT_PRICE_PLACES - max(price.adjusted(), 0)))
        mark = "" if price == round(price, places) else "≈ "
        return mark + self._decimal(price, minor, places)

    def percent(self, rate: Decimal) -> str:
        """``19 %`` for a rate of 19."""
        ratio = Decimal(plain(rate)).scaleb(-2)
        return format_percent(ratio, locale=self.locale, decimal_quantization=False).replace("-", MINUS)

    def date(self, day: dt.date) -> str:
        """``30.09.2024``, ``Sep 30, 2024``."""
        return _date(day, self.locale, "medium")

    def long_date(self, day: dt.date) -> str:
        """``30. September 2024``, ``September 30, 2024``."""
        return _date(day, self.locale, "long")

    def span(self, start: dt.date, end: dt.date, year: int) -> str:
        """A half-open period by its first and last day; the year only where it is not ``year``."""
        last = max(start, end - dt.timedelta(days=1))
        same_year = start.year == last.year == year
        return _span(start, last, self.locale, "MMMd" if same_year else "yMMMd")

    def month(self, day: dt.date) -> str:
        """``September 2024``."""
        return _span(day, day, self.locale, "yMMMM")

    def period(self, start: dt.date, end: dt.date) -> str:
        """``September 2024``; a half-open period of several months as ``July – September 2024``."""
        return _span(start, end - dt.timedelta(days=1), self.locale, "yMMMM")

    def _decimal(self, number: Decimal, least: int, most: int) -> str:
        text: str = _pattern(self.locale, least, most).apply(number, self.locale)
        return text.replace("-", MINUS)


def formats_for(locale: str, currency: str) -> Formats:
    """Formats of a locale such as ``de_DE`` or ``de-DE``; an unknown one is written as ``en_GB``."""
    return Formats(_locale(locale), currency)


@cache
def _locale(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


@cache
def _pattern(locale: Locale, least: int, most: int) -> NumberPattern:
    pattern: NumberPattern = copy(locale.decimal_formats[None])
    pattern.frac_prec = (least, most)
    return pattern


def _places(number: Decimal, usual: int) -> int:
    """Usual decimals, or as many as show three digits of a very small number."""
    return usual if not number or abs(number) >= Decimal(1).scaleb(3 - usual) else 2 - number.adjusted()


@cache
def _date(day: dt.date, locale: Locale, style: str) -> str:
    return format_date(day, style, locale=locale)


@cache
def _span(start: dt.date, last: dt.date, locale: Locale, skeleton: str) -> str:
    return format_interval(start, last, skeleton, locale=locale)


def country_name(code: str, formats: Formats) -> str:
    """A country's name in the document's language."""
    return str(Locale.parse(formats.language).territories.get(code.upper(), code))
