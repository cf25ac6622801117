"""Customers who are asked what another book or another service would cost them; told by `test_what_if.py`.

Today is 5 October 2024. Beside them stand the stories of commitments, so that repricing meets true-ups and caps too.
"""

from __future__ import annotations

from typing import Any

import commitment_stories
from harness import World

LAST_MONTH = "2024-09-02"
THIS_MONTH = "2024-10-02"


def tell(world: World) -> None:
    """Add every story's customers, prices and vendor rows."""
    commitment_stories.tell(world)  # brings the book `pass-through`
    for story in (_prices, _customers, _documents, _discounts, _taxes_and_currencies, _skus, _products):
        story(world)


def use(
    world: World, customer: str, sku: str, quantity: str, cost: str, *, day: str = THIS_MONTH, **columns: Any
) -> None:
    """Add a vendor row of a SKU, in October unless the day says otherwise."""
    service = {"vm-small": "Compute", "gigabyte": "Storage", "call": "API"}[sku]
    values = {"SkuId": sku, "ServiceName": service, "PricingQuantity": quantity, "ResourceId": sku, **columns}
    world.charge(customer, day, cost, **values)


def _prices(world: World) -> None:
    direct = world.book("direct")
    world.rule(
        "vm", direct, "unit_price", sku="vm-small", unit="Hours", unit_price="0.10", description="Small VM"
    )
    world.rule("storage", direct, "graduated", sku="gigabyte", unit="GB-Mo", description="Storage")
    world.tier("storage", "100", "0.20")
    world.tier("storage", "", "0.10")
    world.rule("calls", direct, "volume", sku="call", unit="Calls")
    world.tier("calls", "100", "1")
    world.tier("calls", "", "0.5")
    world.rule("gpu", direct, "list_minus", service="GPU", percent="4")
    world.book("dollars", "USD", parent="direct")
    world.rule("vm-usd", "dollars", "unit_price", sku="vm-small", unit="Hours", unit_price="0.20")
    world.book("bare")
    world.rule("bare-gpu", "bare", "cost_plus", service="GPU", basis="billed", percent="25")
    world.fx("2024-09-30", "EUR", "USD", "1.25")


def _customers(world: World) -> None:
    world.customer("plain", "direct")
    use(world, "plain", "vm-small", "100", "8", ListCost="12")
    use(world, "plain", "vm-small", "100", "8", day=LAST_MONTH, ListCost="12")
    world.customer("tiered", "direct")
    use(world, "tiered", "gigabyte", "80", "4", PricingUnit="GB-Mo")
    world.customer("bulk", "direct")
    use(world, "bulk", "call", "80", "20", PricingUnit="Calls")
    world.customer("invoiced", "direct")
    use(world, "invoiced", "vm-small", "100", "8", day=LAST_MONTH)
    commitment_stories.spender(
        world, "committed", (THIS_MONTH, "700"), minimum_commitment="1000", commitment_interval="month"
    )


def _documents(world: World) -> None:
    """One document for several customers, or months."""
    world.customer("group", "direct")
    use(world, "group", "vm-small", "100", "8")
    world.customer("branch", "direct", parent_customer_id="group")
    world.customer("quarterly", "direct", billing_frequency="quarterly")
    for day in ("2024-08-02", LAST_MONTH, THIS_MONTH):
        use(world, "quarterly", "vm-small", "100.05", "8", day=day)


def _discounts(world: World) -> None:
    world.customer("bundled", "direct")
    use(world, "bundled", "vm-small", "1000", "80")
    terms = {"min_services": "2", "min_spend": "20", "description": "Both of them"}
    world.discount("bundled-bundle", "10", kind="bundle", customer_id="bundled", **terms)
    world.discount("bundled-line", "50", customer_id="bundled", sku="vm-small", description="Half")
    world.customer("promoted", "direct")
    for month in ("2024-08", "2024-09", "2024-10"):
        use(world, "promoted", "vm-small", "100", "8", day=f"{month}-02")
    world.discount("promoted-twice", "10", kind="promotion", customer_id="promoted", max_periods="2")


def _taxes_and_currencies(world: World) -> None:
    world.customer("american", "dollars", currency="USD", country="US")
    world.customer("dollar-book", "dollars")
    world.customer("austrian", "direct", country="AT", tax_id="ATU12345675")
    world.customer("untaxed", "direct", country="FR")
    world.customer("swiss", "direct", country="CH", currency="CHF")
    world.customer("unpriced", "bare")
    world.customer("uncontracted")


def _skus(world: World) -> None:
    for region in ("eu", "us"):
        world.charge("tiered", THIS_MONTH, "1", SkuId="regional", RegionId=region, ServiceName="GPU")
    gpu = {"vendor": "AWS", "sku": "gpu", "unit": "Hours", "list_price": "2.5", "currency": "USD"}
    world.tables["price_list"] += [
        {**gpu, "service": "GPU", "cost_price": "2"},
        {**gpu, "sku": "nameless"},
        {**gpu, "sku": "past", "service": "GPU", "valid_to": "2024-10-01"},
        {**gpu, "sku": "suite", "service": "GPU", "unit": "Licenses P1Y Annual", "cost_price": "2"},
        {**gpu, "sku": "suite", "service": "GPU", "unit": "Licenses P1M Monthly", "cost_price": "3"},
    ]


def _products(world: World) -> None:
    world.product("care", "310", name="Care", alignment="calendar", unit_cost="100")
    world.product("yearly-care", "1200", interval="year")
    world.product("late-care", "30", timing="arrears")
    world.product("setup", "500", charge_type="one_off")
    world.customer("subscribed", "direct")
    world.subscription("subscribed-care", "subscribed", "care", "2024-08-15 start 2")
