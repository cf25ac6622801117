"""Customers whose issued September turns out to be wrong; told by `test_corrections.py`.

    before ──> INV-… for September ──> restated ──> INV-… for October ──> later (November, voids) ──> reissued

Everybody pays what the vendor charges plus ten percent, unless said otherwise.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from compiled import Memory, Project
from harness import SEPTEMBER, World

OCTOBER = SEPTEMBER.replace(month=10)
NOVEMBER = SEPTEMBER.replace(month=11)
#: What September cost, as issued and as restated; `None`: nothing.
COSTS = {
    "changed": ("50", "53"),
    "withdrawn": ("40", None),
    "cents": ("0.005", "0.010"),
    "credited": ("100", "10"),
    "again": ("50", "60"),
    "reopened": ("50", "60"),
    "redone": ("50", "60"),
    "branch": ("50", "60"),
    "quarterly": ("50", "60"),
    "gone": ("100", "90"),
}
STAYED = ("giver", "taker", "unit", "late", "held", "tiered", "bundled", "committed", "subscribed")
WITHOUT_OCTOBER = ("gone",)


class Stories:
    """The history of these customers, each moment as what the tests ask of it."""

    def __init__(self, project: Project) -> None:
        self.memory = Memory(project, today=dt.date(2024, 10, 5))
        self.numbers = 0
        self.moments: dict[str, dict[str, Any]] = {}

    def live(self) -> dict[str, dict[str, Any]]:
        self._rate("before", told(restated=False))
        self._issue(SEPTEMBER, *COSTS, *STAYED, "parent")
        self._rate("restated", told(restated=True))
        self._issue(OCTOBER, "changed", "again", "reopened", "redone", "gone")
        later = told(restated=True, again=True)
        for customer in ("changed", "again", "reopened", "redone"):
            later.charge(customer, "2024-11-02", "30")
        self._void("reopened", OCTOBER)
        self._void("redone", SEPTEMBER)
        self._rate("later", later)
        self._issue(SEPTEMBER, "redone")
        self._rate("reissued", later)
        return self.moments

    def _rate(self, name: str, world: World) -> None:
        self.memory.rate(world)
        self.moments[name] = {
            "lines": self.memory.rows(
                "select * from marts.fct_invoice_line where status = 'draft' order by line_number"
            ),
            "drafts": self.memory.rows("select * from marts.fct_invoice where status = 'draft'"),
            "margin": self.memory.rows(
                "select customer_id, billing_period, sum(revenue) as revenue, sum(cost) as cost "
                "from marts.fct_margin_daily group by all"
            ),
            "held": self.memory.rows("select * from rerated.month where held_reason is not null"),
            "late": self.memory.rows("select * from marts.fct_rated_charge where disposition = 'late'"),
            "reconciled": self.memory.rows("select * from marts.fct_vendor_reconciliation"),
        }

    def _issue(self, period: dt.date, *customers: str) -> None:
        waiting = self.memory.values(
            "select customer_id from marts.fct_invoice where status = 'draft' and billing_period = ?", period
        )
        for customer in sorted(set(customers) & set(waiting)):
            self.numbers += 1
            self.memory.issue(f"INV-{self.numbers:02}", customer, period)

    def _void(self, customer: str, period: dt.date) -> None:
        self.memory.connection.execute(
            "insert into ledger.void select document_number, 'CN-' || document_number, 'wrong', "
            "timestamp '2024-10-06' from ledger.document where customer_id = ? and billing_period = ?",
            [customer, period],
        )


def told(*, restated: bool, again: bool = False) -> World:
    """The world as first delivered, or as it turned out to be."""
    world = World()
    book = world.book("plus")
    world.rule("plus", book, "cost_plus", basis="billed", percent="10")
    world.customer("parent", book)
    for customer in (*COSTS, *STAYED):
        if customer not in ("unit", "held", "tiered"):
            extra = {
                "branch": {"parent_customer_id": "parent"},
                "quarterly": {"billing_frequency": "quarterly"},
            }
            world.customer(customer, book, **extra.get(customer, {}))
    for customer, costs in COSTS.items():
        cost = costs[restated]
        if customer == "again" and again:
            cost = "57"
        if cost:
            world.charge(customer, "2024-09-10", cost)
        if customer not in WITHOUT_OCTOBER:
            world.charge(customer, "2024-10-02", "20")
    for story in (_mapping, _units, _late, _held, _tiers, _bundle, _commitment, _subscription):
        story(world, restated)
    return world


def _mapping(world: World, restated: bool) -> None:
    for customer in ("giver", "taker"):
        world.charge(customer, "2024-09-10", "50")
        world.charge(customer, "2024-10-02", "20")
    world.account("moved", "taker" if restated else "giver")
    world.charge("moved", "2024-09-11", "30")


def _units(world: World, restated: bool) -> None:
    book = world.book("units")
    world.rule("units", book, "unit_price", unit="Hours", unit_price="3", service="Compute")
    world.customer("unit", book)
    world.charge("unit", "2024-09-10", "26" if restated else "20", PricingQuantity="10")
    world.charge("unit", "2024-10-02", "20", PricingQuantity="10")


def _late(world: World, restated: bool) -> None:
    world.charge("late", "2024-09-10", "50")
    world.charge("late", "2024-10-02", "20")
    if restated:
        world.charge("late", "2024-09-29", "7", ServiceName="Storage", SkuId="disk")


def _held(world: World, restated: bool) -> None:
    book = world.book("compute-only")
    world.rule("compute-only", book, "cost_plus", basis="billed", percent="10", service="Compute")
    world.customer("held", book)
    world.charge(
        "held", "2024-09-10", "80" if restated else "50", ServiceName="Quantum" if restated else "Compute"
    )
    world.charge("held", "2024-10-02", "20")


def _tiers(world: World, restated: bool) -> None:
    """A hundred units at 2, then 1: a refund of thirty comes off the second tier first."""
    book = world.book("tiers")
    world.rule("tiers", book, "graduated", unit="GB", sku="gb", description="Storage")
    world.tier("tiers", "100", "2")
    world.tier("tiers", "", "1")
    world.customer("tiered", book)
    world.charge("tiered", "2024-09-10", "50", SkuId="gb", PricingUnit="GB", PricingQuantity="110")
    if restated:
        world.charge("tiered", "2024-09-20", "-10", SkuId="gb", PricingUnit="GB", PricingQuantity="-30")
    world.charge("tiered", "2024-10-02", "20", SkuId="gb", PricingUnit="GB", PricingQuantity="10")


def _bundle(world: World, restated: bool) -> None:
    """Ten percent for two services: the second one comes too late for the invoice."""
    world.discount("both", "10", kind="bundle", customer_id="bundled", min_services="2", min_spend="1")
    world.charge("bundled", "2024-09-10", "100")
    world.charge("bundled", "2024-10-02", "20")
    if restated:
        world.charge("bundled", "2024-09-11", "50", ServiceName="Storage", SkuId="disk")


def _commitment(world: World, restated: bool) -> None:
    """A monthly minimum of 100: what is used more lowers the true-up."""
    for contract in world.tables["contracts"]:
        if contract["customer_id"] == "committed":
            contract |= {"minimum_commitment": "100", "commitment_interval": "month"}
    world.charge("committed", "2024-09-10", "70" if restated else "50")
    world.charge("committed", "2024-10-02", "200")


def _subscription(world: World, restated: bool) -> None:
    """Two seats at 30 a month, in arrears; the cancellation of 16 September is entered late."""
    world.product("seat", "30", timing="arrears", alignment="calendar", cancellable_anytime="true")
    events = ["2024-09-01 start 2"] + (["2024-09-16 cancel"] if restated else [])
    world.subscription("subscribed-seats", "subscribed", "seat", *events)
    world.charge("subscribed", "2024-10-02", "20")
