"""Other systems' known answers for prices by quantity, each rated by this project's own SQL (see tests/oracles)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import Warehouse, World

ORACLES = Path(__file__).parents[1] / "oracles"
OPERATIONS = {"rate_usage", "restate_usage", "count_packages", "restate_by_period", "rate_usage_per_account"}
ADOPTED = {
    "rounding.half_up",
    "rounding.nearest",
    "rounding.per_line",
    "rounding.cumulative_then_difference",
    "tier.upper_bound_inclusive",
    "tier.fractional_quantity_above_bound_goes_to_next",
    "package.partial_block_rounded_up",
    "package.free_units_deducted_before_ceiling",
    "commitment.minimum_prorated_by_days",
    "commitment.minimum_only_at_period_end",
    "discount.percentages_compound",
    "discount.targeted_first_then_general",
    "discount.never_negative",
    "discount.before_tax_pro_rata",
    "discount.allocation_pro_rata_on_remaining",
}
MODELS = {"unit": "unit_price", "graduated": "graduated", "volume": "volume", "package": "package"}
NO_BLOCKS = "tiers of packages: a tier has a price per unit only"
NO_PERCENTAGE = "tiers and fees on an amount: cost_plus has one percentage for all of it"
NO_USE = (
    "a rule's minimum needs a matching charge in the period (R5); without any, a contract's commitment is due"
)

#: Binding cases without a counterpart, by the start of their id, and why.
WITHOUT_COUNTERPART = {
    "killbill-graduated-tiers": NO_BLOCKS,
    "killbill-volume-tiers": NO_BLOCKS,
    "killbill-restatement": NO_BLOCKS,
    "killbill-rounding": "bills one period several times: here a period is rounded once, when it is invoiced",
    "lago-percentage": NO_PERCENTAGE,
    "meteroid-maximum-spend": "a bound on one tier: a rule is bounded as a whole",
    "openmeter-percentage-001": "a multiplier of an amount with more decimals than a percentage has",
    "openmeter-percentage-discount": "corrections of issued periods are ledger rows, not rating",
    "openmeter-flat-fee": "a flat fee without use; a flat price needs a matching charge in the period",
    "openmeter-maximum-spend-005": "a bound over several billings of one period: a period is invoiced once",
    "openmeter-maximum-spend-007": "a bound over several billings of one period: a period is invoiced once",
    "openmeter-minimum-spend-001": NO_USE,
    "openmeter-minimum-spend-002": NO_USE,
    "openmeter-minimum-spend-007": NO_USE,
    "openmeter-package-004": "packages of a period billed in parts: covered by the restatement cases",
    "openmeter-prepaid-credit": "credits are drawn from the document, after tax (R7)",
    "openmeter-unit-conversion": "quantities are priced in the vendor's unit; none is converted",
    "openmeter-restatement-018": "the minimum is due only in the second run: a draft shows it at once",
}

Case = dict[str, Any]


def binding_cases() -> Iterator[Case]:
    """Every case of these operations whose conventions this project adopts."""
    for path in sorted(ORACLES.glob("*.yaml")):
        found = yaml.safe_load(path.read_text("utf-8"))
        for case in found if isinstance(found, list) else found.get("cases", []):
            convention = case["convention"]
            binds = convention["independent"] or set(convention["depends_on"]) <= ADOPTED
            if binds and case["operation"] in OPERATIONS:
                yield case


def reason_without(case: Case) -> str | None:
    """Why a case has no counterpart; None when it has one."""
    return next((why for start, why in WITHOUT_COUNTERPART.items() if case["id"].startswith(start)), None)


CASES = list(binding_cases())
RATED = [case for case in CASES if reason_without(case) is None]


def steps(case: Case) -> list[tuple[Decimal, Decimal | None]]:
    """Cumulative quantities of a case's runs, and the whole amount after each."""
    inputs, expected = case["inputs"], case["expected"]
    if case["operation"] == "restate_usage":
        deltas = list(map(Decimal, expected["deltas"]))
        quantities = map(Decimal, inputs["cumulative_quantities"])
        return [(quantity, sum(deltas[: run + 1], Decimal(0))) for run, quantity in enumerate(quantities)]
    amount = expected["amount"] if "amount" in expected else expected["packages"]
    return [(Decimal(inputs["quantity"]), Decimal(amount))]


def price(case: Case) -> Case:
    """A case's price; packages are counted by a price of 1."""
    if case["operation"] == "count_packages":
        return {"model": "package", "package_amount": "1", **case["inputs"]}
    return case["inputs"].get("price", case["inputs"])


def tell(world: World) -> None:
    """One book per case and one customer per run of it, each in one charge and once more in two."""
    for case in RATED:
        asked = price(case)
        book = world.book(case["id"])
        columns = {"minimum": asked.get("minimum", ""), "maximum": asked.get("maximum", "")}
        if asked["model"] == "unit":
            columns["unit_price"] = asked["unit_amount"]
        if asked["model"] == "package":
            columns["unit_price"] = asked["package_amount"]
            columns["package_size"] = asked["package_size"]
            columns["included_quantity"] = asked.get("free_units", "")
        world.rule(book, book, MODELS[asked["model"]], unit="Hours", **columns)
        for up_to, unit_price, fee in tiers(asked):
            world.tier(book, up_to, unit_price, flat_fee=fee)
        for run, (quantity, _) in enumerate(steps(case)):
            world.customer(f"{case['id']}.{run}", book)
            third = (quantity * Decimal("0.3")).quantize(Decimal("0.000001"))
            for day, part in enumerate((third, quantity - third), start=1):
                world.charge(f"{case['id']}.{run}", f"2024-09-{day:02}", "1", PricingQuantity=str(part))


def tiers(asked: Case) -> Iterator[tuple[str, str, str]]:
    """A case's tiers; a last one with a bound is followed by an open one that no case reaches."""
    given = asked.get("tiers", [])
    for tier in given:
        # Some sources give a tier a fee only, others a price only.
        yield tier["up_to"] or "", tier.get("unit_amount") or "0", tier.get("flat_amount") or ""
    if given and given[-1]["up_to"] is not None:
        yield "", "999999", ""


@pytest.fixture(scope="session")
def oracles(build_once: Callable[[str, Callable[[Warehouse], None]], Warehouse]) -> Warehouse:
    """All cases, rated in one build."""

    def run(built: Warehouse) -> None:
        world = World()
        tell(world)
        built.rate(world)

    return build_once("oracle-prices", run)


@pytest.mark.parametrize("case", RATED, ids=lambda case: str(case["id"]))
def test_a_binding_case_has_the_known_answer(oracles: Warehouse, case: Case):
    found = [oracles.revenue(f"{case['id']}.{run}") for run, _ in enumerate(steps(case))]
    assert found == [amount for _, amount in steps(case)]


def test_every_case_without_a_counterpart_is_one_and_enough_are_rated():
    unused = [start for start in WITHOUT_COUNTERPART if not any(c["id"].startswith(start) for c in CASES)]
    assert unused == []
    assert len(RATED) >= 40
