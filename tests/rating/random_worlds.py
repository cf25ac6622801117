"""Random customers of one fixed seed, each told several times over in a way that must not matter."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from harness import World

CUSTOMERS = range(10)
VARIANTS = ("whole", "split", "shuffled")
SHARES = {"a": "33.333333", "b": "17.000001", "c": "49.666666"}
COSTS = ("ListCost", "ContractedCost", "BilledCost", "EffectiveCost")
SERVICES = ("Compute", "Listed", "Units", "Free units", "Flat", "Graduated", "Volume", "Package", "Bounded")
TINY = Decimal("1e-12")

Row = dict[str, Any]


def tell(world: World) -> None:
    """Add the customers; their ids are ``<variant>-<number>``, ``refunded-<number>`` and ``share-<letter>``."""
    generator = random.Random(2024)
    _book(world)
    for number in CUSTOMERS:
        rows = [_row(generator) for _ in range(generator.randint(3, 25))]
        _tell(world, f"whole-{number}", rows)
        _tell(world, f"split-{number}", [part for row in rows for part in _halves(row, generator)])
        _tell(world, f"shuffled-{number}", generator.sample(rows, len(rows)))
        _tell(world, f"refunded-{number}", rows + [_refund(row) for row in rows])
    for letter, share in SHARES.items():
        world.customer(f"share-{letter}", "random")
        world.account("shared", f"share-{letter}", share=share)
    for row in (_row(generator) for _ in range(60)):
        _charge(world, "shared", row)


def _book(world: World) -> None:
    book = world.book("random")
    world.rule("random-plus", book, "cost_plus", basis="effective", percent="12.345678", pass_credits="true")
    world.rule("random-list", book, "list_minus", percent="7.654321", service="Listed")
    world.rule("random-unit", book, "unit_price", unit_price="0.0371", unit="Hours", service="Units")
    world.rule(
        "random-free",
        book,
        "unit_price",
        unit_price="1.17",
        unit="Hours",
        included_quantity="50.5",
        service="Free units",
    )
    for model in ("graduated", "volume"):
        world.rule(f"random-{model}", book, model, unit="Hours", service=model.capitalize())
        for up_to, price, fee in (("10.5", "1.0371", "3"), ("60", "0.33", ""), ("", "0.271828", "7.77")):
            world.tier(f"random-{model}", up_to, price, flat_fee=fee)
    world.rule(
        "random-package",
        book,
        "package",
        unit_price="4.1",
        unit="Hours",
        package_size="7.25",
        included_quantity="3",
        service="Package",
    )
    world.rule(
        "random-bounded",
        book,
        "list_minus",
        percent="11.1",
        minimum="33.33",
        maximum="200",
        service="Bounded",
    )
    world.rule("random-flat", book, "flat", unit_price="99.99", service="Flat")
    customers = [f"{variant}-{number}" for variant in (*VARIANTS, "refunded") for number in CUSTOMERS]
    for customer in (*customers, *(f"share-{letter}" for letter in SHARES)):
        for percent, service in (("12.5", ""), ("33.333333", "Listed"), ("100", "Units"), ("3", "Units")):
            world.discount(f"{customer}-{percent}", percent, customer_id=customer, service=service)


def _row(generator: random.Random) -> Row:
    def amount(most: int, decimals: int) -> Decimal:
        sign = -1 if generator.random() < 0.25 else 1
        return sign * Decimal(generator.randint(0, most * 10**decimals)).scaleb(-decimals)

    return {
        "day": f"2024-09-{generator.randint(1, 30):02}",
        "ServiceName": generator.choice(SERVICES),
        "SkuId": generator.choice(["x", "y", "z"]),
        "ResourceId": f"vm-{generator.randint(1, 1000)}",
        "ChargeCategory": generator.choices(["Usage", "Purchase", "Credit", "Tax"], [10, 2, 1, 1])[0],
        "PricingQuantity": amount(40, 6),
        **{cost: amount(300, generator.choice([2, 12])) for cost in COSTS},
    }


def _halves(row: Row, generator: random.Random) -> list[Row]:
    first = {
        name: (row[name] * generator.randint(0, 100)).scaleb(-2).quantize(TINY)
        for name in (*COSTS, "PricingQuantity")
    }
    return [row | first, row | {name: row[name] - value for name, value in first.items()}]


def _refund(row: Row) -> Row:
    return row | {name: -row[name] for name in (*COSTS, "PricingQuantity")}


def _tell(world: World, customer: str, rows: list[Row]) -> None:
    world.customer(customer, "random")
    for row in rows:
        _charge(world, customer, row)


def _charge(world: World, account: str, row: Row) -> None:
    columns = {name: value for name, value in row.items() if name != "day"}
    world.charge(account, row["day"], "0", **columns)
