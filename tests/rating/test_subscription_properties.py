"""What must hold for any subscription: every day is billed once, at its final state, by its part of its cycle."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal, localcontext

from compiled import Memory, Project
from generated import decimals, examples
from harness import World
from hypothesis import given
from hypothesis import strategies as st

TODAY = dt.date(2025, 3, 5)
FIRST = dt.date(2023, 12, 25)
TINY = Decimal("1e-12")


@dataclass(frozen=True)
class State:
    """From a day on, so many units at a price."""

    day: int
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True)
class Subscribed:
    """A subscription: its cycles, and its states by days after its start; the last one ends it."""

    starts: int
    interval: str
    alignment: str
    billing_day: int
    states: tuple[State, ...]
    lasts: int

    @property
    def start(self) -> dt.date:
        return FIRST + dt.timedelta(self.starts)

    @property
    def end(self) -> dt.date:
        return self.start + dt.timedelta(self.lasts)

    def on(self, day: int) -> dt.date:
        return self.start + dt.timedelta(day)


quantities = st.one_of(st.integers(0, 5).map(Decimal), decimals(0, 20, 3))
changes = st.lists(
    st.builds(State, day=st.integers(1, 90), quantity=quantities, price=decimals(0, 40, 4)), max_size=3
)


@st.composite
def subscriptions(draw: st.DrawFn) -> Subscribed:
    """Months from any day, the 29th to 31st and leap day often; years too."""
    first = State(0, draw(quantities), draw(decimals(0, 40, 4)))
    later = {change.day: change for change in draw(changes)}
    lasts = draw(st.one_of(st.integers(0, 3), st.integers(4, 100)))
    return Subscribed(
        starts=draw(st.one_of(st.integers(34, 38), st.integers(0, 300))),
        interval=draw(st.sampled_from(["month", "month", "year"])),
        alignment=draw(st.sampled_from(["anniversary", "calendar"])),
        billing_day=draw(st.one_of(st.just(31), st.integers(1, 31))),
        states=(first, *(later[day] for day in sorted(later) if day < lasts)),
        lasts=lasts,
    )


books = st.lists(subscriptions(), min_size=1, max_size=6)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of another month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def cycle_days(subscribed: Subscribed, day: dt.date) -> int:
    """The length of the cycle that a day lies in."""
    first = subscribed.start
    if subscribed.alignment == "calendar":
        first = dt.date(subscribed.start.year - 1, 1, subscribed.billing_day)
    months = 12 if subscribed.interval == "year" else 1
    starts = [months_later(first, months * number) for number in range(50)]
    start = max(each for each in starts if each <= day)
    return (min(each for each in starts if each > day) - start).days


def expected_total(subscribed: Subscribed) -> Decimal:
    """Every day from the start to the cancel, at the last state that began on or before it."""
    total = Decimal(0)
    for number in range(subscribed.lasts):
        state = [each for each in subscribed.states if each.day <= number][-1]
        total += state.quantity * state.price / cycle_days(subscribed, subscribed.on(number))
    return total


def tell(
    world: World, customer: str, subscribed: Subscribed, timing: str, *, hesitates: bool = False
) -> None:
    """A subscription; who hesitates says something else first on each day that has an event."""
    world.customer(customer, billing_day=str(subscribed.billing_day))
    kinds = {"interval": subscribed.interval, "alignment": subscribed.alignment, "timing": timing}
    world.product(customer, "1", cancellable_anytime="true", **kinds)
    events = []
    for state in subscribed.states:
        said = "start" if state.day == 0 else "change"
        if hesitates:
            events.append(f"{subscribed.on(state.day)} {said} {state.quantity + 3:f} {state.price + 7:f}")
            said = "change"
        events.append(f"{subscribed.on(state.day)} {said} {state.quantity:f} {state.price:f}")
    world.subscription(customer, customer, customer, *events, f"{subscribed.end} cancel")


def totals(memory: Memory) -> dict[str, Decimal]:
    """Each customer's exact amount over all billing periods."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in memory.rows(
        "select customer_id, sum(revenue) as total from marts.fct_rated_charge group by all"
    ):
        found[row["customer_id"]] = row["total"]
    return found


@examples
@given(book=books)
def test_every_day_is_billed_once_for_its_part_of_its_cycle_however_and_whenever_it_is_paid(
    project: Project, book: list[Subscribed]
):
    world = World()
    for number, subscribed in enumerate(book):
        tell(world, f"arrears{number}", subscribed, "arrears")
        tell(world, f"advance{number}", subscribed, "advance")
        tell(world, f"hesitant{number}", subscribed, "advance", hesitates=True)
    memory = Memory(project, TODAY).rate(world)
    found = totals(memory)
    for number, subscribed in enumerate(book):
        with localcontext(prec=60):
            expected = expected_total(subscribed)
        # One rounding per piece, and a piece per state and cycle, charged and given back.
        slack = TINY * 2 * (len(subscribed.states) + 2) * 4
        for way in ("arrears", "advance", "hesitant"):
            assert abs(found[f"{way}{number}"] - expected) <= slack, (way, subscribed)
        assert found[f"hesitant{number}"] == found[f"advance{number}"]
    days_make_their_pieces(memory)


def days_make_their_pieces(memory: Memory) -> None:
    """A piece's days sum exactly to its line, and its line is half a cent off at most."""
    assert not memory.rows(
        "select line_id from marts.fct_invoice_line as line inner join "
        "(select line_id, sum(revenue) as revenue from marts.fct_rated_charge group by all) using (line_id) "
        "where revenue <> exact_amount or abs(amount - exact_amount) > 0.005"
    )


@examples
@given(book=books, cuts=st.lists(st.integers(0, 100), min_size=6, max_size=6))
def test_a_subscription_that_another_continues_costs_what_one_would_have_cost(
    project: Project, book: list[Subscribed], cuts: list[int]
):
    """Who leaves on a day and comes back on it pays every day once; who leaves on the first day pays nothing."""
    world, parts = World(), {}
    for number, (drawn, cut) in enumerate(zip(book, cuts, strict=False)):
        first = drawn.states[0]
        whole = Subscribed(
            drawn.starts, drawn.interval, "calendar", drawn.billing_day, (first,), max(drawn.lasts, 1)
        )
        left = min(cut, whole.lasts)
        before = Subscribed(whole.starts, whole.interval, "calendar", whole.billing_day, (first,), left)
        after = Subscribed(
            whole.starts + left, whole.interval, "calendar", whole.billing_day, (first,), whole.lasts - left
        )
        for name, subscribed in (("whole", whole), ("before", before), ("after", after)):
            tell(world, f"{name}{number}", subscribed, "advance")
        parts[number] = left
    found = totals(Memory(project, TODAY).rate(world))
    for number, left in parts.items():
        both = found[f"before{number}"] + found[f"after{number}"]
        assert abs(found[f"whole{number}"] - both) <= TINY * 24
        assert left or found[f"before{number}"] == 0
