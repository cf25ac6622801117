"""Other systems' known answers for prices by quantity, each rated by this project's own SQL (see tests/oracles)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from compiled import Memory, Project
from harness import World
from oracle_cases import OF_CONTRACTS, Case, cases_of, decimals, name_of

OPEN_TIER = ("", "999999", "")
ONE = {"model": "unit", "unit_amount": "1"}


@dataclass(frozen=True)
class Meter:
    """A price, and what was used of it when each run of one billing period was rated (cumulative)."""

    price: Case
    runs: list[Decimal]


@dataclass
class Run:
    """What the rating of one run came to."""

    amount: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)
    bound: Decimal = Decimal(0)
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rounded(self) -> Decimal:
        return sum((line["amount"] for line in self.lines), Decimal(0))

    @property
    def rounded_bound(self) -> Decimal:
        return self.bound.quantize(Decimal("0.01"), ROUND_HALF_UP)

    @property
    def printed_quantity(self) -> Decimal:
        return sum((line["quantity"] for line in self.lines), Decimal(0))


def in_steps(price: Case, quantity: str, previous: str = "0") -> list[Meter]:
    """A quantity that comes after another one of the same period, which was rated before."""
    runs = [Decimal(previous), Decimal(previous) + Decimal(quantity)]
    return [Meter(price, runs if Decimal(previous) else runs[1:])]


def rate_usage(inputs: Case) -> list[Meter]:
    if inputs["model"] == "sum":
        return [meter for part in inputs["parts"] for meter in rate_usage(part)]
    if inputs["model"] == "flat":
        return [Meter(inputs, [Decimal(1)])]
    used = next(inputs[name] for name in ("quantity", "base", "raw_quantity") if name in inputs)
    return in_steps(inputs, used, inputs.get("previous_quantity") or inputs.get("previous_base") or "0")


def restate_usage(inputs: Case) -> list[Meter]:
    if "periods" in inputs:
        price = {
            "model": "package",
            "package_size": inputs["block_size"],
            "package_amount": inputs["block_price"],
        }
        return [Meter(price, decimals(period["quantity"] for period in inputs["periods"]))]
    return [Meter(inputs["price"], decimals(inputs["cumulative_quantities"]))]


METERS: dict[str, Callable[[Case], list[Meter]]] = {
    "rate_usage": rate_usage,
    "restate_usage": restate_usage,
    "count_packages": lambda i: in_steps({"model": "package", "package_amount": "1", **i}, i["quantity"]),
    "convert_quantity": lambda i: in_steps(
        {"model": "package", "package_amount": "1", "package_size": i["factor"]}, i["quantity"]
    ),
    "usage_discount": lambda i: in_steps(
        {**ONE, "free_units": i["free_units"]}, i["quantity"], i["previous_quantity"]
    ),
    "usage_discount_sequence": lambda i: [
        Meter({**ONE, "free_units": i["free_units"]}, list(itertools.accumulate(decimals(i["quantities"]))))
    ],
    "cud_cores": lambda i: in_steps({**ONE, "free_units": i["committed"]}, i["used"]),
    "sud_incremental_rate": lambda i: in_steps(
        {"model": "percentage", "percent": i["percent_of_base"]}, i["base_rate"]
    ),
    "sud_effective_discount": lambda i: in_steps(
        {
            "model": "graduated_percentage",
            "tiers": [{"up_to": tier["to"], "percent": tier["percent_of_base"]} for tier in i["tiers"]],
        },
        i["percent_of_month_used"],
    ),
    "ri_fee": lambda i: in_steps({"model": "unit", "unit_amount": i["hourly_rate"]}, i["hours"]),
    "msft_seat_count": lambda i: [Meter(ONE, list(itertools.accumulate(decimals(i["changes"]))))],
}
CASES = [case for case in cases_of(*METERS) if case["id"] not in OF_CONTRACTS]


def rule_of(price: Case) -> tuple[str, dict[str, str]]:
    """The charge model and columns of price_rules.csv that say what a case's price says."""
    bounds = {name: price[name] for name in ("minimum", "maximum") if name in price}
    tiers = price.get("tiers", [])
    if len(tiers) == 1 and "cap" in tiers[0]:
        bounds["maximum"] = tiers[0]["cap"]
    free = {"included_quantity": price.get("free_units", ""), "unit": "Hours"}
    match price["model"]:
        case "unit" if "conversion" in price:  # a quantity divided and rounded up is a number of packages
            size = price["conversion"]["factor"]
            return "package", {"unit_price": price["unit_amount"], "package_size": size, "unit": "Hours"}
        case "unit":
            return "unit_price", {"unit_price": price["unit_amount"], **free, **bounds}
        case "package":
            columns = {"unit_price": price["package_amount"], "package_size": price["package_size"]}
            return "package", {**columns, **free, **bounds}
        case "flat":
            return "flat", {"unit_price": price["amount"]}
        case "percentage":
            return "cost_plus", {"basis": "billed", "percent": str(Decimal(price["percent"]) - 100)}
        case "multiplier":
            percent = (Decimal(price["multiplier"]) - 1) * 100
            return "cost_plus", {"basis": "billed", "percent": str(percent), **bounds}
        case tiered:
            return tiered.partition("_")[0], {"unit": "Hours", **bounds}


