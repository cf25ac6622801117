"""Random contracts, spending and top-ups, held against rule R7 written down once more in plain Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from commitment_stories import BOOK, monthly
from compiled import Memory, Project
from generated import examples, few_examples
from harness import AUGUST, OCTOBER, SEPTEMBER, World
from hypothesis import given
from hypothesis import strategies as st

CENT, TINY = Decimal("0.01"), Decimal("1e-12")
STANDARD, BOOKS = "Compute", "Books"
MONTHS = {AUGUST: 31, SEPTEMBER: 30}

amounts = st.decimals(0, 3000, places=2)
costs = st.decimals(-500, 3000, places=4)


@dataclass(frozen=True)
class Terms:
    """What a contract demands and allows, from a day on."""

    minimum: Decimal | None
    cap: Decimal | None


@dataclass(frozen=True)
class TopUp:
    """Money paid in on a day, that may expire some days later."""

    day: int
    amount: Decimal
    lasts: int | None

    @property
    def date(self) -> dt.date:
        return dt.date(2024, 7, 1) + dt.timedelta(days=self.day)

    @property
    def expires(self) -> dt.date | None:
        return None if self.lasts is None else self.date + dt.timedelta(days=self.lasts)


@dataclass(frozen=True)
class Customer:
    """Two contracts, the second from a day of September on, and what is spent per month and tax category."""

    first: Terms
    second: Terms
    change: dt.date
    spent: tuple[tuple[dt.date, str, Decimal], ...]
    top_ups: tuple[TopUp, ...]
    adjustment: Decimal


def _terms(minimum: Decimal | None, extra: Decimal | None) -> Terms:
    return Terms(minimum, None if extra is None else (minimum or Decimal(0)) + extra)


terms = st.builds(_terms, st.none() | amounts, st.none() | amounts)
customers = st.builds(
    Customer,
    first=terms,
    second=terms,
    change=st.integers(2, 30).map(lambda day: dt.date(2024, 9, day)),
    spent=st.lists(
        st.tuples(st.sampled_from(list(MONTHS)), st.sampled_from([STANDARD, BOOKS]), costs), max_size=5
    ).map(tuple),
    top_ups=st.lists(
        st.builds(
            TopUp,
            st.integers(0, 100),
            amounts.map(lambda amount: amount + CENT),
            st.none() | st.integers(1, 90),
        ),
        max_size=4,
    ).map(tuple),
    adjustment=st.just(Decimal(0)) | st.decimals(-100, 100, places=2),
)


def rated(amount: Decimal, to: Decimal = CENT) -> Decimal:
    return amount.quantize(to, ROUND_HALF_UP)


def share(amount: Decimal, days: int, of: int) -> Decimal:
    return rated(amount * days / of, TINY)


def in_force(customer: Customer, month: dt.date) -> list[tuple[Terms, int]]:
    if month == AUGUST:
        return [(customer.first, 31)]
    days = (customer.change - SEPTEMBER).days
    return [(customer.first, days), (customer.second, 30 - days)]


def expected_net(customer: Customer, month: dt.date) -> Decimal:
    """Rounded per line, cut at the cap, filled up to the minimum, adjustments on top."""
    services = {service for when, service, _ in customer.spent if when == month}
    lines = [
        rated(
            sum((cost for when, name, cost in customer.spent if (when, name) == (month, service)), Decimal(0))
        )
        for service in services
    ]
    net = sum(lines, Decimal(0))
    valid = in_force(customer, month)
    if all(term.cap is not None for term, _ in valid) and services:
        net = min(
            net,
            rated(
                sum((share(term.cap or Decimal(0), days, MONTHS[month]) for term, days in valid), Decimal(0))
            ),
        )
    minima = [share(term.minimum, days, MONTHS[month]) for term, days in valid if term.minimum is not None]
    if any(term.minimum for term, _ in valid):
        net = max(net, rated(sum(minima, Decimal(0))))
    return net + (customer.adjustment if month == SEPTEMBER else 0)


def expected_draws(
    top_ups: Sequence[TopUp], gross: dict[dt.date, Decimal]
) -> dict[dt.date, tuple[Decimal, Decimal]]:
    """What each month's document draws, and the balance that is left: the oldest money first."""
    left = {number: top_up.amount for number, top_up in enumerate(top_ups)}
    found = {}
    for month in sorted(gross):
        last = month + dt.timedelta(days={**MONTHS, OCTOBER: 31}[month] - 1)
        drawable = [
            number
            for number, top_up in sorted(enumerate(top_ups), key=lambda pair: (pair[1].date, pair[0]))
            if top_up.date <= last and (top_up.expires is None or last < top_up.expires)
        ]
        due = gross[month]
        for number in drawable:
            taken = max(min(left[number], due), Decimal(0))
            left[number] -= taken
            due -= taken
        found[month] = (gross[month] - due, sum((left[number] for number in drawable), Decimal(0)))
    return found


