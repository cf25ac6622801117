"""Other systems' known answers for discounts, rounding, tax and totals, each drafted by this project's SQL."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from compiled import Memory, Project
from harness import World
from oracle_cases import Case, cases_of, decimals, major, name_of

DISCOUNTS = cases_of("discount")
INVOICES = cases_of("invoice")
ROUNDS = cases_of("round")
ROUND_ORDERS = cases_of("round_order")
TOTALS = cases_of("einvoice_totals")
BY_PERIOD = cases_of("restate_by_period")
CASES = [*DISCOUNTS, *INVOICES, *ROUNDS, *ROUND_ORDERS, *TOTALS, *BY_PERIOD]

CURRENCY_OF_SCALE = {"0": "JPY", "2": "EUR", "3": "KWD"}
PERIODS = ("2024-07", "2024-08", "2024-09")


def tell(world: World) -> None:
    """One customer per case, sold at cost; a case's fees are its services."""
    plain = world.book("pass-through")
    world.rule("pass", plain, "cost_plus", basis="billed", percent="0")
    for currency in ("JPY", "KWD", "DKK"):
        for day in ("2024-06-28", "2024-07-31", "2024-08-30"):
            world.fx(day, "EUR", currency, "1")
    tellers: list[tuple[list[Case], Callable[[World, Case], None]]] = [
        (DISCOUNTS, tell_discount),
        (INVOICES, tell_invoice),
        (ROUNDS, tell_round),
        (ROUND_ORDERS, tell_round_order),
        (TOTALS, tell_totals),
        (BY_PERIOD, tell_by_period),
    ]
    for cases, tell_case in tellers:
        for case in cases:
            tell_case(world, case)


def customer(world: World, name: str, book: str = "pass-through", **values: Any) -> str:
    return world.customer(name, book, **values)


def fee(world: World, name: str, service: str, amount: Decimal | str, **columns: Any) -> None:
    world.charge(name, "2024-09-02", str(amount), ServiceName=f"{name} {service}", **columns)


def coupons(world: World, name: str, given: list[Case]) -> None:
    """A fixed discount is one of 100 % at most that much; those of one kind apply in the order of their names."""
    for number, coupon in enumerate(given):
        terms = {"percent": coupon.get("percent", "100")}
        if "amount_minor" in coupon:
            terms["max_amount"] = str(major(coupon["amount_minor"]))
        world.discount(f"{name} {number}", kind="promotion", customer_id=name, **terms)


def tell_discount(world: World, case: Case) -> None:
    name, inputs = customer(world, case["id"]), case["inputs"]
    for number, amount in enumerate(inputs["fees_minor"]):
        fee(world, name, str(number), major(amount))
    coupons(world, name, inputs.get("coupons_in_order") or inputs["coupons"])


def tax(world: World, name: str, service: str, percent: str, code: str = "") -> None:
    """Tax a case's service; one category per percentage."""
    category = f"{name} {Decimal(percent).normalize():f} {code}"
    world.tables["tax_categories"].append({"tax_category": category, "service": f"{name} {service}"})
    row = {"country": "DE", "tax_category": category, "rate": percent, "code": code}
    if row not in world.tables["tax_rates"]:
        world.tables["tax_rates"].append(row)


def tell_invoice(world: World, case: Case) -> None:
    name, inputs = customer(world, case["id"]), case["inputs"]
    for given in inputs["fees"]:
        fee(world, name, given["id"], major(given["amount_minor"]))
        tax(world, name, given["id"], given["tax_percent"])
        if "discount_minor" in given:
            own = {"percent": "100", "max_amount": str(major(given["discount_minor"]))}
            scope = {"service": f"{name} {given['id']}", "customer_id": name}
            world.discount(f"{name} {given['id']}", kind="promotion", **own, **scope)
    coupons(world, name, inputs.get("coupons_in_order", []))


def tell_round(world: World, case: Case) -> None:
    currency = CURRENCY_OF_SCALE[case["inputs"]["scale"]]
    name = customer(world, case["id"], currency=currency)
    fee(world, name, "one", case["inputs"]["value"], BillingCurrency=currency)