def tiers_of(price: Case) -> Iterator[tuple[str, str, str]]:
    """A price's tiers; a last one with a bound is followed by an open one that no case reaches."""
    bound = Decimal(0)
    for tier in price.get("tiers", []):
        if "block_size" in tier:  # blocks that the case's quantity fills whole
            bound += Decimal(tier["block_size"]) * Decimal(tier["max_blocks"])
            yield str(bound), str(Decimal(tier["block_price"]) / Decimal(tier["block_size"])), ""
            continue
        price_of_unit = tier.get("unit_amount") or str(Decimal(tier.get("percent", "0")) / 100)
        yield tier["up_to"] or "", price_of_unit, tier.get("flat_amount") or ""
    if price.get("tiers") and price["tiers"][-1].get("up_to", bound) is not None:
        yield OPEN_TIER


def tell(world: World, cases: list[Case]) -> None:
    """One book per case and one customer per run of it, each meter in two charges."""
    for case in cases:
        book = world.book(case["id"])
        meters = METERS[case["operation"]](case["inputs"])
        for number, meter in enumerate(meters):
            model, columns = rule_of(meter.price)
            rule = f"{book}.{number}"
            world.rule(rule, book, model, service=f"meter {number}", **columns)
            for up_to, unit_price, fee in tiers_of(meter.price):
                world.tier(rule, up_to, unit_price, flat_fee=fee)
        # A currency without decimals shows what a case shows in whole units.
        whole = case["inputs"].get("display_scale") == "0"
        for run in range(len(meters[0].runs)):
            customer = world.customer(f"{case['id']}.{run}", book, currency="JPY" if whole else "EUR")
            for number, meter in enumerate(meters):
                use(world, customer, f"meter {number}", meter.runs[run])


def use(world: World, customer: str, service: str, quantity: Decimal) -> None:
    third = (quantity * Decimal("0.3")).quantize(Decimal("0.000001"))
    for day, part in enumerate((third, quantity - third), start=1):
        columns = {"ServiceName": service, "PricingQuantity": str(part)}
        world.charge(customer, f"2024-09-{day:02}", str(part), **columns)


@pytest.fixture(scope="session")
def memory(project: Project) -> Memory:
    """All cases, rated together."""
    world = World()
    world.fx("2024-08-30", "EUR", "JPY", "1")
    tell(world, CASES)
    return Memory(project).rate(world)


@pytest.fixture(scope="session")
def runs(memory: Memory) -> dict[str, Run]:
    """What every customer's period came to."""
    found: dict[str, Run] = {}
    totals = "sum(revenue) as amount, sum(amount_before_discount) as gross"
    for row in memory.rows(f"select customer_id, {totals} from marts.fct_rated_charge group by all"):
        found[row["customer_id"]] = Run(row["amount"], row["gross"])
    bounds = "select customer_id, sum(difference) as bound from intermediate.int_rating__bounded group by all"
    for row in memory.rows(bounds):
        found[row["customer_id"]].bound = row["bound"]
    for row in memory.rows("select * from marts.fct_invoice_line order by line_number"):
        found[row["customer_id"]].lines.append(row)
    return found