def tell(told: dict[str, Customer]) -> World:
    world = World()
    world.book(BOOK)
    world.rule("pass", BOOK, "cost_plus", basis="billed", percent="0")
    world.tables["tax_categories"].append({"tax_category": "reduced", "service": BOOKS})
    for name, customer in told.items():
        world.customer(name)
        change = str(customer.change)
        world.terms(name, BOOK, **_columns(customer.first, valid_from="2024-08-01", valid_to=change))
        world.terms(name, BOOK, "-new", **_columns(customer.second, valid_from=change, valid_to="2024-10-01"))
        for number, (month, service, cost) in enumerate(customer.spent):
            world.charge(name, str(month), str(cost), ServiceName=service, ResourceId=f"vm-{number}")
        for number, top_up in enumerate(customer.top_ups):
            expires = {"expires": str(top_up.expires)} if top_up.expires else {}
            world.top_up(name, str(top_up.date), str(top_up.amount), reference=str(number), **expires)
        if customer.adjustment:
            world.adjustment(f"of-{name}", name, "2024-09-15", str(customer.adjustment))
    for month in MONTHS:  # a month is known when anything is delivered for it
        world.customer(f"anchor-{month}", BOOK)
        world.charge(f"anchor-{month}", str(month), "1")
    return world


def _columns(term: Terms, **validity: str) -> dict[str, str]:
    minimum = {} if term.minimum is None else monthly(str(term.minimum))
    cap = {} if term.cap is None else {"spend_cap": str(term.cap)}
    return {**minimum, **cap, **validity}


def drafts(memory: Memory) -> dict[tuple[str, dt.date], dict[str, Decimal]]:
    rows = memory.rows(
        "select * from marts.fct_invoice where status = 'draft' and billing_period < ?", OCTOBER
    )
    return {(row["customer_id"], row["billing_period"]): row for row in rows}


@examples
@given(told=st.lists(customers, min_size=1, max_size=8))
def test_each_month_is_between_minimum_and_cap_and_top_ups_pay_the_oldest_first(
    project: Project, told: list[Customer]
):
    named = {f"c{number}": customer for number, customer in enumerate(told)}
    memory = Memory(project).rate(tell(named))
    found = drafts(memory)
    for name, customer in named.items():
        gross = {}
        for month in MONTHS:
            net = expected_net(customer, month)
            draft = found.get((name, month))
            assert (draft["net_amount"] if draft else Decimal(0)) == net, (name, month)
            if draft:
                gross[month] = draft["gross_amount"]
        for month, (drawn, balance) in expected_draws(customer.top_ups, gross).items():
            draft = found[name, month]
            assert (draft["prepaid_drawn"], draft["payable_amount"]) == (drawn, gross[month] - drawn)
            assert (draft["prepaid_balance"] or Decimal(0)) == balance


@few_examples
@given(told=st.lists(customers, min_size=1, max_size=5), issue_first=st.sampled_from(list(MONTHS)))
def test_issuing_a_month_changes_nothing_of_the_other(
    project: Project, told: list[Customer], issue_first: dt.date
):
    named = {f"c{number}": customer for number, customer in enumerate(told)}
    world = tell(named)
    memory = Memory(project).rate(world)
    before = drafts(memory)
    issued = [key for key in before if key[1] == issue_first]
    for number, (name, month) in enumerate(issued):
        memory.issue(f"INV-{number}", name, month)
    memory.connection.execute("update ops.built_period set fingerprint = ''")
    memory.rate(world)
    after = drafts(memory)
    if issue_first == AUGUST:
        assert after == {key: row for key, row in before.items() if key not in issued}
    else:  # an earlier month that is still open draws what the later, issued one has left, as it did before
        assert {key: row["payable_amount"] for key, row in after.items()} == {
            key: row["payable_amount"] for key, row in before.items() if key not in issued
        }
