"""A reseller's year: what vendors deliver and restate, what customers do, what is issued and voided."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any

from harness import SOURCE, World

YEAR = 2024
CUSTOMERS = ("bundled", "committed", "dollars", "family", "quarterly", "tiered")
EUR_PER_USD = (
    "0.90",
    "0.91",
    "0.93",
    "0.92",
    "0.94",
    "0.95",
    "0.93",
    "0.91",
    "0.90",
    "0.89",
    "0.92",
    "0.94",
    "0.96",
)


@dataclass
class Year:
    """What is known of the year so far; `world` is what a warehouse would be told today."""

    rows: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    seats: list[str] = field(default_factory=lambda: [f"{YEAR}-01-10 start 3"])
    is_moved: bool = False
    random: random.Random = field(default_factory=lambda: random.Random(29))

    def use(self, month: int) -> None:
        """The month's usage arrives."""
        self.rows[month] = [
            {
                "account": customer,
                "day": f"{YEAR}-{month:02}-{day:02}",
                "cost": f"{self.random.randint(1, 99999) / 1000:.3f}",
                "SkuId": service.lower(),
                "ServiceName": service,
                "PricingQuantity": str(self.random.randint(1, 90)),
            }
            for customer in (*CUSTOMERS, "branch", "moved")
            for service, day in (("Compute", 4), ("Storage", 17), ("Compute", 28))
        ]

    def restate(self, month: int) -> None:
        """The vendor changes one row, withdraws one and adds a late credit."""
        rows = self.rows[month]
        changed = self.random.choice(rows)
        changed["cost"] = f"{self.random.randint(1, 99999) / 1000:.3f}"
        changed["PricingQuantity"] = str(self.random.randint(1, 90))
        rows.remove(self.random.choice(rows))
        credited = self.random.choice(CUSTOMERS)
        rows.append(
            {
                "account": credited,
                "day": f"{YEAR}-{month:02}-15",
                "cost": f"-{self.random.randint(1, 9999) / 1000:.3f}",
                "ChargeCategory": "Credit",
                "ServiceName": "Compute",
                "SkuId": "compute",
            }
        )

    def world(self) -> World:
        world = World()
        _prices(world)
        _customers(world)
        world.account("moved", "tiered" if self.is_moved else "bundled")
        world.product("seat", "33.33", timing="advance", cancellable_anytime="true")
        world.subscription("seats", "bundled", "seat", *self.seats)
        for month, rate in enumerate(EUR_PER_USD, start=1):
            day = dt.date(YEAR, 1, 1) if month == 1 else dt.date(YEAR + (month > 12), (month - 1) % 12 + 1, 1)
            world.fx(str(day - dt.timedelta(days=3)), "USD", "EUR", rate)
        for month, rows in self.rows.items():
            for row in rows:
                columns = {
                    name: value for name, value in row.items() if name not in ("account", "day", "cost")
                }
                world.charge(row["account"], row["day"], row["cost"], **columns)
            world.final.add((SOURCE, dt.date(YEAR, month, 1)))
        return world


def _prices(world: World) -> None:
    """Tiers on storage and plus ten percent on the rest, twelve from July on."""
    book = world.book("plus")
    for rule, percent, dates in (
        ("first-half", "10", {"valid_to": f"{YEAR}-07-01"}),
        ("second-half", "12", {"valid_from": f"{YEAR}-07-01"}),
    ):
        world.rule(rule, book, "cost_plus", basis="billed", percent=percent, pass_credits="true", **dates)
    tiers = world.book("tiers", parent="plus")
    world.rule(
        "storage", tiers, "graduated", unit="Hours", service="Storage", sku="storage", charge_category="Usage"
    )
    world.tier("storage", "40", "0.333")
    world.tier("storage", "", "0.111")
    world.discount("both", "7", kind="bundle", min_services="2", min_spend="1", customer_id="bundled")
    world.discount("volume", "3", kind="volume", min_spend="150")


def _customers(world: World) -> None:
    frequency = {"quarterly": "quarterly"}
    for customer in CUSTOMERS:
        book = "tiers" if customer in ("tiered", "family") else "plus"
        currency = "USD" if customer == "dollars" else "EUR"
        kwargs = {"billing_frequency": frequency[customer]} if customer in frequency else {}
        world.customer(customer, None if customer == "committed" else book, currency=currency, **kwargs)
    world.customer("branch", "plus", parent_customer_id="family")
    world.terms(
        "committed", "plus", valid_from=f"{YEAR}-01-01", valid_to=f"{YEAR + 1}-01-01",
        minimum_commitment="1900", commitment_interval="year",
    )  # fmt: skip
