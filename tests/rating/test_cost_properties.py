"""For any mapping of accounts and any history no cent is lost, and restating is rating from scratch."""

from __future__ import annotations

from decimal import Decimal

from compiled import Memory, Project
from generated import (
    Charge,
    Discount,
    Rule,
    books,
    charges,
    examples,
    few_examples,
    tell_book,
    tell_discount,
    tell_usage,
    terms,
    usages,
)
from harness import AUGUST, SEPTEMBER, World
from hypothesis import given
from hypothesis import strategies as st

ACCOUNTS = ("alone", "shared", "part", "moving", "own", "unknown", "no_contract", "no_rule", "no_rate")
PLACES = {"sold", "unpriced", "unallocated", "kept"}
MEASURES = ("quantity", "list_cost", "contracted_cost", "billed_cost", "effective_cost")
usage_by_account = st.dictionaries(st.sampled_from(ACCOUNTS), usages, min_size=1)
shares = st.lists(st.integers(1, 33_333_333), min_size=2, max_size=3).map(
    lambda parts: [Decimal(part).scaleb(-6) for part in parts]
)


def tell_accounts(world: World, parts: list[Decimal], moved: int) -> None:
    """Accounts of one customer, of several, of nobody, and of customers who cannot be billed."""
    world.sources = {"aws": ["own"]}
    for number, share in enumerate(parts):
        sharer = world.customer(f"sharer{number}", "book")
        world.account("part", sharer, share=f"{share:f}")
        whole = Decimal(100) - sum(parts[1:]) if number == 0 else share
        world.account("shared", sharer, share=f"{whole:f}")
    world.customer("alone", "book")
    world.account("moving", "alone", valid_to=f"2024-09-{moved:02}")
    world.account("moving", "sharer0", valid_from=f"2024-09-{moved:02}")
    world.customer("no_contract")
    world.customer("no_rule", world.book("empty"))
    world.customer("no_rate", "book", country="SE", currency="SEK")


@examples
@given(book=books, told=usage_by_account, parts=shares, moved=st.integers(2, 30))
def test_sold_unpriced_unallocated_and_kept_make_exactly_what_was_loaded(
    project: Project, book: tuple[Rule, ...], told: dict[str, list[Charge]], parts: list[Decimal], moved: int
):
    world = World()
    tell_book(world, book)
    tell_accounts(world, parts, moved)
    for account, rows in told.items():
        tell_usage(world, account, rows)
    memory = Memory(project).rate(world)
    loaded = sum((row.cost for rows in told.values() for row in rows), Decimal(0))
    places = memory.rows(
        "select disposition, sum(billed_cost) as cost from marts.fct_rated_charge group by disposition"
    )
    assert {row["disposition"] for row in places} <= PLACES
    assert sum((row["cost"] for row in places), Decimal(0)) == loaded
    assert [row["misplaced"] for row in memory.rows("from marts.fct_vendor_reconciliation")] == [0]
    parts_differ = " or ".join(f"sum(part.{name}) <> any_value(whole.{name})" for name in MEASURES)
    assert not memory.rows(
        "select charge_id from intermediate.int_charges__assigned as part "
        "inner join intermediate.int_charges__daily as whole using (charge_id) "
        f"group by charge_id having {parts_differ}"
    )
    assert not memory.rows(
        "from marts.fct_rated_charge where disposition <> 'sold' and (revenue <> 0 or amount_before_discount <> 0)"
    )


months = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.lists(charges, max_size=6), min_size=1)
BUILT = {
    "intermediate.int_rated": "customer_id, billing_period, charge_id, disposition",
    "intermediate.int_invoice__draft_lines": "customer_id, billing_period, line_number",
    "intermediate.int_invoice__draft_tax": "customer_id, billing_period, tax_rate",
    "intermediate.int_margin__daily": "all",
    "marts.fct_vendor_reconciliation": "all",
}


