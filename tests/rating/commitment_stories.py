"""One customer per story about commitments, caps, adjustments and prepaid balances, told by the test of that name."""

from __future__ import annotations

from typing import Any

from harness import World

BOOK = "pass-through"


def tell(world: World) -> None:
    """Add every story's customers, contracts and vendor rows."""
    world.book(BOOK)
    world.rule("pass", BOOK, "cost_plus", basis="billed", percent="0", pass_credits="true")
    world.tables["tax_categories"].append({"tax_category": "reduced", "service": "Books"})
    world.tables["tax_rates"].append({"country": "DE", "tax_category": "services", "rate": "10", "code": "S"})
    for base, rate in (("USD", "1.25"), ("JPY", "160")):
        world.fx("2024-08-30", "EUR", base, rate)
        world.fx("2024-07-31", "EUR", base, "2")
    for story in (_months, _currencies, _years, _caps, _adjustments, _prepaid):
        story(world)


def spender(world: World, customer: str, *spend: tuple[str, str], **terms: Any) -> None:
    """Add a customer with a contract of these terms that spends amounts on days."""
    world.customer(customer)
    world.terms(customer, BOOK, **terms)
    for number, (day, cost) in enumerate(spend):
        world.charge(customer, day, cost, ResourceId=f"vm-{number}")


def monthly(amount: str, **terms: Any) -> dict[str, Any]:
    """Terms of a monthly minimum, from September on."""
    minimum = {"minimum_commitment": amount, "commitment_interval": "month"}
    return {**minimum, "valid_from": "2024-09-01", **terms}


def yearly(amount: str, start: str, end: str = "") -> dict[str, Any]:
    """Terms of a yearly minimum."""
    terms = {"minimum_commitment": amount, "commitment_interval": "year"}
    return {**terms, "valid_from": start, "valid_to": end}


def _months(world: World) -> None:
    spender(world, "short", ("2024-09-02", "700"), **monthly("1000"))
    spender(world, "exact", ("2024-09-02", "1000"), **monthly("1000"))
    spender(world, "above", ("2024-09-02", "1200.01"), **monthly("1000"))
    spender(world, "idle", **monthly("100"))
    spender(world, "refunded", ("2024-09-02", "-50"), **monthly("1000"))
    spender(world, "discounted", ("2024-09-02", "1000"), **monthly("950"))
    world.discount("discounted", "10", customer_id="discounted")
    world.discount("discounted-more", "10", kind="relationship", customer_id="discounted")
    spender(world, "partial", ("2024-09-20", "200"), **monthly("1000", valid_from="2024-09-16"))
    spender(world, "third", **monthly("1000", valid_to="2024-09-11"))
    spender(
        world,
        "oracle",
        ("2024-08-20", "2.00"),
        **monthly("10.00", valid_from="2024-08-17", valid_to="2024-09-01"),
    )
    spender(world, "renewed", ("2024-09-02", "100"), **monthly("300", valid_to="2024-09-11"))
    world.terms("renewed", BOOK, "-new", **monthly("600", valid_from="2024-09-11"))
    spender(world, "crumbs", **monthly("1"))
    for service in ("A", "B", "C"):
        world.charge("crumbs", "2024-09-02", "0.334", ServiceName=service)
    world.book("hourly")
    world.rule("two-an-hour", "hourly", "unit_price", unit_price="2", unit="Hours")
    for customer, hours, minimum in (
        ("g13-above", "700", monthly("1000")),
        ("g13-below", "300", monthly("1000")),
        ("g13-free", "300", {}),
    ):
        world.customer(customer)
        world.terms(customer, "hourly", **minimum)
        world.charge(customer, "2024-09-02", "1", PricingQuantity=hours)


def _currencies(world: World) -> None:
    spender(world, "dollars", ("2024-09-02", "700"), **monthly("1000", commitment_currency="USD"))
    spender(world, "half-dollars", **monthly("1000", commitment_currency="USD", valid_from="2024-09-16"))
    spender(world, "kronor", ("2024-09-02", "700"), **monthly("1000", commitment_currency="SEK"))
    world.customer("japanese", country="JP", currency="JPY")
    world.terms("japanese", BOOK, **monthly("1000.4"))


