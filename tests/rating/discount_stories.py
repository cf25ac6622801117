"""One customer per story about discounts on a whole period; `test_discount_stories.py` says what must come out."""

from __future__ import annotations

from typing import Any

from harness import World

KINDS = ("bundle", "volume", "relationship", "promotion")


def tell(world: World) -> None:
    """Add every story's customers, prices, discounts and vendor rows."""
    plain = world.book("pass-through")
    world.rule("pass", plain, "cost_plus", basis="billed", percent="0", pass_credits="true")
    for story in (_order, _bundles, _groups, _tenures, _promotions, _scopes, _exact):
        story(world)


def _customer(world: World, customer: str, spend: dict[str, str], **values: Any) -> None:
    world.customer(customer, "pass-through", **values)
    for service, cost in spend.items():
        world.charge(customer, "2024-09-02", cost, ServiceName=service)


def _discount(world: World, customer: str, kind: str, percent: str, name: str = "", **values: Any) -> None:
    world.discount(f"{customer}-{kind}{name}", percent, kind=kind, customer_id=customer, **values)


def _order(world: World) -> None:
    _customer(world, "order", {"Compute": "100", "Storage": "100"})
    _discount(world, "order", "promotion", "50", max_amount="5", description="Autumn offer")
    _discount(world, "order", "relationship", "2", description="Partner since 2019")
    _discount(world, "order", "volume", "5", min_spend="100", description="Volume")
    _discount(world, "order", "bundle", "10", min_services="2", description="AWS bundle")
    _discount(world, "order", "line", "10", service="Compute", description="Compute")

    _customer(world, "twice", {"Compute": "100"})
    _discount(world, "twice", "relationship", "10", "-a")
    _discount(world, "twice", "relationship", "10", "-b")


def _bundles(world: World) -> None:
    two = {"Compute": "100", "Storage": "40"}
    _customer(world, "each-missed", two)
    _discount(world, "each-missed", "bundle", "10", min_services="2", min_spend="50", min_spend_scope="each")
    _customer(world, "each-met", two)
    _discount(world, "each-met", "bundle", "10", min_services="2", min_spend="40", min_spend_scope="each")
    _customer(world, "all-met", two)
    _discount(world, "all-met", "bundle", "10", min_services="2", min_spend="140", min_spend_scope="all")
    _customer(world, "all-missed", two)
    _discount(
        world, "all-missed", "bundle", "10", min_services="2", min_spend="140.01", min_spend_scope="all"
    )
    _customer(world, "two-vendors", {"Compute": "100"})
    world.charge("two-vendors", "2024-09-02", "70", ServiceName="Storage", ProviderName="Google Cloud")
    world.charge("two-vendors", "2024-09-02", "30", ServiceName="Maps", ProviderName="Google Cloud")
    _discount(world, "two-vendors", "bundle", "10", min_services="2")


def _groups(world: World) -> None:
    _customer(world, "bands", {"Compute": "1000"})
    for least, percent in (("100", "2"), ("1000", "5"), ("1000.01", "8")):
        _discount(world, "bands", "volume", percent, f"-{least}", min_spend=least, discount_group="bands")
    _customer(world, "net-of-lines", {"Compute": "1000"})
    _discount(world, "net-of-lines", "line", "1")
    for least, percent in (("100", "2"), ("1000", "5")):
        _discount(world, "net-of-lines", "volume", percent, f"-{least}", min_spend=least, discount_group="n")
    _customer(world, "either", {"Compute": "100"})
    _discount(world, "either", "relationship", "5", discount_group="either")
    _discount(world, "either", "promotion", "50", discount_group="either")


def _tenures(world: World) -> None:
    for customer, since in (("since-met", "2023-09-30"), ("since-missed", "2023-10-01")):
        _customer(world, customer, {"Compute": "100"}, since=since)
        _discount(world, customer, "relationship", "3", min_tenure_months="12")
    _customer(world, "month-end", {"Compute": "100"}, since="2024-08-31")
    _discount(world, "month-end", "relationship", "3", min_tenure_months="1")
    _customer(world, "by-contract", {"Compute": "100"})
    world.tables["contracts"][-1]["valid_from"] = "2022-09-30"
    _discount(world, "by-contract", "relationship", "3", min_tenure_months="24")
    _customer(world, "other-contract", {"Compute": "100"})
    world.discount("other-contract", "9", kind="relationship", contract_id="by-contract-contract")


def _promotions(world: World) -> None:
    world.customer("three-periods", "pass-through")
    for period in ("2024-08", "2024-09", "2024-10"):
        world.charge("three-periods", f"{period}-02", "100")
    _discount(world, "three-periods", "promotion", "10", max_periods="2")
    _customer(world, "ended", {"Compute": "100"})
    _discount(world, "ended", "promotion", "10", valid_to="2024-09-30")
    _customer(world, "last-day", {"Compute": "100"})
    _discount(world, "last-day", "promotion", "10", valid_from="2024-09-30", valid_to="2024-10-01")


def _scopes(world: World) -> None:
    _customer(world, "negative", {"Compute": "-100", "Storage": "40"})
    for kind in KINDS:
        _discount(world, "negative", kind, "10")
    _customer(world, "refund-inside", {"Compute": "100", "Storage": "-40"})
    _discount(world, "refund-inside", "relationship", "10")
    _customer(world, "named", {"Compute": "100", "Storage": "50"})
    _discount(world, "named", "promotion", "10", service="Storage")
    _customer(world, "taxes", {"Compute": "10.01", "Books": "10.02"})
    world.tables["tax_categories"].append({"tax_category": "reduced", "service": "Books"})
    _discount(world, "taxes", "promotion", "50", max_amount="3.33")
    _customer(world, "japanese", {"Compute": "1000", "Storage": "333"}, currency="JPY", country="JP")
    world.fx("2024-08-30", "EUR", "JPY", "160")
    _discount(world, "japanese", "volume", "1.5")


def _exact(world: World) -> None:
    _customer(world, "nothing-left", dict.fromkeys(("A", "B", "C", "D"), "0.004"))
    _discount(world, "nothing-left", "relationship", "100")
    world.customer("pennies", "pass-through")
    for number in range(7):
        world.charge("pennies", f"2024-09-{number + 1:02}", "0.333333333333", ResourceId=f"vm-{number}")
    _discount(world, "pennies", "volume", "33.333333")
    _discount(world, "pennies", "promotion", "50", max_amount="0.1")
