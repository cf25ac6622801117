"""Known cost columns of FOCUS and of vendors' documents: amounts are kept as delivered, and sold once, not twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from compiled import Memory, Project
from harness import Row, World
from oracle_cases import Case, cases_of, name_of

COST_COLUMNS = cases_of("cost_columns")
COMMITTED_HOURS = cases_of("savings_plan_hour", "cud_hour")
CASES = [*COST_COLUMNS, *COMMITTED_HOURS]

COLUMNS = ("ListCost", "ContractedCost", "BilledCost", "EffectiveCost")


def delivered(case: Case) -> list[Row]:
    """The rows of a case as its vendor delivers them, by FOCUS column."""
    if case["operation"] == "savings_plan_hour":
        return [{"ChargeCategory": "Usage", **costs("0", case["inputs"]["commitment_per_hour"])}]
    if case["operation"] == "cud_hour":
        used, expected = case["inputs"]["on_demand_usage"], case["expected"]
        fee, credit = expected["commitment_fee"], expected["credit"]
        return [
            {"ChargeCategory": "Purchase", **costs(fee, fee)},
            {"ChargeCategory": "Usage", **costs(used, used)},
            {"ChargeCategory": "Credit", **costs(credit, credit)},
        ]
    inputs, expected = case["inputs"], case["expected"]
    if "rows" in expected:
        return [row_of(row) for row in expected["rows"]]
    category = inputs.get("charge_category", "Usage")
    quantity = inputs.get("pricing_quantity") or inputs.get("quantity")
    return [row_of({"category": category, **expected}, quantity)]


def costs(billed: str, effective: str) -> Row:
    return dict(zip(COLUMNS, (billed, billed, billed, effective), strict=True))


def row_of(given: Case, quantity: str | None = None) -> Row:
    """One row; a column that the case does not state is 0, a list cost that it can be computed from is left out."""
    month, day, year = map(int, given.get("start", "4/1/25").split("/"))
    start = dt.date(2000 + year, month, day)
    row: Row = {name: given.get(name, "0") for name in COLUMNS}
    row |= {"ChargeCategory": given.get("category", "Usage"), "day": f"{start}"}
    if "status" in given:
        row |= {"CommitmentDiscountStatus": given["status"], "PricingCategory": given["PricingCategory"]}
    if quantity:
        row |= {"PricingQuantity": quantity, "ListCost": None}
    return row


def tell(world: World) -> None:
    """Each case twice: sold by what was billed, and by what was amortised."""
    for basis in ("billed", "effective"):
        world.book(basis)
        world.rule(basis, basis, "cost_plus", basis=basis, percent="0", pass_credits="true")
    for case in CASES:
        for basis in ("billed", "effective"):
            customer = world.customer(f"{case['id']}.{basis}", basis)
            for number, row in enumerate(delivered(case)):
                columns = {name: value for name, value in row.items() if name != "day"}
                extra = {"SkuId": case["id"], "ResourceId": f"r{number:02}"}
                world.charge(customer, row.get("day", "2025-04-01"), "0", **columns, **extra)
        if "list_unit_price" in case["inputs"] and "rows" not in case["expected"]:
            price = {"list_price": case["inputs"]["list_unit_price"], "currency": "EUR"}
            world.tables["price_list"].append({"vendor": "AWS", "sku": case["id"], "unit": "Hours", **price})


@pytest.fixture(scope="session")
def memory(project: Project) -> Memory:
    """All cases, rated together."""
    world = World()
    tell(world)
    return Memory(project).rate(world)


def kept(memory: Memory, case: Case) -> list[Row]:
    """The published cost rows of a case."""
    return memory.rows(
        f"select {', '.join(COLUMNS)} from marts.fct_cost_and_usage where x_customer_id = ? order by ResourceId",
        f"{case['id']}.billed",
    )


def stated(case: Case) -> Iterator[Row]:
    """The cost columns that a case states for each row."""
    for row in case["expected"].get("rows", [case["expected"]]):
        yield {name: Decimal(row[name]) for name in COLUMNS if name in row}


@pytest.mark.parametrize("case", COST_COLUMNS, ids=name_of)
def test_costs_are_published_as_delivered_and_list_cost_is_priced_where_it_lacks(memory: Memory, case: Case):
    found = kept(memory, case)
    expected = list(stated(case))
    assert [{n: row[n] for n in want} for row, want in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize(
    "case", [case for case in COST_COLUMNS if "sum_BilledCost" in case["expected"]], ids=name_of
)
def test_a_prepaid_term_is_sold_once_whether_by_what_was_billed_or_by_what_was_amortised(
    memory: Memory, case: Case
):
    for basis in ("billed", "effective"):
        sold = memory.values(
            "select sum(revenue) from marts.fct_rated_charge where customer_id = ?", f"{case['id']}.{basis}"
        )
        assert sold == [Decimal(case["expected"][f"sum_{basis.capitalize()}Cost"])]


TOTALS: dict[str, Callable[[Case], tuple[str, str]]] = {
    "savings_plan_hour": lambda case: ("effective", case["expected"]["hour_total"]),
    "cud_hour": lambda case: ("billed", case["expected"]["total"]),
}


@pytest.mark.parametrize("case", COMMITTED_HOURS, ids=name_of)
def test_a_commitments_owner_pays_the_commitment_and_not_its_usage_too(memory: Memory, case: Case):
    basis, total = TOTALS[case["operation"]](case)
    sold = memory.values(
        "select sum(revenue) from marts.fct_rated_charge where customer_id = ?", f"{case['id']}.{basis}"
    )
    assert sold == [Decimal(total)]
