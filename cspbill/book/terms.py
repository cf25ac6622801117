"""Checks inside the rows of rates and taxes."""

from __future__ import annotations

from collections.abc import Iterator

from cspbill.book.model import Draft
from cspbill.errors import Problem


def currency_pairs(draft: Draft) -> Iterator[Problem]:
    """Refuse rates of a currency in itself."""
    for row in draft.whole("fx_rates"):
        if row.values["base"] == row.values["quote"]:
            yield Problem(
                "fx_rates.csv",
                row.line,
                "quote",
                f"'{row.values['quote']}' is also the base; allowed: another currency",
            )


def tax_codes(draft: Draft) -> Iterator[Problem]:
    """Refuse EN 16931 codes that contradict their rate (BR-S-05, BR-Z-05 and their like)."""
    for row in draft.whole("tax_rates"):
        code, rate = row.values.get("code"), row.values["rate"]
        if code is not None and (code == "S") != bool(rate):
            allowed = "S" if rate else "Z, E, AE, K, G, O"
            yield Problem(
                "tax_rates.csv", row.line, "code", f"'{code}' with a rate of {rate} %; allowed: {allowed}"
            )