def tell_round_order(world: World, case: Case) -> None:
    """Charges of one line are added, then rounded; lines are rounded, then added."""
    for number, value in enumerate(case["inputs"]["values"]):
        for order, service in (("add_then_round", "one"), ("round_then_add", str(number))):
            name = f"{case['id']} {order}"
            if number == 0:
                customer(world, name.replace(" ", "."))
            fee(world, name.replace(" ", "."), service, value)


def tell_totals(world: World, case: Case) -> None:
    """Lines as they are; an allowance or charge on the whole document is a line of its own."""
    inputs = case["inputs"]
    name = customer(world, case["id"], currency=inputs["currency"])
    others = [
        {**other, "line_net": other["amount"] if other["charge"] else f"-{other['amount']}"}
        for other in inputs["document_allowances_charges"]
    ]
    if "prepaid" in inputs:
        world.top_up(name, "2024-09-01", inputs["prepaid"], inputs["currency"])
    for number, line in enumerate([*inputs["lines"], *others]):
        fee(world, name, str(number), line["line_net"], BillingCurrency=inputs["currency"])
        code = line["vat_category"] if line["vat_category"] in {"Z", "E"} else ""
        tax(world, name, str(number), line["vat_percent"], code)


def tell_by_period(world: World, case: Case) -> None:
    """One customer per run: each sees the usage of every period as it was known then."""
    inputs = case["inputs"]
    world.book(case["id"])
    world.rule(case["id"], case["id"], "unit_price", unit_price=inputs["price"]["unit_amount"], unit="Hours")
    for run, snapshot in enumerate(inputs["snapshots_cumulative_by_period"]):
        name = customer(world, f"{case['id']}.{run}", case["id"])
        world.discount(name, inputs["percent_discount"], customer_id=name)
        for period, used in zip(PERIODS, used_by_period(snapshot), strict=False):
            world.charge(name, f"{period}-02", "0", PricingQuantity=str(used))


def used_by_period(snapshot: list[str]) -> list[Decimal]:
    """Cumulative quantities as those of each period."""
    return [now - before for before, now in itertools.pairwise([Decimal(0), *decimals(snapshot)])]


@dataclass(frozen=True)
class Drafts:
    """The drafted documents of all cases."""

    memory: Memory

    def lines(self, name: str) -> dict[str, Decimal]:
        """A customer's lines by the case's name of the fee, discounts left out."""
        found: dict[str, Decimal] = {}
        for line in self.memory.lines(name):
            if line["line_type"] != "discount":
                found[line["service"].removeprefix(f"{name} ")] = line["amount"]
        return found

    def discounted(self, name: str) -> dict[str, Decimal]:
        """What discounts took off each fee."""
        columns = (
            "discount_line + discount_bundle + discount_volume + discount_relationship + discount_promotion"
        )
        rows = self.memory.rows(
            f"select service, sum({columns}) as taken from marts.fct_rated_charge where customer_id = ? group by all",
            name,
        )
        return {row["service"].removeprefix(f"{name} "): row["taken"] for row in rows}

    def discounts(self, name: str) -> list[Decimal]:
        """The amounts of a customer's discount lines, positive."""
        return [-line["amount"] for line in self.memory.lines(name) if line["line_type"] == "discount"]

    def taxes(self, name: str) -> dict[Decimal, tuple[Decimal, Decimal]]:
        """Taxable amount and tax by percentage."""
        rows = self.memory.rows(
            "select * from intermediate.int_invoice__draft_tax where customer_id = ?", name
        )
        return {row["tax_rate"]: (row["taxable_amount"], row["tax_amount"]) for row in rows}


@pytest.fixture(scope="session")
def drafts(project: Project) -> Drafts:
    """All cases, drafted together."""
    world = World()
    tell(world)
    return Drafts(Memory(project).rate(world))


@pytest.mark.parametrize("case", DISCOUNTS, ids=name_of)
def test_discounts_take_the_known_amounts(drafts: Drafts, case: Case):
    name, expected = case["id"], case["expected"]
    fees, taken = drafts.lines(name), drafts.discounted(name)
    answers: dict[str, Any] = {
        "discount_minor": sum(drafts.discounts(name)),
        "allocation_minor": [taken[fee] for fee in sorted(fees)],
        "taxable_minor": [fees[fee] - taken[fee] for fee in sorted(fees)],
        "subtotal_after_minor": drafts.memory.draft(name)["net_amount"],
        "coupons_used": Decimal(len(drafts.discounts(name))).scaleb(-2),
    }
    assert {key: answers[key] for key in expected} == in_major(expected)