@dataclass(frozen=True)
class Story:
    """A case, and what its runs came to."""

    inputs: Case
    told: list[Run]

    @property
    def rounds(self) -> bool:
        return "currency" in self.inputs or "display_scale" in self.inputs

    @property
    def amounts(self) -> list[Decimal]:
        return [run.rounded if self.rounds else run.amount for run in self.told]

    @property
    def deltas(self) -> list[Decimal]:
        """What each run adds to what the runs before it had booked."""
        billed = decimals(period["already_billed"] for period in self.inputs.get("periods", []))
        return [now - before for now, before in zip(self.amounts, billed or [0, *self.amounts], strict=False)]

    @property
    def amount(self) -> Decimal:
        return self.deltas[-1]

    @property
    def gross(self) -> Decimal:
        """Before a rule's minimum and maximum."""
        whole = [amount - run.rounded_bound for amount, run in zip(self.amounts, self.told, strict=True)]
        return whole[-1] - sum(whole[:-1], Decimal(0))

    @property
    def printed(self) -> Decimal:
        """The quantity on the invoice line: of packages their number."""
        printed = [run.printed_quantity for run in self.told]
        return printed[-1] - (printed[-2] if "previous_quantity" in self.inputs and len(printed) > 1 else 0)


ANSWERS: dict[str, Callable[[Story], Any]] = {
    **dict.fromkeys(
        ("amount", "incremental_rate", "fee", "on_demand", "billable_quantity"), lambda story: story.amount
    ),
    **dict.fromkeys(("gross", "usage_amount"), lambda story: story.gross),
    **dict.fromkeys(("packages", "quantity", "seats"), lambda story: story.printed),
    **dict.fromkeys(("deltas", "billable"), lambda story: story.deltas),
    "minimum_true_up": lambda story: max(story.told[-1].rounded_bound, Decimal(0)),
    "maximum_discount": lambda story: max(-story.told[-1].rounded_bound, Decimal(0)),
    "billable_previous": lambda story: story.deltas[0] if len(story.deltas) > 1 else Decimal(0),
    "covered": lambda story: Decimal(story.inputs["used"]) - story.amount,
    "discounted_quantity": lambda story: Decimal(story.inputs["quantity"]) - story.amount,
    "discounted": lambda story: [
        used - billable
        for used, billable in zip(decimals(story.inputs["quantities"]), story.deltas, strict=True)
    ],
    "effective_discount_percent": lambda story: (
        100 - 100 * story.amount / Decimal(story.inputs["percent_of_month_used"])
    ),
}
OTHER_TESTS = {"lines", "delta"}


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_binding_case_has_the_known_answer(runs: dict[str, Run], case: Case):
    steps = len(METERS[case["operation"]](case["inputs"])[0].runs)
    story = Story(case["inputs"], [runs[f"{case['id']}.{run}"] for run in range(steps)])
    expected = {
        name: decimals(value) if isinstance(value, list) else Decimal(value)
        for name, value in case["expected"].items()
        if name not in OTHER_TESTS
    }
    assert {name: ANSWERS[name](story) for name in expected} == expected


@pytest.mark.parametrize("case", [case for case in CASES if "lines" in case["expected"]], ids=name_of)
def test_the_printed_tiers_are_those_of_the_case(runs: dict[str, Run], case: Case):
    (line,) = runs[f"{case['id']}.0"].lines
    printed = line["detail"].removeprefix("tiers: ").split(" + ")
    found = [Decimal(units) * Decimal(price) for units, price in (part.split(" × ") for part in printed)]
    assert found == [Decimal(tier.get("amount") or tier["usage"]) for tier in case["expected"]["lines"]]


@pytest.mark.parametrize("case", [case for case in CASES if "delta" in case["expected"]], ids=name_of)
def test_of_an_issued_period_that_did_not_change_nothing_is_left_to_bill(project: Project, case: Case):
    world = World()
    tell(world, [case])
    customer = f"{case['id']}.0"
    memory = Memory(project).rate(world)
    memory.issue("INV-1", customer)
    world.charge("somebody-else", "2024-09-01", "1")
    memory.rate(world)
    billed = sum((line["amount"] for line in memory.lines(customer, status="issued")), Decimal(0))
    left = sum((line["amount"] for line in memory.lines(customer)), Decimal(0))
    assert (billed, left) == (
        Decimal(case["inputs"]["previously_billed"]),
        Decimal(case["expected"]["delta"]),
    )
