"""Other systems' known answers for cycles, part cycles and changes, each billed by this project's own SQL.

A case that gives days without dates, or a period that is no cycle of ours, is placed on a cycle of as many days.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from compiled import Memory, Project
from harness import Row, World
from oracle_cases import Case, cases_of, decimals, major, name_of

PRORATED = cases_of("prorate", "proration_factor", "count_days")
CHANGES = cases_of("plan_change")
CREDITED = cases_of("credit_note")
CYCLES = cases_of("count_billing_cycles")
DATES = cases_of(
    "calendar_anchor", "next_billing_date", "billing_period", "msft_monthly_term", "msft_cycle_days"
)
SEATS = cases_of("msft_seat_line", "msft_legacy_line")
CASES = [*PRORATED, *CHANGES, *CREDITED, *CYCLES, *DATES, *SEATS]
TODAY = dt.date(2026, 3, 5)

#: A month or year with a number of days; four weeks make the cycle of a week, which nothing here has.
CYCLE_OF_DAYS = {
    7: "2023-02",
    28: "2023-02",
    29: "2024-02",
    30: "2024-04",
    31: "2024-07",
    365: "2023",
    366: "2024",
}


@dataclass(frozen=True)
class Cycle:
    """One cycle of a case, and the day in it on which something happens."""

    start: dt.date
    end: dt.date
    day: dt.date
    scale: int = 1

    @property
    def interval(self) -> str:
        return "year" if (self.end - self.start).days > 31 else "month"


def months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def placed(days: int, offset: int) -> Cycle:
    """A cycle of so many days in which the day after ``offset`` days is the first of a later month."""
    scale = 4 if days == 7 else 1
    year, _, month = CYCLE_OF_DAYS[days].partition("-")
    if not month:
        start = dt.date(int(year), 1, 1)
        return Cycle(start, months_later(start, 12), start + dt.timedelta(offset))
    length = days * scale
    first = length + 1 - offset * scale if 0 < offset * scale <= length else 1
    start = dt.date(int(year), int(month), first)
    return Cycle(start, months_later(start, 1), start + dt.timedelta(offset * scale), scale)


def cycle_of(inputs: Case, day: str) -> Cycle:
    """The cycle of a case as its dates say, or one of as many days."""
    start, end, at = (
        dt.date.fromisoformat(inputs[name]) for name in ("period_start", "period_end_exclusive", day)
    )
    if end in {months_later(start, 1), months_later(start, 12)}:
        return Cycle(start, end, at)
    return placed((end - start).days, (at - start).days)


def buyer(world: World, case: Case, cycle: Cycle, **values: Any) -> str:
    """A case's customer, whose cycles begin on the day of the case's."""
    if (percent := case["inputs"].get("tax_percent")) and not any(
        row["tax_category"] == percent for row in world.tables["tax_rates"]
    ):
        world.tables["tax_rates"].append({"country": "DE", "tax_category": percent, "rate": percent})
    currency = "JPY" if case["inputs"].get("currency") == "JPY" else "EUR"
    if not any(row["customer_id"] == case["id"] for row in world.tables["customers"]):
        world.customer(case["id"], billing_day=str(cycle.start.day), currency=currency, **values)
    return case["id"]


def sell(world: World, case: Case, cycle: Cycle, price: Decimal | str, *events: str, **values: Any) -> None:
    """A product of the case, subscribed until the cycle ends at the latest."""
    customer = buyer(world, case, cycle)
    product = f"{customer} {len(world.tables['products'])}"
    currency = next(row["currency"] for row in world.tables["customers"] if row["customer_id"] == customer)
    terms = {"interval": cycle.interval, "alignment": "calendar", "currency": currency}
    world.product(product, f"{Decimal(price):f}", **{
        **terms, "tax_category": case["inputs"].get("tax_percent", ""), **values,
    })  # fmt: skip
    last = () if " cancel" in events[-1] else (f"{cycle.end} cancel",)
    world.subscription(product, customer, product, *events, *last)


def amount_of(inputs: Case, name: str = "amount") -> Decimal:
    return major(inputs[f"{name}_minor"]) if f"{name}_minor" in inputs else Decimal(inputs[name])


def tell_prorated(world: World, case: Case) -> None:
    """In arrears only what was used is billed; where the case credits the rest, it was paid in advance."""
    inputs = case["inputs"]
    if case["operation"] == "count_days":
        events = (f"{inputs['start']} start", f"{inputs['end_exclusive']} cancel")
        sell(world, case, placed(31, 0), "31", *events, timing="arrears", alignment="anniversary")
        return
    cycle, events = served(inputs)
    price = amount_of(inputs) if case["operation"] == "prorate" else "31"
    timing = "advance" if "credit" in case["expected"] else "arrears"
    sell(world, case, cycle, price, *events, timing=timing)


def served(inputs: Case) -> tuple[Cycle, tuple[str, str]]:
    """The cycle of a case, and the events of who used a part of it: its first days, its last days, or none."""
    if "days" in inputs:
        cycle = placed(int(inputs["period_days"]), int(inputs["days"]))
        return cycle, (f"{cycle.start} start", f"{cycle.day} cancel")
    if inputs.get("service_start", inputs["period_start"]) == inputs["period_start"]:
        cycle = cycle_of(inputs, "service_end_exclusive")
        return cycle, (f"{cycle.start} start", f"{cycle.day} cancel")
    cycle = cycle_of(inputs, "service_start")
    end = max(cycle.end, cycle.day + dt.timedelta(1))
    return cycle, (f"{cycle.day} start", f"{end} cancel")


def tell_change(world: World, case: Case) -> None:
    """The old terms were paid in advance; the change comes in a later month, so on a document of its own."""
    inputs = case["inputs"]
    if "one_time" in inputs:
        tell_one_time(world, case)
    elif "old_amount_minor" in inputs:
        tell_replaced(world, case)
    else:
        tell_changed_terms(world, case)


def tell_one_time(world: World, case: Case) -> None:
    cycle, (price, quantity) = placed(30, 0), case["inputs"]["one_time"]
    world.product(case["id"], price, charge_type="one_off")
    world.subscription(case["id"], buyer(world, case, cycle), case["id"], f"{cycle.day} start {quantity}")


def tell_replaced(world: World, case: Case) -> None:
    """One plan ends, another begins: by two customers, so that the credit has a document of its own."""
    inputs = case["inputs"]
    days = int(inputs.get("old_period_days") or inputs["period_days"])
    unused = int(inputs.get("old_unused_days") or inputs["days_remaining_including_change_day"])
    old = placed(days, days - unused)
    sell(world, case, old, amount_of(inputs, "old_amount"), f"{old.start} start", f"{old.day} cancel")
    days = int(inputs.get("new_period_days", days))
    new = placed(days, days - int(inputs.get("new_days", unused)))
    other = {**case, "id": f"{case['id']}.new"}
    sell(world, other, new, amount_of(inputs, "new_amount"), f"{new.day} start")


def tell_changed_terms(world: World, case: Case) -> None:
    inputs = case["inputs"]
    cycle = cycle_of(inputs, "change_date")
    if cycle.day.month == cycle.start.month:
        cycle = placed((cycle.end - cycle.start).days, (cycle.day - cycle.start).days)
    old, new = inputs["old_amount"], inputs["new_amount"]
    change = (f"{cycle.day} change 1 {new}",) if cycle.day < cycle.end else ()
    sell(world, case, cycle, old, f"{cycle.start} start", *change)
    for price in inputs.get("added", []):
        sell(world, case, cycle, price, f"{cycle.day} start")
    for price in inputs.get("removed", []):
        sell(world, case, cycle, price, f"{cycle.start} start", f"{cycle.day} cancel")


def tell_credited(world: World, case: Case) -> None:
    inputs = case["inputs"]
    days = int(inputs["period_days"])
    cycle = placed(days, days - int(inputs["unused_days"]))
    sell(world, case, cycle, amount_of(inputs), f"{cycle.start} start", f"{cycle.day} cancel")


def tell_cycles(world: World, case: Case) -> None:
    inputs = case["inputs"]
    start = dt.date.fromisoformat(inputs["start"])
    assert int(inputs["bill_cycle_day"]) == start.day
    last = (
        inputs["end_exclusive"]
        or f"{months_later(dt.date.fromisoformat(inputs['billed_through_target']), 2)}"
    )
    cycle = Cycle(start, months_later(start, 1), start)
    sell(world, case, cycle, "1", f"{start} start", f"{last} cancel", alignment="anniversary")


def tell_dates(world: World, case: Case) -> None:
    """Cycles long enough to hold the date that is asked for, counted from the case's own day."""
    inputs = case["inputs"]
    names = ("start", "anchor", "order_date")
    given = next((inputs[name] for name in names if name in inputs), None) or inputs["cycle_starts"][0]
    start = dt.date.fromisoformat(given)
    months = 12 if inputs.get("interval") == "year" else 1
    cycle = Cycle(start.replace(day=1), months_later(start.replace(day=1), months), start)
    alignment = "calendar" if case["operation"] == "calendar_anchor" else "anniversary"
    end = months_later(start, 15)
    sell(world, case, cycle, "31", f"{start} start", f"{end} cancel", alignment=alignment, timing="arrears")