def _years(world: World) -> None:
    spender(world, "year", ("2024-08-02", "1000"), ("2024-09-02", "700"), **yearly("12000", "2022-10-01"))
    spender(world, "running", ("2024-09-02", "700"), **yearly("12000", "2023-10-02"))
    spender(world, "met", ("2024-08-02", "6000"), ("2024-09-02", "6000"), **yearly("12000", "2023-10-01"))
    ended = yearly("12000", "2024-04-01", "2024-10-01")
    spender(world, "ended", ("2024-09-02", "700"), **ended)
    mid = (("2024-08-02", "1000"), ("2024-09-05", "100"), ("2024-09-20", "50"))
    spender(world, "mid-month", *mid, **yearly("12000", "2023-09-11"))
    spender(world, "leap-day", **yearly("366", "2024-02-29", "2024-09-01"))
    capped = yearly("1000", "2023-10-01") | {"spend_cap": "100"}
    spender(world, "capped-year", ("2024-08-02", "300"), ("2024-09-02", "300"), **capped)


def _caps(world: World) -> None:
    spender(world, "below-cap", ("2024-09-02", "1000"), spend_cap="1000")
    spender(world, "capped", ("2024-09-02", "1000"), spend_cap="1000")
    world.charge("capped", "2024-09-03", "250", ServiceName="Books")
    spender(world, "odd-cap", ("2024-09-02", "10.01"), spend_cap="5")
    world.charge("odd-cap", "2024-09-03", "10.01", ServiceName="Books")
    spender(world, "cap-part", ("2024-09-20", "600"), spend_cap="1000", valid_from="2024-09-16")
    spender(world, "cap-shared", ("2024-09-20", "600"), spend_cap="100", valid_to="2024-09-16")
    world.terms("cap-shared", BOOK, "-open", valid_from="2024-09-16")
    spender(world, "nothing-more", ("2024-09-20", "600"), spend_cap="0")
    spender(world, "cap-refund", ("2024-09-02", "100"), spend_cap="50")
    world.charge("cap-refund", "2024-09-03", "-20", ServiceName="Books")


def _adjustments(world: World) -> None:
    spender(world, "adjusted", ("2024-09-02", "700"), **monthly("1000", spend_cap="1000"))
    world.adjustment("Goodwill", "adjusted", "2024-09-17", "-100", cost="1.5")
    world.adjustment("Set-up", "adjusted", "2024-09-17", "500.005", tax_category="services")
    world.discount("adjusted", "50", kind="promotion", customer_id="adjusted")
    world.customer("only-adjusted", BOOK)
    world.adjustment("Apology", "only-adjusted", "2024-09-30", "-12.34")
    world.customer("dollar-adjusted", BOOK)
    world.adjustment("Consulting", "dollar-adjusted", "2024-09-10", "100", currency="USD", cost="50")
    world.customer("krona-adjusted", BOOK)
    world.adjustment("Resa", "krona-adjusted", "2024-09-10", "100", currency="SEK")


def _prepaid(world: World) -> None:
    spender(world, "prepaid", ("2024-08-02", "100"), ("2024-09-02", "200"), payment_scheme="prepaid")
    world.top_up("prepaid", "2024-07-15", "50", expires="2024-08-31", reference="expired")
    world.top_up("prepaid", "2024-09-15", "100", reference="late")
    world.top_up("prepaid", "2024-08-15", "150", reference="first")
    spender(world, "no-balance", ("2024-09-02", "100"), payment_scheme="prepaid")
    spender(world, "plenty", ("2024-09-02", "100"), ("2024-10-02", "50"))
    world.top_up("plenty", "2024-09-30", "500")
    world.top_up("plenty", "2024-09-30", "1", reference="same day")
    world.top_up("plenty", "2024-10-01", "1000")
    world.customer("credited", BOOK)
    world.charge("credited", "2024-09-02", "-100")
    world.top_up("credited", "2024-09-01", "100")
