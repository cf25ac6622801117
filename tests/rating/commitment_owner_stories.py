"""One customer per story about whose commitment covers usage: the world of `test_commitment_owner_stories.py`.

An hour costs 1.20 at list, 1.00 contracted, and 0.60 of a commitment of 100 hours that is paid 60 at once.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from harness import AUGUST, OCTOBER, World

OWN_ACCOUNT = "resellers-account"
WAYS = {
    "billed": {"model": "cost_plus", "basis": "billed", "percent": "0"},
    "effective": {"model": "cost_plus", "basis": "effective", "percent": "0"},
    "contracted": {"model": "cost_plus", "basis": "contracted", "percent": "0"},
    "list": {"model": "cost_plus", "basis": "list", "percent": "0"},
    "list-minus": {"model": "list_minus", "percent": "10"},
    "unit-price": {"model": "unit_price", "unit": "Hours", "unit_price": "0.9"},
}


def tell(world: World) -> None:
    """Add every story's customers, prices and vendor rows."""
    world.sources["aws"] = [OWN_ACCOUNT, "resellers-plan"]
    for way, values in WAYS.items():
        world.rule(f"by-{way}", world.book(way), pass_credits="true", **values)
    for story in (_golden, _ways, _owners, _time, _proofs, _prices, _shares, _credits):
        story(world)


def use(world: World, account: str, commitment: str, hours: str, day: str = "02", **columns: Any) -> None:
    """Add usage that a commitment covers; nothing is billed for it."""
    quantity = Decimal(hours)
    costs = {
        "ListCost": quantity * Decimal("1.2"),
        "ContractedCost": quantity,
        "EffectiveCost": quantity * Decimal("0.6"),
    }
    covered = {"CommitmentDiscountStatus": "Used", **{name: str(cost) for name, cost in costs.items()}}
    _row(world, account, commitment, "0", day, {"PricingQuantity": hours, **covered, **columns})


def idle(world: World, account: str, commitment: str, hours: str, day: str = "02", **columns: Any) -> None:
    """Add hours of a commitment that nobody used."""
    use(world, account, commitment, hours, day, CommitmentDiscountStatus="Unused", **columns)


def buy(
    world: World, account: str, commitment: str, cost: str = "60", day: str = "01", **columns: Any
) -> None:
    """Add the purchase of a commitment; its effective cost is that of what it covers."""
    bought = {"ChargeCategory": "Purchase", "EffectiveCost": "0", "PricingUnit": "Commitments"}
    _row(world, account, commitment, cost, day, {**bought, **columns})


def _row(world: World, account: str, commitment: str, cost: str, day: str, columns: dict[str, Any]) -> None:
    date = day if len(day) > 2 else f"2024-09-{day}"
    world.charge(account, date, cost, **{"CommitmentDiscountId": commitment, **columns})


def _golden(world: World) -> None:
    for way in ("effective", "billed"):
        world.customer(f"g15-owner-{way}", way)
        world.customer(f"g15-user-{way}", way)
        buy(world, f"g15-owner-{way}", f"g15-{way}")
        idle(world, f"g15-owner-{way}", f"g15-{way}", "60")
        use(world, f"g15-user-{way}", f"g15-{way}", "40")


def _ways(world: World) -> None:
    world.customer("float")
    for way in WAYS:
        world.customer(f"own-{way}", way)
        world.account(f"own-{way}-second", f"own-{way}")
        buy(world, f"own-{way}", f"ri-{way}")
        idle(world, f"own-{way}", f"ri-{way}", "60")
        use(world, f"own-{way}-second", f"ri-{way}", "40")
        world.customer(f"other-{way}", way)
        buy(world, OWN_ACCOUNT, f"sp-{way}")
        use(world, f"other-{way}", f"sp-{way}", "40")