def world_of(
    book: tuple[Rule, ...], discounts: list[Discount], told: dict[str, dict[str, list[Charge]]]
) -> World:
    world = World()
    tell_book(world, book)
    for customer in ("a", "b", "c"):
        world.customer(customer, "book")
        for discount in discounts:
            tell_discount(world, customer, discount)
    for period, month in ((AUGUST, "2024-08"), (SEPTEMBER, "2024-09")):
        world.charges["aws", period] = []
        for customer, rows in told[month].items():
            tell_usage(world, customer, rows, month)
    return world


def built(memory: Memory, where: str = "true") -> dict[str, list[object]]:
    """Everything that a rating leaves, without the name of the delivery that it came from."""

    def columns(table: str) -> str:
        names = [row["column_name"] for row in memory.rows(f"describe {table}")]
        return ", ".join(name for name in names if name != "delivery_id")

    return {
        table: memory.rows(f"select {columns(table)} from {table} where {where} order by {order}")
        for table, order in BUILT.items()
    }


@few_examples
@given(
    book=books,
    discounts=terms,
    history=st.lists(st.fixed_dictionaries({"2024-08": months, "2024-09": months}), min_size=2, max_size=3),
    keeps=st.lists(st.sampled_from(["2024-08", "2024-09", ""]), min_size=2, max_size=2),
)
def test_rating_what_was_restated_is_rating_from_scratch(
    project: Project,
    book: tuple[Rule, ...],
    discounts: list[Discount],
    history: list[dict[str, dict[str, list[Charge]]]],
    keeps: list[str],
):
    for step, (before, kept) in enumerate(zip(history, keeps, strict=False), start=1):
        if kept and step < len(history):
            history[step] = {**history[step], kept: before[kept]}
    restated = Memory(project)
    for told in history:
        restated.rate(world_of(book, discounts, told))
    scratch = Memory(project).rate(world_of(book, discounts, history[-1]))
    assert built(restated) == built(scratch)


@few_examples
@given(book=books, discounts=terms, first=months, second=months, other=books)
def test_what_was_issued_never_moves_whatever_is_restated_or_repriced(
    project: Project,
    book: tuple[Rule, ...],
    discounts: list[Discount],
    first: dict[str, list[Charge]],
    second: dict[str, list[Charge]],
    other: tuple[Rule, ...],
):
    august = {"2024-08": first}
    memory = Memory(project).rate(world_of(book, discounts, {**august, "2024-09": first}))
    if not _issue_september(memory):
        return

    def issued() -> list[object]:
        tables = ("ledger.document", "ledger.document_line", "ledger.rated_charge")
        return [memory.rows(f"from {table} order by all") for table in tables]

    before = issued()
    memory.rate(world_of(other, [], {**august, "2024-09": second}))
    assert issued() == before


@few_examples
@given(book=books, discounts=terms, first=months, second=months)
def test_an_invoice_and_its_correction_come_to_what_one_invoice_would_have_billed(
    project: Project,
    book: tuple[Rule, ...],
    discounts: list[Discount],
    first: dict[str, list[Charge]],
    second: dict[str, list[Charge]],
):
    """R9.3: should minus billed, whatever a vendor restates; a month that cannot be priced whole is left as it is."""
    august = {"2024-08": first}
    memory = Memory(project).rate(world_of(book, discounts, {**august, "2024-09": first}))
    if not _issue_september(memory):
        return
    invoiced = _billed(memory)
    restated = world_of(book, discounts, {**august, "2024-09": second})
    memory.rate(restated)
    clean = Memory(project).rate(restated)
    unpriced = clean.rows("select 1 from marts.fct_unpriced_charge where customer_id = 'a'")
    assert _billed(memory) == (invoiced if unpriced else _billed(clean))


def _issue_september(memory: Memory) -> bool:
    """Issue customer a's September, if it has one."""
    drafts = memory.values("select customer_id from marts.fct_invoice where billing_period = ?", SEPTEMBER)
    if "a" in drafts:
        memory.issue("INV-1", "a")
    return "a" in drafts


def _billed(memory: Memory) -> Decimal:
    """What all documents and drafts bill customer a for September."""
    found = memory.values(
        "select coalesce(sum(amount), 0) from marts.fct_invoice_line "
        "where used_by_customer_id = 'a' and used_in_period = ?",
        SEPTEMBER,
    )
    return Decimal(found[0])