def tell_seats(world: World, case: Case) -> None:
    inputs = case["inputs"]
    days = int(inputs.get("charge_cycle_days") or inputs["period_days"])
    cycle = placed(days, 0)
    sell(world, case, cycle, inputs["unit_price"], f"{cycle.start} start {inputs['quantity']}")


TELLERS: list[tuple[list[Case], Callable[[World, Case], None]]] = [
    (PRORATED, tell_prorated),
    (CHANGES, tell_change),
    (CREDITED, tell_credited),
    (CYCLES, tell_cycles),
    (DATES, tell_dates),
    (SEATS, tell_seats),
]


@dataclass(frozen=True)
class Bills:
    """What every case's customer is billed, in all periods."""

    memory: Memory

    def lines(self, customer: str) -> list[Row]:
        return self.memory.rows(
            "select * from marts.fct_invoice_line where customer_id = ? order by charge_period_start, line_number",
            customer,
        )

    def documents(self, customer: str) -> list[Row]:
        return self.memory.rows(
            "select * from marts.fct_invoice where customer_id = ? order by billing_period", customer
        )

    def net(self, customer: str) -> Decimal:
        return sum((line["amount"] for line in self.lines(customer)), Decimal(0))

    def cycles(self, customer: str) -> list[tuple[dt.date, dt.date]]:
        return [(line["charge_period_start"], line["charge_period_end"]) for line in self.lines(customer)]


