"""One customer per story about own products; `test_subscription_stories.py` says what must come out."""

from __future__ import annotations

import datetime as dt

from harness import World

TODAY = dt.date(2025, 3, 5)


def tell(world: World) -> None:
    """Add every story's customers, products and events."""
    for story in (
        _cycles, _parts, _changes, _cancels, _terms, _timings, _currencies, _discounts, _refunds, _one_offs,
        _whole_cycles, _vendors,
    ):  # fmt: skip
        story(world)


def _told(world: World, customer: str, product: str, *events: str, **values: str) -> None:
    """A customer with one subscription of the same name."""
    if not any(row["customer_id"] == customer for row in world.tables["customers"]):
        world.customer(customer, **values)
    world.subscription(f"{customer}-{product}", customer, product, *events)


def _cycles(world: World) -> None:
    world.product("monthly", "31")
    world.product("yearly", "1200", interval="year")
    world.product("triennial", "3600", interval="three_years")
    world.product("calendar-year", "366", interval="year", alignment="calendar")
    _told(world, "month-end", "monthly", "2024-01-31 start")
    _told(world, "leap-day", "yearly", "2024-02-29 start")
    _told(world, "three-years", "triennial", "2022-02-28 start")
    _told(world, "calendar-years", "calendar-year", "2024-12-30 start")
    _told(world, "fiscal-years", "calendar-year", "2024-12-30 start", billing_day="15")


def _parts(world: World) -> None:
    for price in ("9", "28", "29", "31", "50"):
        world.product(f"calendar-{price}", price, alignment="calendar")
    _told(world, "last-day", "calendar-31", "2024-01-31 start")
    _told(world, "leap-february", "calendar-29", "2024-02-10 start")
    _told(world, "plain-february", "calendar-28", "2025-02-10 start")
    _told(world, "lago", "calendar-50", "2024-09-06 start")
    _told(world, "three-days", "calendar-9", "2025-02-26 start")
    _told(world, "mid-month", "calendar-31", "2024-02-10 start", billing_day="31")


def _changes(world: World) -> None:
    world.product("first-of-month", "20")
    world.product("seat", "15", name="Seat", service="Office", unit_cost="12")
    world.product("seat-arrears", "15", timing="arrears", name="Seat")
    _told(world, "kill-bill", "first-of-month", "2024-09-01 start", "2024-09-16 change 1 30")
    changes = ("2024-09-10 start 20", "2024-10-05 change 25", "2024-10-20 change 10")
    _told(world, "seats", "seat", *changes)
    _told(world, "seats-arrears", "seat-arrears", *changes)
    _told(world, "same-day", "seat", "2024-09-01 start 20", "2024-09-11 change 30", "2024-09-11 change 20")
    _told(world, "up-and-cancel", "seat", "2024-09-01 start 20", "2024-09-11 change 30", "2024-09-11 cancel")
    _told(world, "at-once", "seat", "2024-09-01 start 20", "2024-09-01 cancel")
    _told(world, "paused", "seat", "2024-09-01 start 2", "2024-09-16 change 0", "2024-11-16 change 2")
    _told(world, "from-the-next", "seat", "2024-09-01 start 2", "2024-10-01 change 3")


def _cancels(world: World) -> None:
    world.product("free", "30")
    bound = {"term_months": "12", "cancel_window_days": "7"}
    world.product("bound", "30", **bound)
    world.product("bound-year", "365", interval="year", **bound)
    world.product("anytime", "30", cancellable_anytime="true", **bound)
    _told(world, "leaves", "free", "2024-09-01 start", "2024-09-11 cancel")
    _told(world, "regrets", "bound-year", "2024-09-02 start", "2024-09-09 cancel")
    _told(world, "too-late", "bound", "2024-01-15 start", "2024-01-23 cancel")
    _told(world, "any-time", "anytime", "2024-09-01 start", "2024-11-16 cancel")
    _told(world, "arrears-leaves", "seat-arrears", "2024-09-20 start 2", "2024-09-25 cancel")


