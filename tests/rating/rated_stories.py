"""One customer per story, rated together; `test_golden_stories.py` says what must come out."""

from __future__ import annotations

from harness import SEPTEMBER, World


def tell(world: World) -> None:
    """Add every story's customers, prices and vendor rows."""
    world.sources = {"aws": ["own-account", "payer-of-all"]}
    _books(world)
    for story in (_discounts, _money, _shares, _prices, _tiers, _periods, _categories, _currencies, _taxes):
        story(world)


def _books(world: World) -> None:
    plain = world.book("pass-through")
    world.rule("pass", plain, "cost_plus", basis="billed", percent="0", pass_credits="true")
    list_price = world.book("list-price")
    world.rule("list", list_price, "list_minus", percent="0")
    ten = world.book("plus-ten")
    world.rule("ten", ten, "cost_plus", basis="billed", percent="10")


def _discounts(world: World) -> None:
    world.customer("g10", "pass-through")
    world.charge("g10", "2024-09-02", "100.00")
    world.discount("g10-first", "10", customer_id="g10")
    world.discount("g10-second", "10", customer_id="g10", description="The second")

    world.customer("refunded", "pass-through")
    world.charge("refunded", "2024-09-02", "100.00")
    world.charge("refunded", "2024-09-20", "-50.00", SkuId="refund")
    world.discount("refunded-late", "10", customer_id="refunded", valid_from="2024-09-20")

    world.customer("free", "pass-through")
    world.charge("free", "2024-09-02", "0.005")
    world.discount("free-all", "100", customer_id="free")
    world.discount("free-more", "50", customer_id="free")


def _money(world: World) -> None:
    world.customer("g2", "pass-through")
    for cost, sku in (("4.00", "new"), ("-3.87", "reverse"), ("7.74", "rebill")):
        world.charge("g2", "2024-09-10", cost, SkuId=sku)

    world.customer("g14-list", "list-price")
    world.customer("g14-plus", "plus-ten")
    for customer in ("g14-list", "g14-plus"):
        world.charge(customer, "2024-09-01", "85", ListCost="100")
        world.charge(customer, "2024-09-02", "100", ListCost="100")

    world.customer("crumbs", "pass-through")
    for hour in range(24):
        world.charge("crumbs", f"2024-09-03T{hour:02}:00", "0.000625", ResourceId=f"vm-{hour}")
    world.charge("crumbs", "2024-09-04", "0.000000000001", ServiceName="Queue")


def _shares(world: World) -> None:
    world.customer("g12-a", "pass-through")
    world.customer("g12-b", "pass-through")
    world.account("g12", "g12-a", share="25")
    world.account("g12", "g12-b", share="75")
    world.charge("g12", "2024-09-05", "100")

    world.customer("mover-old", "pass-through")
    world.customer("mover-new", "pass-through")
    world.account("moving", "mover-old", valid_to="2024-09-15")
    world.account("moving", "mover-new", valid_from="2024-09-15")
    for day in ("2024-09-14", "2024-09-15", "2024-09-16"):
        world.charge("moving", day, "10")

    world.customer("half", "pass-through")
    world.account("half-owned", "half", share="50")
    world.charge("half-owned", "2024-09-05", "9")

    world.charge("unknown", "2024-09-05", "12.34")
    world.charge("unknown", "2024-09-05", "5", BillingAccountId="payer-of-all", SkuId="below-payer")
    world.charge("own-account", "2024-09-05", "3")


