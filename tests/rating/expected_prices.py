"""What a customer's period must cost before discounts, written down from rule R5 and not from the models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from generated import COSTS, TINY, Charge, Rule

ZERO = Decimal(0)
BASES = {
    "list": "ListCost",
    "contracted": "ContractedCost",
    "billed": "BilledCost",
    "effective": "EffectiveCost",
}


def expected_amount(rule: Rule, rows: Iterable[Charge]) -> Decimal:
    """The amount of one rule's charges in one billing period."""
    sold = [row for row in rows if row.category in {"Usage", "Purchase"}]
    passed = [row for row in rows if row.category == "Credit" and rule.pass_credits]
    amount = sum((credit_amount(rule, each) for each in by_charge(passed)), ZERO)
    return amount + (bounded(rule, priced(rule, sold)) if sold else ZERO)


def by_charge(rows: Iterable[Charge]) -> list[Decimal]:
    """Billed cost of each daily charge: rows that differ in nothing else are one."""
    summed: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        summed[row.day, row.resource, row.category] += row.cost
    return list(summed.values())


def priced(rule: Rule, rows: list[Charge]) -> Decimal:
    """Without bounds."""
    if rule.model in {"cost_plus", "list_minus"}:
        return sum((cost_price(rule, cost) for cost in by_charge(rows)), ZERO)
    if rule.model == "flat":
        return rule.unit_price
    return quantity_price(rule, sum((row.quantity for row in rows), ZERO))


def cost_price(rule: Rule, cost: Decimal) -> Decimal:
    basis = cost * Decimal(COSTS[BASES["list" if rule.model == "list_minus" else rule.basis]])
    percentage = tidy(basis * rule.percent / 100)
    return basis - percentage if rule.model == "list_minus" else basis + percentage


def credit_amount(rule: Rule, cost: Decimal) -> Decimal:
    """Credits have no quantity: a rule for costs applies to them, any other passes them as billed."""
    return cost_price(rule, cost) if rule.model in {"cost_plus", "list_minus"} else cost


def quantity_price(rule: Rule, quantity: Decimal) -> Decimal:
    """Below zero the price mirrors itself."""
    if quantity < 0:
        return -quantity_price(rule, -quantity)
    match rule.model:
        case "unit_price":
            return tidy(max(quantity - rule.included, ZERO) * rule.unit_price)
        case "package":
            billable = max(quantity - rule.included, ZERO)
            packages = (billable / rule.package_size).to_integral_value(ROUND_CEILING)
            return tidy(packages * rule.unit_price)
        case "graduated":
            return sum(entered_tiers(rule, quantity), ZERO)
        case _:
            return volume_price(rule, quantity)


def entered_tiers(rule: Rule, quantity: Decimal) -> Iterable[Decimal]:
    start = ZERO
    for tier in rule.tiers:
        if quantity > start:
            end = quantity if tier.up_to is None else min(quantity, tier.up_to)
            yield tidy((end - start) * tier.unit_price) + tier.flat_fee
        start = tier.up_to or start


def volume_price(rule: Rule, quantity: Decimal) -> Decimal:
    if quantity == 0:
        return ZERO
    tier = next(tier for tier in rule.tiers if tier.up_to is None or quantity <= tier.up_to)
    return tidy(quantity * tier.unit_price) + tier.flat_fee


def bounded(rule: Rule, amount: Decimal) -> Decimal:
    """A refund beyond use is bounded by the mirrored maximum and never raised to the minimum."""
    if amount < 0:
        return amount if rule.maximum is None else max(amount, -rule.maximum)
    least = ZERO if rule.minimum is None else rule.minimum
    return max(amount if rule.maximum is None else min(amount, rule.maximum), least)


def tidy(amount: Decimal) -> Decimal:
    """Twelve decimals, half away from zero."""
    return amount.quantize(TINY, ROUND_HALF_UP)