def _owners(world: World) -> None:
    world.customer("named-owner", "billed")
    world.customer("named-user", "billed")
    world.account("Named-Plan", "named-owner", source="AWS", valid_to="2024-09-15")
    buy(world, "named-user", "named-plan")
    use(world, "named-owner", "named-plan", "10")
    use(world, "named-user", "named-plan", "20")
    use(world, "named-owner", "named-plan", "30", "15")
    world.customer("resellers-named", "billed")
    buy(world, "resellers-named", "resellers-plan")
    use(world, "resellers-named", "resellers-plan", "40")
    world.customer("order", "billed")
    order = "/providers/Microsoft.Capacity/reservationOrders/o-1"
    buy(world, "order", order)
    use(world, "order", f"{order}/reservations/r-1", "40")
    world.customer("by-id", "billed")
    world.customer("by-id-other", "billed")
    world.account("210987654321", "by-id")
    plan = "arn:aws:savingsplans::210987654321:savingsplan/p-1"
    use(world, "210987654321", plan, "10")
    use(world, "by-id-other", plan, "10")


def _time(world: World) -> None:
    world.customer("bought-in-august", "billed")
    buy(world, "bought-in-august", "ri-august", day="2024-08-01")
    use(world, "bought-in-august", "ri-august", "40")
    use(world, "bought-in-august", "ri-august", "5", day="2024-10-01")
    world.customer("bought-later", "billed")
    use(world, "bought-later", "ri-later", "40")
    buy(world, "bought-later", "ri-later", day="2024-10-01")
    world.customer("before", "billed")
    world.customer("after", "billed")
    world.account("handed-over", "before", valid_to="2024-09-16")
    world.account("handed-over", "after", valid_from="2024-09-16")
    buy(world, "handed-over", "ri-handed-over")
    for day in ("15", "16"):
        use(world, "before", "ri-handed-over", "10", day)
        use(world, "after", "ri-handed-over", "10", day)


def _proofs(world: World) -> None:
    world.customer("unknown", "billed")
    use(world, "unknown", "ri-unknown", "40")
    world.customer("unclaimed", "effective")
    buy(world, "nobodys-account", "ri-nobodys")
    use(world, "unclaimed", "ri-nobodys", "40")
    world.customer("tenant", "billed")
    world.account("tenant-payer", "tenant")
    use(world, "tenant", "ri-tenant", "40", BillingAccountId="tenant-payer")
    world.customer("guest", "billed")
    use(world, "guest", "ri-tenant", "10", BillingAccountId="tenant-payer")


def _prices(world: World) -> None:
    for customer, columns in {
        "no-contracted": {"ContractedCost": None},
        "contracted-of-0": {"ContractedCost": "0"},
        "no-price": {"ContractedCost": "0", "ListCost": None},
    }.items():
        world.customer(customer, "billed")
        use(world, customer, "sp-prices", "40", **columns)
    buy(world, OWN_ACCOUNT, "sp-prices")
    world.customer("refund", "effective")
    use(world, "refund", "sp-prices", "40")
    use(world, "refund", "sp-prices", "-10", "03")
    world.customer("negation", "billed")
    use(world, "negation", "sp-prices", "40", BilledCost="40")
    negated = {"ListCost": "0", "ContractedCost": "0", "EffectiveCost": "0", "BilledCost": "-40"}
    use(world, "negation", "sp-prices", "0", SkuId="negation", **negated)


def _shares(world: World) -> None:
    world.customer("sixty", "billed")
    world.customer("forty", "billed")
    world.account("shared", "sixty", share="60")
    world.account("shared", "forty", share="40")
    buy(world, "shared", "ri-shared")
    use(world, "shared", "ri-shared", "40")
    use(world, "sixty", "ri-shared", "10")


def _credits(world: World) -> None:
    world.customer("credited", "effective")
    use(world, "credited", "sp-effective", "40")
    credit = {"ChargeCategory": "Credit", "CommitmentDiscountId": "sp-effective"}
    world.charge("credited", "2024-09-05", "-3", **credit)


def tell_late(world: World, *, bought: bool) -> None:
    """September's usage is known first; what July delivers later says who bought what covers it."""
    world.rule("by-billed", world.book("billed"), **WAYS["billed"])
    world.customer("back-filled", "billed")
    use(world, "back-filled", "ri-late", "40")
    world.charge("back-filled", "2024-10-01", "1", period=OCTOBER)
    world.charge("someone-else", "2024-09-01", "1")
    world.charge("back-filled", "2024-08-01", "1", period=AUGUST)
    if bought:
        buy(world, "back-filled", "ri-late", day="2024-07-01")