def _prices(world: World) -> None:
    units = world.book("units")
    world.rule("hours", units, "unit_price", unit_price="0.05", unit="Hours", included_quantity="100")
    world.rule("support", units, "flat", unit_price="450", service="Support")
    world.customer("units", units)
    world.charge("units", "2024-09-01", "1", PricingQuantity="60")
    world.charge("units", "2024-09-02", "1", PricingQuantity="60")
    world.charge("units", "2024-09-03", "1", PricingQuantity="81")
    world.charge("units", "2024-09-04", "1", PricingQuantity="3", PricingUnit="Days", SkuId="by-day")
    world.customer("supported", units)
    for day in ("2024-09-01", "2024-09-11", "2024-09-21"):
        world.charge("supported", day, "99", ServiceName="Support")
    world.customer("returning", units)
    world.charge("returning", "2024-08-30", "-5", period=SEPTEMBER, PricingQuantity="-150")

    standard, gold = world.book("standard"), world.book("gold", parent="standard")
    world.rule("standard-compute", standard, "cost_plus", basis="billed", percent="30", service="Compute")
    world.rule("standard-all", standard, "cost_plus", basis="billed", percent="20")
    world.rule(
        "gold-aws", gold, "cost_plus", basis="billed", percent="5", vendor="AWS", valid_to="2024-09-16"
    )
    world.rule(
        "gold-aws-eu", gold, "cost_plus", basis="billed", percent="1", vendor="AWS", region="eu-central-1"
    )
    world.customer("gold", gold)
    world.charge("gold", "2024-09-15", "100")
    world.charge("gold", "2024-09-16", "100")
    world.charge("gold", "2024-09-16", "100", ServiceName="Storage")
    world.charge("gold", "2024-09-20", "100", ServiceName="Database", RegionId="EU-Central-1")

    world.customer("no-contract")
    world.charge("no-contract", "2024-09-01", "10")


def _tiers(world: World) -> None:
    for book, model, bounds, rule in (
        ("g3", "graduated", (("100", "1", ""), ("", "0.80", "")), {}),
        ("g6", "package", (), {"unit_price": "5", "package_size": "100", "included_quantity": "100"}),
        ("g7", "volume", (("50000", "0.001", ""), ("", "0.0006", "10")), {}),
        ("fees", "graduated", (("100", "1", ""), ("", "0.5", "10")), {"pass_credits": "true"}),
    ):
        world.book(book)
        world.rule(f"{book}-rule", book, model, unit="Hours", **rule)
        for up_to, price, fee in bounds:
            world.tier(f"{book}-rule", up_to, price, flat_fee=fee)
    _use(world, "g3", "g3", "101")
    _use(world, "g6", "g6", "60", "60", "81")
    _use(world, "g7", "g7", "40000", "25000")
    _use(world, "fraction", "g3", "99.5", "1")
    _use(world, "walks-back", "g3", "101", "-2")
    _use(world, "undone", "fees", "120", "-120")
    _use(world, "fees", "fees", "99", "2")
    world.charge("fees", "2024-09-09", "-4", ChargeCategory="Credit", PricingQuantity="-50")
    _use(world, "two-skus", "g3", "80")
    world.charge("two-skus", "2024-09-02", "1", PricingQuantity="40", SkuId="other")

    changing = world.book("changing")
    for rule, price, validity in (
        ("until", "1", {"valid_to": "2024-09-16"}),
        ("since", "2", {"valid_from": "2024-09-16"}),
    ):
        world.rule(f"changing-{rule}", changing, "graduated", unit="Hours", **validity)
        world.tier(f"changing-{rule}", "100", price)
        world.tier(f"changing-{rule}", "", "0.01")
    world.customer("changing", changing)
    world.charge("changing", "2024-09-15", "1", PricingQuantity="80")
    world.charge("changing", "2024-09-16", "1", PricingQuantity="80")

    least, most = world.book("least"), world.book("most", currency="USD")
    world.rule(
        "least-hours", least, "unit_price", unit_price="0.05", unit="Hours", minimum="10", maximum="12"
    )
    world.rule(
        "most-cost", most, "cost_plus", basis="billed", percent="0", maximum="100", pass_credits="true"
    )
    _use(world, "least", least, "60", "20")
    _use(world, "between", least, "210")
    _use(world, "above", least, "100", "300")
    world.customer("most", most)
    world.charge("most", "2024-09-01", "50")
    world.charge("most", "2024-09-02", "150", SkuId="other")
    world.charge("most", "2024-09-03", "-7", ChargeCategory="Credit")


