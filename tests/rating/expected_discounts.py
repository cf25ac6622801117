"""What each discount must take off a customer's period, written down from rule R7 and not from the models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from generated import Discount

Place = tuple[str, str]  # vendor, service
KINDS = ("bundle", "volume", "relationship", "promotion")


@dataclass
class Nets:
    """What is left of every vendor's services, and which groups have had their row where."""

    left: dict[Place, Decimal]
    used: set[tuple[str, str]]

    def of(self, vendor: str | None = None, discount: Discount | None = None) -> dict[Place, Decimal]:
        """The places of a vendor that a discount names."""
        return {
            place: net
            for place, net in self.left.items()
            if vendor in {None, place[0]} and (discount is None or names(discount, place))
        }


def names(discount: Discount, place: Place) -> bool:
    return discount.vendor in {"", place[0]} and discount.service in {"", place[1]}


def expected_discounts(nets: Mapping[Place, Decimal], discounts: Iterable[Discount]) -> dict[str, Decimal]:
    """What each discount takes in all, by its id."""
    given = list(discounts)
    state, taken = Nets(dict(nets), set()), defaultdict[str, Decimal](Decimal)
    take_line_discounts(state, [d for d in given if d.kind == "line"], taken)
    for kind in KINDS:
        for discount in in_order([d for d in given if d.kind == kind]):
            take_period_discount(state, discount, taken)
    return {name: amount for name, amount in taken.items() if amount}


def take_line_discounts(state: Nets, discounts: list[Discount], taken: dict[str, Decimal]) -> None:
    """On every line that is positive: the best of each group, one after the other by id."""
    for place, whole in state.left.items():
        if whole <= 0:
            continue
        best: dict[str, Discount] = {}
        for discount in sorted(discounts, key=lambda d: (-d.percent, d.name)):
            if names(discount, place):
                best.setdefault(discount.group or f"alone {discount.name}", discount)
        left = whole
        for discount in sorted(best.values(), key=lambda d: d.name):
            amount = left * discount.percent / 100
            taken[discount.name] += amount
            left -= amount
            state.used.add((discount.group, ""))
        state.left[place] = left


def in_order(discounts: list[Discount]) -> list[Discount]:
    """Group by group, the best-qualified row first."""
    first: dict[str, str] = {}
    for discount in discounts:
        group = discount.group or f"alone {discount.name}"
        first[group] = min(first.get(group, discount.name), discount.name)

    def rank(discount: Discount) -> tuple[object, ...]:
        spend = discount.min_spend if discount.kind in {"bundle", "volume"} else Decimal(0)
        services = discount.min_services if discount.kind == "bundle" else 0
        place = first[discount.group or f"alone {discount.name}"]
        return (place, -services, -spend, -discount.percent, discount.name)

    return sorted(discounts, key=rank)


def take_period_discount(state: Nets, discount: Discount, taken: dict[str, Decimal]) -> None:
    scopes = sorted({place[0] for place in state.left}) if discount.kind == "bundle" else [None]
    earned = [vendor for vendor in scopes if is_earned(state, discount, vendor)]
    for vendor in earned:
        reduce_scope(state, discount, vendor, taken)
        state.used.add((discount.group, vendor or ""))


def is_earned(state: Nets, discount: Discount, vendor: str | None) -> bool:
    scope = sum(state.of(vendor, discount).values(), Decimal(0))
    if scope <= 0 or is_used(state, discount, vendor):
        return False
    if discount.kind == "bundle":
        return has_services(state, discount, vendor)
    whole = sum(state.left.values(), Decimal(0))
    return (whole if discount.kind == "volume" else scope) >= discount.min_spend


def is_used(state: Nets, discount: Discount, vendor: str | None) -> bool:
    """A bundle's group is used up vendor by vendor, any other's as a whole."""
    where = {where for group, where in state.used if discount.group and group == discount.group}
    return bool(where & {"", vendor}) if vendor else bool(where)


def has_services(state: Nets, discount: Discount, vendor: str | None) -> bool:
    services = state.of(vendor).values()
    each = discount.min_spend if discount.scope == "each" else Decimal(0)
    enough = [net for net in services if net > 0 and net >= each]
    whole = sum(services, Decimal(0))
    in_all = discount.scope == "each" or whole >= discount.min_spend
    return len(enough) >= discount.min_services and whole > 0 and in_all


def reduce_scope(state: Nets, discount: Discount, vendor: str | None, taken: dict[str, Decimal]) -> None:
    """The positive places carry it in proportion."""
    places = state.of(vendor, discount)
    amount = sum(places.values(), Decimal(0)) * discount.percent / 100
    amount = amount if discount.max_amount is None else min(amount, discount.max_amount)
    positive = {place: net for place, net in places.items() if net > 0}
    whole = sum(positive.values(), Decimal(0))
    for place, net in positive.items():
        state.left[place] = net - amount * net / whole
    taken[discount.name] += amount
