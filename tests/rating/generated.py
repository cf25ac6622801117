"""What hypothesis draws: price rules, usage and discounts of random customers, and how they become a world."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from decimal import Decimal

from harness import World
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

#: The same examples in every run; CSPBILL_EXAMPLES asks for more of them than a test run has time for.
examples = hypothesis_settings(
    max_examples=int(os.environ.get("CSPBILL_EXAMPLES", "8")),
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

#: For examples that rate several times.
few_examples = hypothesis_settings(examples, max_examples=max(examples.max_examples // 2, 1))

SERVICES = 4
COSTS = {"ListCost": "1.5", "ContractedCost": "1.2", "BilledCost": "1", "EffectiveCost": "0.9"}
QUANTITY_MODELS = ("unit_price", "graduated", "volume", "package")
MODELS = ("cost_plus", "list_minus", *QUANTITY_MODELS, "flat")
SOLD = {"Usage", "Purchase"}
TINY = Decimal("1e-12")


@dataclass(frozen=True)
class Tier:
    """One tier; without ``up_to`` the last."""

    up_to: Decimal | None
    unit_price: Decimal
    flat_fee: Decimal


@dataclass(frozen=True)
class Rule:
    """A price rule for one service."""

    model: str
    basis: str
    percent: Decimal
    unit_price: Decimal
    included: Decimal
    package_size: Decimal
    minimum: Decimal | None
    maximum: Decimal | None
    pass_credits: bool
    in_parent: bool
    tiers: tuple[Tier, ...]

    @property
    def bounds(self) -> list[Decimal]:
        """Quantities at which the price changes its course."""
        of_tiers = [tier.up_to for tier in self.tiers if tier.up_to is not None]
        return of_tiers or [self.included, self.included + self.package_size]


@dataclass(frozen=True)
class Charge:
    """A vendor's row of one day."""

    day: int
    service: int
    resource: str
    category: str
    quantity: Decimal
    cost: Decimal

    def split(self, percent: int) -> list[Charge]:
        """The same in two rows, of two resources."""
        parts = [Decimal(percent).scaleb(-2), 1 - Decimal(percent).scaleb(-2)]
        first, second = ((self.quantity * part, self.cost * part) for part in parts)
        return [
            replace(self, quantity=first[0], cost=first[1]),
            replace(self, resource=f"{self.resource} split", quantity=second[0], cost=second[1]),
        ]

    def refund(self) -> Charge:
        """The row that takes it back."""
        return replace(self, quantity=-self.quantity, cost=-self.cost)


def decimals(least: int, most: int, places: int = 6) -> st.SearchStrategy[Decimal]:
    """Whole numbers and round bounds often, all decimals sometimes."""
    fine = st.integers(least * 10**places, most * 10**places).map(lambda n: Decimal(n).scaleb(-places))
    return st.one_of(st.integers(least, most).map(Decimal), fine)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    """Ascending tiers, the last one open; fees only sometimes."""
    bounds = sorted(draw(st.sets(decimals(1, 60), max_size=3)))
    fees = st.one_of(st.just(Decimal(0)), decimals(0, 20, 2))
    return tuple(Tier(up_to, draw(decimals(0, 3, 10)), draw(fees)) for up_to in (*bounds, None))


@st.composite
def rules(draw: st.DrawFn, models: tuple[str, ...] = MODELS) -> Rule:
    """A rule of any model, bounded or not."""
    model = draw(st.sampled_from(models))
    low, high = sorted(draw(st.tuples(decimals(0, 100, 2), decimals(0, 100, 2))))
    which = draw(st.sampled_from(["none", "none", "minimum", "maximum", "both"]))
    return Rule(
        model=model,
        basis=draw(st.sampled_from(["list", "contracted", "billed", "effective"])),
        percent=draw(decimals(0 if model == "list_minus" else -100, 100)),
        unit_price=draw(decimals(0, 5, 8)),
        included=draw(st.one_of(st.just(Decimal(0)), decimals(0, 30))),
        package_size=draw(decimals(1, 10)),
        minimum=low if which in {"minimum", "both"} else None,
        maximum=high if which in {"maximum", "both"} else None,
        pass_credits=draw(st.booleans()),
        in_parent=draw(st.booleans()),
        tiers=draw(tiers()) if model in {"graduated", "volume"} else (),
    )


books = st.tuples(*(rules() for _ in range(SERVICES)))

charges = st.builds(
    Charge,
    day=st.integers(1, 30),
    service=st.integers(0, SERVICES - 1),
    resource=st.sampled_from(["a", "b"]),
    category=st.sampled_from(["Usage", "Usage", "Usage", "Purchase", "Credit", "Tax"]),
    quantity=decimals(-20, 60),
    cost=decimals(-100, 300),
)
usages = st.lists(charges, min_size=1, max_size=12)


def up_to_the_bounds(book: tuple[Rule, ...], rows: list[Charge], which: int) -> list[Charge]:
    """The rows, and one more per service that brings its period exactly to a bound of its rule."""
    used = [
        sum((row.quantity for row in rows if row.service == service and row.category in SOLD), Decimal(0))
        for service in range(SERVICES)
    ]
    return rows + [
        Charge(
            30, service, "last", "Usage", rule.bounds[which % len(rule.bounds)] - used[service], Decimal(1)
        )
        for service, rule in enumerate(book)
    ]


