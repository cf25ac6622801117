"""Documents over several months and customers, story by story: the world is told in `document_stories.py`."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import document_stories
import pytest
from compiled import Memory, Project
from document_stories import DECEMBER, JULY
from harness import AUGUST, OCTOBER, SEPTEMBER, Warehouse, World

from cspbill import warehouse
from cspbill.explain import explain_document, explain_line
from cspbill.pipeline import readiness
from invoices.issue import issue
from invoices.ledger import verify
from invoices.ties import draft_breaks
from invoices.void import void
from quality.identities import check_identities

DOCUMENTS = ("int_invoice__draft", "int_invoice__draft_lines", "int_invoice__draft_tax")


def told() -> World:
    """The world, new for every test that changes it."""
    world = World()
    document_stories.tell(world)
    return world


@pytest.fixture(scope="module")
def drafted(project: Project) -> Memory:
    """Every story rated once, nothing issued; only for tests that change nothing."""
    return Memory(project).rate(told())


@pytest.fixture
def fresh(project: Project) -> Memory:
    """Every story rated once, for a test of its own."""
    return Memory(project).rate(told())


def drafts(rated: Memory, customer: str) -> list[dt.date]:
    """The periods for which a customer has a draft."""
    return rated.values(
        "select billing_period from marts.fct_invoice where customer_id = ? and status = 'draft' order by all",
        customer,
    )


def used(lines: list[dict[str, Any]]) -> list[tuple[str, dt.date, Decimal]]:
    """Whose, which month's and how much each line is."""
    return [(line["used_by_customer_id"], line["used_in_period"], line["amount"]) for line in lines]


def test_a_quarter_is_one_document_whose_tax_is_rounded_once(drafted: Memory):
    draft = drafted.draft("quarter")
    assert drafts(drafted, "quarter") == [SEPTEMBER]
    assert (draft["period_start"], draft["period_end"]) == (JULY, OCTOBER)
    assert (draft["net_amount"], draft["tax_amount"]) == (Decimal("0.09"), Decimal("0.02"))
    by_month = [drafted.draft("months", period)["tax_amount"] for period in (JULY, AUGUST, SEPTEMBER)]
    assert by_month == [Decimal("0.01")] * 3


def test_a_quarters_lines_stay_lines_of_their_months(drafted: Memory):
    assert used(drafted.lines("quarter")) == [
        ("quarter", JULY, Decimal("0.03")),
        ("quarter", AUGUST, Decimal("0.03")),
        ("quarter", SEPTEMBER, Decimal("0.03")),
    ]
    assert len({line["line_id"] for line in drafted.lines("quarter")}) == 3


def test_discounts_of_a_quarter_are_earned_month_by_month(drafted: Memory):
    lines = drafted.lines("loyal")
    taken = [line for line in lines if line["line_type"] == "discount"]
    assert [(line["used_in_period"], line["detail"], line["amount"]) for line in taken] == [
        (AUGUST, "10 % of 300", Decimal("-30.00"))
    ]
    assert drafted.draft("loyal")["net_amount"] == Decimal("470.00")


def test_a_year_is_one_document_named_by_its_december(drafted: Memory):
    draft = drafted.draft("year", DECEMBER)
    assert drafts(drafted, "year") == [DECEMBER]
    assert (draft["period_start"], draft["period_end"]) == (dt.date(2024, 1, 1), dt.date(2025, 1, 1))
    assert draft["net_amount"] == Decimal("30.00")


def test_a_parent_pays_for_its_children_each_at_its_own_prices_and_discounts(drafted: Memory):
    found = [
        (line["used_by_customer_id"], line["service"], line["line_type"], line["amount"])
        for line in drafted.lines("holding")
    ]
    assert found == [
        ("holding", "Compute", "usage", Decimal("5.00")),
        ("north", "Compute", "usage", Decimal("110.00")),
        ("north", "Storage", "usage", Decimal("55.00")),
        ("north", None, "discount", Decimal("-16.50")),
        ("south", "Compute", "usage", Decimal("40.00")),
        ("south", "Compute", "discount", Decimal("-10.00")),
    ]
    assert [drafts(drafted, child) for child in ("north", "south")] == [[], []]


