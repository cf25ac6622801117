"""What must hold for any discounts on any spending: their order, their bounds, and that nothing turns negative."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal, localcontext

from compiled import Memory, Project
from expected_discounts import Place, expected_discounts
from generated import Charge, Discount, examples, spending, tell_spending, terms
from harness import World
from hypothesis import example, given
from hypothesis import strategies as st

#: Each discount is rounded at the twelfth decimal, charge by charge.
SLACK = Decimal("1e-9")
CENT = Decimal("0.01")
KINDS = ("line", "bundle", "volume", "relationship", "promotion")
CHARGED = "select customer_id, discount_id, amount as taken from intermediate.int_rated__discount"
PRINTED = (
    "select customer_id, discount_id, -exact_amount as taken from marts.fct_invoice_line "
    "where discount_id is not null"
)
customers = st.lists(
    st.tuples(st.lists(spending, min_size=1, max_size=10), terms.map(tuple)), min_size=1, max_size=6
)
Customers = list[tuple[list[Charge], tuple[Discount, ...]]]


def rate_spending(project: Project, told: dict[str, tuple[list[Charge], tuple[Discount, ...]]]) -> Memory:
    world = World()
    world.book("pass-through")
    world.rule("pass", "pass-through", "cost_plus", basis="billed", percent="0")
    for customer, (rows, discounts) in told.items():
        tell_spending(world, customer, rows, discounts)
    return Memory(project).rate(world)


def taken(memory: Memory, amounts: str) -> dict[str, dict[str, Decimal]]:
    """What each discount took, by customer and discount."""
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    summed = f"select customer_id, discount_id, sum(taken) as taken from ({amounts}) group by all"
    for row in memory.rows(f"{summed} having sum(taken) <> 0"):
        found[row["customer_id"]][row["discount_id"].split()[1]] = row["taken"]
    return found


def close(found: dict[str, Decimal], expected: dict[str, Decimal]) -> bool:
    names = found.keys() | expected.keys()
    return all(abs(found.get(name, Decimal(0)) - expected.get(name, Decimal(0))) < SLACK for name in names)


@examples
@given(customers=customers)
def test_every_discount_takes_what_the_rules_say_in_their_order_and_its_lines_say_the_same(
    project: Project, customers: Customers
):
    told = {f"c{number}": each for number, each in enumerate(customers)}
    memory = rate_spending(project, told)
    found, printed = taken(memory, CHARGED), taken(memory, PRINTED)
    assert printed == found
    for customer, (rows, discounts) in told.items():
        nets: dict[Place, Decimal] = defaultdict(Decimal)
        for row in rows:
            nets[row.resource, f"service {row.service}"] += row.cost
        with localcontext(prec=60):
            expected = expected_discounts(nets, discounts)
        assert close(found[customer], expected), (found[customer], expected)


def line_discount(name: str, percent: int) -> Discount:
    return Discount(name, "line", Decimal(percent), "", "", "", 1, Decimal(0), "each", None)


#: One cent, half of it given away and then the rest: 0.01 - 0.01 - 0.01 would be owed to the customer.
CRUMB = (
    [Charge(1, 0, "Vendor A", "Usage", Decimal(1), Decimal("0.0149"))],
    (line_discount("1", 50), line_discount("2", 100)),
)


@examples
@example(customers=[CRUMB])
@given(customers=customers)
def test_discounts_never_exceed_their_scope_and_never_make_it_negative(
    project: Project, customers: Customers
):
    memory = rate_spending(project, {f"c{number}": each for number, each in enumerate(customers)})
    charges_keep_their_sign(memory)
    lines_keep_their_sign(memory)
    documents_add_up(memory)


def charges_keep_their_sign(memory: Memory) -> None:
    discount = " + ".join(f"sum(discount_{kind})" for kind in KINDS)
    for row in memory.rows(
        f"select customer_id, line_id, sum(amount_before_discount) as amount, {discount} as taken, "
        "sum(revenue) as revenue from marts.fct_rated_charge where disposition = 'sold' group by all"
    ):
        assert 0 <= row["taken"] <= max(row["amount"], Decimal(0)) + SLACK, row
        assert row["revenue"] == row["amount"] - row["taken"]


def lines_keep_their_sign(memory: Memory) -> None:
    """The rounded discounts under a line leave nothing or more of it; a line is half a cent off at most."""
    for row in memory.rows(
        "select customer_id, coalesce(parent_line_id, line_id) as line, sum(amount) as left_over, "
        "sum(case when line_type <> 'discount' then amount end) as charged, "
        "sum(case when line_type <> 'discount' then exact_amount end) as exact from marts.fct_invoice_line "
        "where line_type <> 'discount' or discount_kind = 'line' group by all"
    ):
        assert min(row["charged"], Decimal(0)) <= row["left_over"] <= max(row["charged"], Decimal(0)), row
        assert abs(row["charged"] - row["exact"]) <= CENT / 2


def documents_add_up(memory: Memory) -> None:
    """Net is the sum of rounded lines and below zero by refunds only; tax is on the net, rounded once."""
    for row in memory.rows(
        "select invoice.customer_id, net_amount, tax_amount, gross_amount, sum(amount) as net, "
        "sum(case when line_type <> 'discount' and amount < 0 then amount else 0 end) as refunded "
        "from marts.fct_invoice as invoice inner join marts.fct_invoice_line using (customer_id) group by all"
    ):
        assert row["net_amount"] == row["net"] == round(row["net"], 2)
        assert row["net"] >= row["refunded"], row
        assert row["gross_amount"] == row["net"] + row["tax_amount"]
        assert row["tax_amount"] == (row["net"] * 19 / 100).quantize(CENT, ROUND_HALF_UP)


@examples
@given(customers=customers, data=st.data())
def test_splitting_and_shuffling_rows_changes_no_discount(
    project: Project, customers: Customers, data: st.DataObject
):
    told = {}
    for number, (rows, discounts) in enumerate(customers):
        percents = data.draw(st.lists(st.integers(0, 100), min_size=len(rows), max_size=len(rows)))
        parts = [part for row, percent in zip(rows, percents, strict=True) for part in row.split(percent)]
        told[f"whole{number}"] = (rows, discounts)
        told[f"other{number}"] = (data.draw(st.permutations(parts)), discounts)
    found = taken(rate_spending(project, told), CHARGED)
    for number in range(len(customers)):
        whole, other = found[f"whole{number}"], found[f"other{number}"]
        assert close(whole, other), (whole, other)