def in_major(expected: Case) -> Case:
    """An expectation in cents as amounts."""
    return {
        key: [major(each) for each in value] if isinstance(value, list) else major(value)
        for key, value in expected.items()
    }


@pytest.mark.parametrize("case", INVOICES, ids=name_of)
def test_an_invoice_has_the_known_tax_and_totals(drafts: Drafts, case: Case):
    name, expected, draft = case["id"], case["expected"], drafts.memory.draft(case["id"])
    answers = {
        "subtotal_minor": draft["net_amount"],
        "tax_minor": draft["tax_amount"],
        "total_minor": draft["gross_amount"],
    }
    totals = {key: value for key, value in expected.items() if key in answers}
    assert {key: answers[key] for key in totals} == in_major(totals)
    if "coupon_allocation_minor" in expected:
        assert drafts.discounted(name) == in_major(expected["coupon_allocation_minor"])
    if "fee_tax_minor" in expected:
        # Tax is due per category, not per fee (R1.3): the fees of one percentage together.
        by_percent: dict[Decimal, Decimal] = defaultdict(Decimal)
        for given in case["inputs"]["fees"]:
            by_percent[Decimal(given["tax_percent"])] += major(expected["fee_tax_minor"][given["id"]])
        assert {percent: tax for percent, (_, tax) in drafts.taxes(name).items()} == by_percent


@pytest.mark.parametrize("case", ROUNDS, ids=name_of)
def test_a_line_is_rounded_as_known(drafts: Drafts, case: Case):
    assert drafts.lines(case["id"]) == {"one": Decimal(case["expected"]["value"])}


@pytest.mark.parametrize("case", ROUND_ORDERS, ids=name_of)
def test_charges_of_a_line_are_added_before_rounding_and_lines_after(drafts: Drafts, case: Case):
    found = {order: drafts.memory.draft(f"{case['id']}.{order}")["net_amount"] for order in case["expected"]}
    assert found == {order: Decimal(value) for order, value in case["expected"].items()}


@pytest.mark.parametrize("case", TOTALS, ids=name_of)
def test_a_documents_totals_and_vat_breakdown_are_the_official_ones(drafts: Drafts, case: Case):
    expected, draft = case["expected"], drafts.memory.draft(case["id"])
    breakdown = {
        Decimal(each["percent"]): (Decimal(each["taxable"]), Decimal(each["tax"]))
        for each in expected["vat_breakdown"]
    }
    assert drafts.taxes(case["id"]) == breakdown
    assert sum(drafts.lines(case["id"]).values()) == Decimal(expected["total_excl_vat"])
    totals = {
        "total_excl_vat": draft["net_amount"],
        "total_vat": draft["tax_amount"],
        "total_incl_vat": draft["gross_amount"],
        "payable": draft["payable_amount"],
    }
    assert totals == {name: Decimal(expected[name]) for name in totals}


@pytest.mark.parametrize("case", BY_PERIOD, ids=name_of)
def test_late_usage_is_rated_in_the_period_that_it_belongs_to(drafts: Drafts, case: Case):
    runs = []
    for run in range(len(case["inputs"]["snapshots_cumulative_by_period"])):
        rows = drafts.memory.rows(
            "select billing_period, sum(revenue) as revenue, sum(amount_before_discount) as gross, "
            "sum(discount_line) as discount from marts.fct_rated_charge where customer_id = ? group by all",
            f"{case['id']}.{run}",
        )
        runs.append({f"{row['billing_period']:%Y-%m}": row for row in rows})
    totals = [sum((row["revenue"] for row in run.values()), Decimal(0)) for run in runs]
    deltas = [now - before for before, now in itertools.pairwise([Decimal(0), *totals])]
    assert deltas == decimals(case["expected"]["run_totals"])
    for line in case["expected"]["run3_lines"]:
        period = PERIODS[int(line["corrects_period"]) - 1]
        added = {
            name: runs[2][period][name] - runs[1][period][name] for name in ("gross", "discount", "revenue")
        }
        assert added == {
            name: Decimal(line[theirs])
            for name, theirs in (("gross", "gross"), ("discount", "discount"), ("revenue", "net"))
        }