def _use(world: World, customer: str, book: str, *quantities: str) -> None:
    world.customer(customer, book)
    for day, quantity in enumerate(quantities, start=1):
        world.charge(customer, f"2024-09-{day:02}", "1", PricingQuantity=quantity)


def _periods(world: World) -> None:
    world.customer("across", "pass-through")
    world.charge("across", "2024-08-31T23:00", "5", period=SEPTEMBER)
    world.charge("across", "2024-09-30T23:59", "7")
    world.charge("across", "2024-07-15", "-2", period=SEPTEMBER, ChargeClass="Correction")


def _categories(world: World) -> None:
    for customer, book in (("credits-passed", "pass-through"), ("credits-kept", "plus-ten")):
        world.customer(customer, book)
        world.charge(customer, "2024-09-01", "100")
        world.charge(customer, "2024-09-02", "-20", ChargeCategory="Credit")
        world.charge(customer, "2024-09-02", "19", ChargeCategory="Tax", ServiceName="Tax")
    world.customer("committed", "list-price")
    reservation = {"CommitmentDiscountId": "ri-1", "ListCost": "10"}
    world.charge("committed", "2024-09-01", "300", ChargeCategory="Purchase", **reservation)
    world.charge("committed", "2024-09-02", "0", EffectiveCost="5", **reservation)


def _currencies(world: World) -> None:
    for day in ("2024-08-29", "2024-08-30", "2024-09-02"):
        world.fx(day, "EUR", "USD", "1.25" if day == "2024-08-30" else "9.99")
        world.fx(day, "EUR", "CHF", "0.95" if day == "2024-08-30" else "9.99")
        world.fx(day, "EUR", "JPY", "160" if day == "2024-08-30" else "999")
        world.fx(day, "EUR", "KWD", "0.34" if day == "2024-08-30" else "999")
    world.customer("swiss", "plus-ten", country="CH", currency="CHF")
    world.charge("swiss", "2024-09-20", "100", BillingCurrency="USD")
    world.customer("japanese", "pass-through", country="JP", currency="JPY")
    world.charge("japanese", "2024-09-20", "7.715625")
    world.customer("kuwaiti", "pass-through", country="KW", currency="KWD")
    world.charge("kuwaiti", "2024-09-20", "3.63")
    world.customer("rateless", "pass-through", country="SE", currency="SEK")
    world.charge("rateless", "2024-09-20", "1")
    dollars = world.book("dollars", currency="USD")
    world.rule("dollar-hours", dollars, "unit_price", unit_price="2.5", unit="Hours")
    world.customer("dollar-priced", dollars)
    world.charge("dollar-priced", "2024-09-20", "1", PricingQuantity="3")


def _taxes(world: World) -> None:
    world.tables["tax_rates"] += [
        {"country": "DE", "tax_category": "g9", "rate": "8.25", "code": "S"},
        {"country": "FR", "tax_category": "standard", "rate": "20", "code": "S"},
    ]
    world.tables["tax_categories"] += [
        {"tax_category": "g9", "service": "Flex"},
        {"tax_category": "reduced", "service": "Books"},
    ]
    world.customer("g9", "pass-through")
    world.charge("g9", "2024-09-01", "70", ServiceName="Flex")
    world.customer("two-rates", "pass-through")
    for sku, cost, service in (("a", "0.013", "Compute"), ("b", "0.015", "Storage"), ("c", "100", "Books")):
        world.charge("two-rates", "2024-09-01", cost, SkuId=sku, ServiceName=service)
    world.customer("french", "pass-through", country="FR", tax_id="FR40303265045")
    world.charge("french", "2024-09-01", "10")
    world.customer("italian", "pass-through", country="IT")
    world.charge("italian", "2024-09-01", "10")