def test_the_parents_country_taxes_all_of_its_document(drafted: Memory):
    draft = drafted.draft("holding")
    assert {(line["tax_code"], line["tax_rate"]) for line in drafted.lines("holding")} == {("S", Decimal(19))}
    assert (draft["net_amount"], draft["tax_amount"]) == (Decimal("183.50"), Decimal("34.87"))
    assert draft["purchase_order"] == "PO-7"


def test_the_end_of_a_chain_of_parents_pays_by_its_own_frequency(drafted: Memory):
    assert used(drafted.lines("group")) == [("shop", AUGUST, Decimal("7.00"))]
    assert drafts(drafted, "region") == drafts(drafted, "shop") == []


def test_revenue_stays_with_the_customer_and_month_of_use(drafted: Memory):
    found = drafted.rows("""
        select customer_id, billing_period, sum(revenue) as revenue from marts.fct_margin_daily
        where customer_id in ('holding', 'north', 'quarter') group by all order by all""")
    assert [tuple(row.values()) for row in found] == [
        ("holding", SEPTEMBER, Decimal(5)),
        ("north", SEPTEMBER, Decimal("148.5")),
        ("quarter", JULY, Decimal("0.03")),
        ("quarter", AUGUST, Decimal("0.03")),
        ("quarter", SEPTEMBER, Decimal("0.03")),
    ]


def test_a_child_without_a_price_blocks_the_document_that_would_bill_it(drafted: Memory):
    assert drafted.draft("payer")["blocked_reason"] == "1 charges without a price (no contract on this day)"


def test_lines_and_charges_of_every_document_tie(drafted: Memory):
    payers = drafted.values("select distinct customer_id from marts.fct_invoice")
    for period in (JULY, AUGUST, SEPTEMBER, DECEMBER):
        assert draft_breaks(drafted.connection, period, payers) == {}


def test_a_restated_month_changes_its_quarter_as_if_rated_from_scratch(fresh: Memory, project: Project):
    restated = told()
    restated.charge("quarter", "2024-08-03", "12.345")
    restated.charge("north", "2024-08-03", "3")
    fresh.rate(restated)

    assert fresh.values("select billing_period from ops.dirty_period") == [AUGUST]
    scratch = Memory(project).rate(restated)
    for table in DOCUMENTS:
        query = f"from intermediate.{table} order by all"
        assert fresh.rows(query) == scratch.rows(query)
    assert fresh.draft("quarter")["net_amount"] == Decimal("12.44")
    assert used(fresh.lines("holding", AUGUST)) == [("north", AUGUST, Decimal("3.30"))]


def test_what_is_issued_is_closed_and_the_next_quarter_begins(fresh: Memory):
    fresh.issue("INV-1", "quarter")
    fresh.issue("INV-2", "holding")
    assert drafts(fresh, "quarter") == drafts(fresh, "holding") == []
    check_identities(fresh.connection)

    later = told()
    later.charge("quarter", "2024-10-02", "1")
    later.charge("quarter", "2024-08-03", "500")
    fresh.rate(later)
    assert drafts(fresh, "quarter") == [DECEMBER]
    # What comes late for August is a correction on the next quarter's document.
    assert used(fresh.lines("quarter", DECEMBER)) == [
        ("quarter", OCTOBER, Decimal("1.00")),
        ("quarter", AUGUST, Decimal("500.00")),
    ]
    assert fresh.draft("quarter", DECEMBER)["period_start"] == OCTOBER
    assert sum(line["amount"] for line in fresh.lines("quarter", status="issued")) == Decimal("0.09")


def test_a_month_after_an_early_invoice_gets_a_document_of_its_own(fresh: Memory):
    first = told()
    first.charge("quarter", "2024-10-02", "1")
    fresh.rate(first)
    fresh.issue("INV-1", "quarter", DECEMBER)
    second = copy.deepcopy(first)
    second.charge("quarter", "2024-11-02", "2")
    fresh.rate(second)

    draft = fresh.draft("quarter", DECEMBER)
    assert (draft["period_start"], draft["net_amount"]) == (dt.date(2024, 11, 1), Decimal("2.00"))
    fresh.issue("INV-2", "quarter", DECEMBER)
    assert drafts(fresh, "quarter") == [SEPTEMBER]
    check_identities(fresh.connection)