def _terms(world: World) -> None:
    terms = {"term_months": "12", "extended_term_percent": "3"}
    world.product("term", "100", **terms)
    world.product("term-year", "1000", interval="year", alignment="calendar", **terms)
    _told(world, "co-term", "term", "2024-01-15 start 2 90", "2024-06-25 change 3", "2025-01-15 renew 1")
    _told(world, "extended", "term", "2024-01-15 start 2 90", "2025-03-01 change 1")
    _told(world, "renewed-late", "term", "2023-12-15 start 1 90", "2024-12-30 renew")
    _told(world, "extended-leaves", "term", "2023-12-15 start", "2025-01-25 cancel")
    _told(world, "extended-in-cycle", "term-year", "2024-03-01 start")


def _timings(world: World) -> None:
    world.product("by-contract", "10", timing="")
    world.product("support", "30", timing="arrears", name="Support")
    book = world.book("nothing")
    _told(world, "both", "support", "2024-09-01 start")
    _told(world, "both", "first-of-month", "2024-10-01 start")
    _told(world, "no-contract", "by-contract", "2024-09-15 start")
    world.customer("in-advance", book, country="DE")
    world.tables["contracts"][-1]["payment_scheme"] = "advance"
    world.tables["contracts"][-1]["valid_from"] = "2024-10-01"
    world.subscription("in-advance", "in-advance", "by-contract", "2024-09-15 start")


def _currencies(world: World) -> None:
    world.product("dollars", "31", currency="USD", unit_cost="10")
    world.product("yens", "1000", currency="JPY")
    world.fx("2024-08-30", "EUR", "USD", "1.1")
    world.fx("2024-09-30", "EUR", "USD", "1.2")
    _told(world, "converted", "dollars", "2024-09-10 start", "2024-10-03 cancel")
    _told(world, "rateless", "yens", "2024-09-10 start")
    _told(world, "rateless", "first-of-month", "2024-09-01 start")


def _discounts(world: World) -> None:
    _told(world, "reduced", "seat", "2024-09-10 start 20", "2024-10-01 cancel")
    world.discount("reduced-a", "10", customer_id="reduced", sku="seat", description="Partner")
    world.discount("reduced-b", "10", customer_id="reduced", valid_from="2024-09-20", valid_to="2024-10-06")
    _told(world, "reduced-whole", "seat", "2024-09-01 start 20", "2024-09-16 change 30")
    world.discount("reduced-whole", "10", kind="volume", customer_id="reduced-whole", min_spend="100")


def _refunds(world: World) -> None:
    """Discounts on the whole month, half of the units given back in the next one."""
    world.product("office", "15", name="Office")
    for customer in ("paid-less", "paid-less-dollars"):
        product = "dollars" if customer.endswith("dollars") else "office"
        _told(world, customer, product, "2024-09-10 start 20", "2024-10-01 change 10")
        _told(world, customer, "first-of-month", "2024-09-01 start")
        world.discount(f"{customer}-tenure", "10", kind="relationship", customer_id=customer)
        world.discount(f"{customer}-line", "20", customer_id=customer, sku=product)


def _one_offs(world: World) -> None:
    world.product(
        "setup", "250", charge_type="one_off", name="Setup", unit_cost="100", tax_category="reduced"
    )
    world.customer("buys")
    world.subscription("buys", "buys", "setup", "2024-09-30 start 3")
    world.tables["subscriptions"][-1]["description"] = "Berlin office"
    world.subscription("buys-again", "buys", "setup", "2024-09-30 start 1 199.999")


def _whole_cycles(world: World) -> None:
    for timing in ("advance", "arrears"):
        world.product(f"whole-{timing}", "30", timing=timing, proration="none", alignment="calendar")
        events = ("2024-09-20 start 2", "2024-10-10 change 3", "2024-12-20 cancel")
        _told(world, f"whole-{timing}", f"whole-{timing}", *events)


def _vendors(world: World) -> None:
    world.book("pass")
    world.rule("pass", "pass", "cost_plus", basis="billed", percent="0")
    world.customer("cloud", "pass")
    world.charge("cloud", "2024-09-02", "100")
    world.subscription("cloud", "cloud", "first-of-month", "2024-09-01 start")
    world.discount("cloud", "10", kind="relationship", customer_id="cloud")
