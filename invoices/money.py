"""Currencies' minor units and the one rounding rule (R1.3): half away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

from cspbill.errors import CspbillError

# Wide enough for sums of DECIMAL(38, 18); ROUND_HALF_UP is half away from zero on both sides of zero.
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@cache
def minor_units(currency: str) -> int:
    """Decimal places of an ISO 4217 currency: JPY 0, EUR 2, KWD 3. Raises on an unknown code."""
    from iso4217 import Currency

    try:
        return int(Currency(currency).exponent or 0)
    except ValueError:
        raise CspbillError(f"{currency!r} is no ISO 4217 currency code") from None


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Round to the currency's minor unit, half away from zero."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)), context=EXACT)


def plain(number: Decimal, least_places: int = 0) -> str:
    """Write a decimal exactly, without exponent or idle zeros, with at least ``least_places`` decimals."""
    text = f"{number:f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(least_places, "0")
    text = f"{whole}.{fraction}" if fraction else whole
    return "0" + text[2:] if text.startswith("-0") and not text.strip("-0.") else text
