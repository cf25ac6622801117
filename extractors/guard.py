"""The guard against a delivery that shrinks: a partial file must not silently replace a fuller one."""

from __future__ import annotations

from decimal import Decimal

from extractors.landing import Manifest

LEAST_DAYS = Decimal("0.80")  # of the days that the delivery in force covers
LEAST_MONEY = Decimal("0.50")  # of its total, per currency


def shrinkage(new: Manifest, current: Manifest) -> tuple[str, ...]:
    """Say how ``new`` falls short of the delivery in force for the same scope and period; empty if it does not."""
    reasons = []
    if len(new.days) < LEAST_DAYS * len(current.days):
        reasons.append(f"it covers {len(new.days)} days, the delivery in force {len(current.days)}")
    for currency, total in sorted(current.totals.items()):
        found = new.totals.get(currency, Decimal(0))
        if abs(found) < LEAST_MONEY * abs(total):
            reasons.append(f"it adds up to {found:f} {currency}, the delivery in force to {total:f}")
    return tuple(reasons)