def test_a_customer_that_turns_to_quarters_is_billed_for_what_is_left_of_this_one(fresh: Memory):
    fresh.issue("INV-1", "months", JULY)
    turned = told()
    row = next(row for row in turned.tables["customers"] if row["customer_id"] == "months")
    row["billing_frequency"] = "quarterly"
    fresh.rate(turned)
    draft = fresh.draft("months")
    assert (draft["period_start"], draft["net_amount"]) == (AUGUST, Decimal("0.06"))
    assert drafts(fresh, "months") == [SEPTEMBER]


def test_a_customer_that_leaves_its_parent_leaves_nothing_on_its_document(fresh: Memory):
    parted = told()
    row = next(row for row in parted.tables["customers"] if row["customer_id"] == "south")
    row["parent_customer_id"] = ""
    fresh.rate(parted)
    assert "south" not in {line["used_by_customer_id"] for line in fresh.lines("holding")}
    # Alone it is a business in another member state: reverse charge.
    assert (fresh.draft("south")["net_amount"], fresh.draft("south")["tax_amount"]) == (
        Decimal(30),
        Decimal(0),
    )


@pytest.fixture(scope="session")
def built(build_once: Callable[[str, Callable[[Warehouse], None]], Warehouse]) -> Warehouse:
    """The same stories as `cspbill run` leaves them, for what issuing does."""
    return build_once("documents", lambda new: new.rate(told()))


@pytest.fixture
def open_books(built: Warehouse, tmp_path: Path) -> Warehouse:
    """A copy in which a test may issue."""
    shutil.copytree(
        built.settings.home, tmp_path / "home", ignore=shutil.ignore_patterns("dbt_target", "logs")
    )
    shutil.copytree(built.settings.config, tmp_path / "config")
    return Warehouse.in_directory(tmp_path)


def test_readiness_and_issue_agree_on_a_year_that_is_not_over(open_books: Warehouse):
    ready = readiness(open_books.settings, DECEMBER)
    assert ready.needs_force == {"year": "its period runs until 2024-12-31"}
    refused = issue(open_books.settings, DECEMBER).refused
    assert refused == {"year": "its period runs until 2024-12-31 (issue it with --force --reason …)"}
    over = replace(open_books.settings, today=dt.date(2025, 1, 1))
    assert readiness(over, DECEMBER).ready == ("year",)


def test_issuing_september_issues_quarters_and_families_and_a_void_opens_all_of_them(open_books: Warehouse):
    settings = open_books.settings
    issued = issue(settings, SEPTEMBER)
    assert set(issued.refused) == {"payer"}
    found = open_books.rows("select customer_id, document_number from ledger.document")
    numbers = {row["customer_id"]: row["document_number"] for row in found}
    assert set(numbers) == {"group", "holding", "loyal", "months", "quarter"}
    assert verify(settings).problems == ()
    assert explain_document(settings, numbers["holding"])["lines"][1]["used_by_customer_id"] == "north"
    assert explain_line(settings, numbers["quarter"], 2, 10)["charges"][0]["charge_day"] == dt.date(
        2024, 8, 2
    )

    void(settings, numbers["quarter"], "Wrong price book")
    void(settings, numbers["holding"], "Wrong price book")
    restated = told()
    restated.charge("quarter", "2024-08-03", "1")
    assert open_books.rate(restated).periods == (JULY, AUGUST, SEPTEMBER)
    assert open_books.draft("quarter")["net_amount"] == Decimal("1.09")
    again = issue(settings, SEPTEMBER, ("quarter", "holding"))
    assert len(again.issued) == 2
    assert verify(settings).problems == ()
    with warehouse.connect(settings) as connection:
        check_identities(connection)


def test_who_asks_for_the_wrong_document_is_told_the_right_one(open_books: Warehouse):
    refused = issue(open_books.settings, AUGUST, ("north", "quarter", "months")).refused
    assert refused == {
        "north": "holding pays for it: issue that customer's document",
        "quarter": "no charges in this period; its invoices are quarterly and go by their last month",
    }
