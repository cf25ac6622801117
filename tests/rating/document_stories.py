"""Customers billed by the quarter or year, and parents who pay; `test_document_stories.py` says what comes out."""

from __future__ import annotations

import datetime as dt

from harness import SOURCE, World

JULY, DECEMBER = dt.date(2024, 7, 1), dt.date(2024, 12, 1)
QUARTER = ("2024-07", "2024-08", "2024-09")


def tell(world: World) -> None:
    """Add every story's customers, prices, discounts and vendor rows."""
    plain = world.book("pass-through")
    world.rule("pass", plain, "cost_plus", basis="billed", percent="0", pass_credits="true")
    dearer = world.book("dearer")
    world.rule("plus-10", dearer, "cost_plus", basis="billed", percent="10", pass_credits="true")
    for story in (_quarters, _years, _holding, _chain, _blocked):
        story(world)
    world.final |= {key for key in world.charges if key[0] == SOURCE}


def _quarters(world: World) -> None:
    # 19 % of 0.03 rounds to 0.01 every month, that of 0.09 to 0.02.
    world.customer("quarter", "pass-through", billing_frequency="quarterly")
    for month in QUARTER:
        world.charge("quarter", f"{month}-02", "0.03")
    world.customer("months", "pass-through")
    for month in QUARTER:
        world.charge("months", f"{month}-02", "0.03")
    world.customer("loyal", "pass-through", billing_frequency="quarterly")
    for month, cost in zip(QUARTER, ("100", "300", "100"), strict=True):
        world.charge("loyal", f"{month}-02", cost)
    world.discount("loyal", "10", kind="volume", customer_id="loyal", min_spend="200", description="Volume")


def _years(world: World) -> None:
    world.customer("year", "pass-through", billing_frequency="annual")
    world.charge("year", "2024-07-02", "10")
    world.charge("year", "2024-09-02", "20")


def _holding(world: World) -> None:
    """A domestic parent pays for a dearer child and for one abroad, which alone would be reverse charged."""
    world.customer("holding", "pass-through", purchase_order="PO-7", legal_name="Holding AG")
    world.charge("holding", "2024-09-02", "5")
    world.customer("north", "dearer", parent_customer_id="holding", legal_name="North GmbH")
    world.charge("north", "2024-09-02", "100")
    world.charge("north", "2024-09-02", "50", ServiceName="Storage")
    world.discount("north", "10", kind="bundle", customer_id="north", min_services="2", description="Bundle")
    world.customer(
        "south", "pass-through", parent_customer_id="holding", country="FR", tax_id="FR40303265045"
    )
    world.charge("south", "2024-09-02", "40")
    world.discount("south", "25", customer_id="south", description="Start")


def _chain(world: World) -> None:
    """The end of the chain pays, by its quarter, also for a customer whose parent uses nothing itself."""
    world.customer("group", "pass-through", billing_frequency="quarterly")
    world.customer("region", "pass-through", parent_customer_id="group")
    world.customer("shop", "pass-through", parent_customer_id="region")
    world.charge("shop", "2024-08-02", "7")


def _blocked(world: World) -> None:
    world.customer("payer", "pass-through")
    world.charge("payer", "2024-09-02", "1")
    world.customer("unpriced", parent_customer_id="payer")
    world.charge("unpriced", "2024-09-02", "9")