@pytest.fixture(scope="session")
def bills(project: Project) -> Bills:
    """All cases, billed together."""
    world = World()
    world.fx("2025-12-30", "EUR", "JPY", "1")
    for cases, tell in TELLERS:
        for case in cases:
            tell(world, case)
    return Bills(Memory(project, TODAY).rate(world))


def compare(expected: Case, answers: Case) -> None:
    """All that a case expects, amounts in cents or as they are."""
    found = {name: answers[name.removesuffix("_minor")] for name in expected}

    def number(name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [number(name, each) for each in value]
        return major(value) if name.endswith("_minor") else Decimal(value)

    assert found == {name: number(name, value) for name, value in expected.items()}


def days_of(lines: list[Row], weeks: bool) -> tuple[Decimal, Decimal] | None:
    """The days printed on the first line: of a week they were told four times over."""
    found = re.search(r"(\d+) of (\d+) days", lines[0]["detail"] or "") if lines else None
    return (
        (Decimal(found[1]) / (4 if weeks else 1), Decimal(found[2]) / (4 if weeks else 1)) if found else None
    )


@pytest.mark.parametrize("case", PRORATED, ids=name_of)
def test_a_part_of_a_cycle_costs_what_is_known(bills: Bills, case: Case):
    inputs, expected, lines = case["inputs"], dict(case["expected"]), bills.lines(case["id"])
    if case["operation"] == "prorate" and inputs.get("service_start", "") > inputs.get(
        "service_end_exclusive", ""
    ):
        lines = [line for line in lines if str(line["charge_period_start"]) < inputs["period_end_exclusive"]]
    days = days_of(lines, weeks=expected.get("period_days") == "7")
    amounts = [line["amount"] for line in lines]
    answers: Case = {
        "amount": sum(amounts, Decimal(0)),
        "credit": sum((amount for amount in amounts if amount < 0), Decimal(0)),
        "total": sum((document["gross_amount"] for document in bills.documents(case["id"])), Decimal(0)),
        "days": days and days[0],
        "period_days": days and days[1],
    }
    if case["operation"] == "count_days":
        rated = "select count(distinct charge_day) from marts.fct_rated_charge where customer_id = ?"
        (answers["days"],) = bills.memory.values(rated, case["id"])
    if exact := expected.pop("amount_minor_exact", None):
        (line,) = lines
        assert line["exact_amount"].scaleb(2).normalize() == round(Decimal(exact), 10).normalize()
    compare(expected, answers)


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_a_change_in_a_cycle_credits_and_charges_what_is_known(bills: Bills, case: Case):
    first, *later = bills.documents(case["id"])
    documents = [first] if "one_time" in case["inputs"] else later
    months = [document["billing_period"] for document in documents]
    amounts = [line["amount"] for line in bills.lines(case["id"]) if line["billing_period"] in months]
    credit = sum((amount for amount in amounts if amount < 0), Decimal(0))
    new = bills.net(f"{case['id']}.new")
    answers = {
        "credit": -credit if "old_unused_days" in case["inputs"] else credit,
        "charge": sum((amount for amount in amounts if amount > 0), Decimal(0)),
        "net": sum(amounts, Decimal(0)),
        "account_credit": -sum(amounts, Decimal(0)),
        "new_charge": new,
        "new_charge_excl_tax": new,
        "credit_incl_tax": -sum((document["gross_amount"] for document in documents), Decimal(0)),
        "lines": sorted(amounts),
    }
    expected = dict(case["expected"])
    if "lines_minor" in expected:
        expected["lines_minor"] = sorted(expected["lines_minor"], key=Decimal)
    compare(expected, answers)


@pytest.mark.parametrize("case", CREDITED, ids=name_of)
def test_a_credit_note_for_unused_days_has_the_known_item_tax_and_total(bills: Bills, case: Case):
    invoice, note = bills.documents(case["id"])
    assert (invoice["document_type"], note["document_type"]) == ("invoice", "credit_note")
    compare(
        case["expected"],
        {
            "invoice_tax": invoice["tax_amount"],
            "item": -note["net_amount"],
            "tax": -note["tax_amount"],
            "total": -note["gross_amount"],
        },
    )


@pytest.mark.parametrize("case", CYCLES, ids=name_of)
def test_the_known_number_of_cycles_is_billed_in_advance(bills: Bills, case: Case):
    target = case["inputs"]["billed_through_target"]
    billed = [
        line["amount"] for line in bills.lines(case["id"]) if str(line["charge_period_start"]) <= target
    ]
    compare(case["expected"], {"cycles": sum(billed), "terms": [sum(billed)]})


def next_boundary(inputs: Case, cycles: list[tuple[dt.date, dt.date]]) -> Case:
    return {"next_boundary": str(cycles[0][1])}


def next_start(inputs: Case, cycles: list[tuple[dt.date, dt.date]]) -> Case:
    return {"next": min(str(start) for start, _ in cycles if str(start) > inputs["current_period_start"])}


def period_start(inputs: Case, cycles: list[tuple[dt.date, dt.date]]) -> Case:
    """In advance the cycle that begins on the day, in arrears the one that the day ends or lies in."""
    at = dt.date.fromisoformat(inputs["billing_at"])
    begins = inputs["pay_in_advance"]
    (found,) = [start for start, end in cycles if (start == at if begins else start < at <= end)]
    return {"period_start": str(found)}


def charge_end(inputs: Case, cycles: list[tuple[dt.date, dt.date]]) -> Case:
    return {"charge_end_inclusive": str(cycles[0][1] - dt.timedelta(1))}


def cycle_days(inputs: Case, cycles: list[tuple[dt.date, dt.date]]) -> Case:
    lengths = {str(start): (end - start).days for start, end in cycles}
    return {"charge_cycle_days": [str(lengths[start]) for start in inputs["cycle_starts"]]}


ANSWERS = {
    "calendar_anchor": next_boundary,
    "next_billing_date": next_start,
    "billing_period": period_start,
    "msft_monthly_term": charge_end,
    "msft_cycle_days": cycle_days,
}


@pytest.mark.parametrize("case", DATES, ids=name_of)
def test_cycles_begin_and_end_on_the_known_days(bills: Bills, case: Case):
    assert ANSWERS[case["operation"]](case["inputs"], bills.cycles(case["id"])) == case["expected"]


@pytest.mark.parametrize("case", SEATS, ids=name_of)
def test_seats_for_a_whole_cycle_cost_price_times_quantity(bills: Bills, case: Case):
    assert [bills.net(case["id"])] == decimals(case["expected"].values())