def tell_book(world: World, book: tuple[Rule, ...], name: str = "book") -> None:
    """A book with one rule per service, some of them in its parent."""
    parent = world.book(f"{name}-parent")
    world.book(name, parent=parent)
    for service, rule in enumerate(book):
        rule_id = f"{name}-{service}"
        columns = {
            "cost_plus": {"basis": rule.basis, "percent": f"{rule.percent:f}"},
            "list_minus": {"percent": f"{rule.percent:f}"},
            "unit_price": {"unit_price": f"{rule.unit_price:f}", "included_quantity": f"{rule.included:f}"},
            "package": {
                "unit_price": f"{rule.unit_price:f}",
                "included_quantity": f"{rule.included:f}",
                "package_size": f"{rule.package_size:f}",
            },
            "flat": {"unit_price": f"{rule.unit_price:f}"},
        }.get(rule.model, {})
        if rule.model in QUANTITY_MODELS:
            columns = {**columns, "unit": "Hours"}
        bounds = {"minimum": rule.minimum, "maximum": rule.maximum}
        world.rule(
            rule_id,
            parent if rule.in_parent else name,
            rule.model,
            service=f"service {service}",
            pass_credits=str(rule.pass_credits).lower(),
            **columns,
            **{bound: "" if value is None else f"{value:f}" for bound, value in bounds.items()},
        )
        for tier in rule.tiers:
            up_to = "" if tier.up_to is None else f"{tier.up_to:f}"
            world.tier(rule_id, up_to, f"{tier.unit_price:f}", flat_fee=f"{tier.flat_fee:f}")


def tell_usage(world: World, account: str, rows: list[Charge], month: str = "2024-09") -> None:
    """A customer's vendor rows, in the order given."""
    for row in rows:
        world.charge(
            account,
            f"{month}-{row.day:02}",
            "0",
            ServiceName=f"service {row.service}",
            ResourceId=row.resource,
            ChargeCategory=row.category,
            PricingQuantity=f"{row.quantity:f}",
            **{name: f"{row.cost * Decimal(factor):f}" for name, factor in COSTS.items()},
        )


@dataclass(frozen=True)
class Discount:
    """A row of discounts.csv for one customer."""

    name: str
    kind: str
    percent: Decimal
    vendor: str
    service: str
    group: str
    min_services: int
    min_spend: Decimal
    scope: str
    max_amount: Decimal | None


def crumbs(number: int) -> Decimal:
    """Amounts of a few cents, where every rounding shows."""
    return Decimal(number).scaleb(-5)


VENDORS = ("Vendor A", "Vendor B")
discounts = st.builds(
    Discount,
    name=st.sampled_from("12345678"),
    kind=st.sampled_from(["line", "line", "bundle", "volume", "relationship", "promotion"]),
    percent=st.one_of(st.sampled_from([Decimal(10), Decimal(100)]), decimals(0, 100)),
    vendor=st.sampled_from(["", "", VENDORS[0]]),
    service=st.sampled_from(["", "", "", "service 0"]),
    group=st.sampled_from(["", "", "g", "h"]),
    min_services=st.integers(1, 3),
    min_spend=st.one_of(st.just(Decimal(0)), decimals(0, 400, 2)),
    scope=st.sampled_from(["each", "all"]),
    max_amount=st.one_of(st.none(), decimals(0, 40, 2)),
)
terms = st.lists(discounts, min_size=2, max_size=8, unique_by=lambda discount: discount.name)

spending = st.builds(
    Charge,
    day=st.integers(1, 30),
    service=st.integers(0, 2),
    resource=st.sampled_from(VENDORS),
    category=st.just("Usage"),
    quantity=st.just(Decimal(1)),
    cost=st.one_of(decimals(0, 300), decimals(-100, 300), st.integers(0, 4000).map(crumbs)),
)


def tell_spending(world: World, customer: str, rows: list[Charge], of: tuple[Discount, ...]) -> None:
    """A customer who pays what the vendors bill, less discounts."""
    world.customer(customer, "pass-through")
    for number, row in enumerate(rows):
        world.charge(
            customer,
            f"2024-09-{row.day:02}",
            f"{row.cost:f}",
            ProviderName=row.resource.removesuffix(" split"),
            ServiceName=f"service {row.service}",
            ResourceId=f"{number} {row.resource}",
        )
    for discount in of:
        tell_discount(world, customer, discount)


def tell_discount(world: World, customer: str, discount: Discount) -> None:
    columns: dict[str, str] = {}
    if discount.kind != "line":
        columns["min_spend"] = f"{discount.min_spend:f}"
        columns["max_amount"] = "" if discount.max_amount is None else f"{discount.max_amount:f}"
    if discount.kind == "bundle":
        columns |= {"min_services": str(discount.min_services), "min_spend_scope": discount.scope}
    world.discount(
        f"{customer} {discount.name}",
        f"{discount.percent:f}",
        kind=discount.kind,
        customer_id=customer,
        vendor=discount.vendor,
        service=discount.service,
        discount_group=discount.group and f"{customer} {discount.group}",
        **columns,
    )
