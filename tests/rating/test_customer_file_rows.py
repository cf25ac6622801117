"""The customers' own files say what was billed, to the last cent, of every story that the golden tests tell."""

from __future__ import annotations

import importlib
from decimal import Decimal

import pytest
from compiled import Memory, Project
from harness import SEPTEMBER, SOURCE, Row, World

STORIES = ("rated", "discount", "document", "commitment", "subscription")


def files(rated: Memory, name: str = "cost_and_usage") -> str:
    """Everybody's rows of a file, as a relation."""
    rated.connection.execute("delete from ops.customer_file")
    rated.connection.execute(
        "insert into ops.customer_file select distinct customer_id, billing_period, date '2024-10-05' "
        "from marts.fct_invoice"
    )
    return f"intermediate.int_customer_file__{name}"


def untied(rated: Memory) -> list[Row]:
    """Documents whose rows do not sum to their net, and with tax to their gross."""
    return rated.rows(f"""
        select documents.customer_id, net_amount, gross_amount, net, gross
        from marts.fct_invoice as documents
        left join (
            select
                customer_id, billing_period, InvoiceId, sum(BilledCost) as gross,
                coalesce(sum(BilledCost) filter (ChargeCategory <> 'Tax'), 0) as net
            from {files(rated)} group by all
        ) as files
            on documents.customer_id = files.customer_id and documents.billing_period = files.billing_period
            and InvoiceId = coalesce(document_number, strftime(documents.billing_period, 'DRAFT-%Y-%m'))
        where coalesce(net, 0) <> net_amount or coalesce(gross, 0) <> gross_amount
    """)


def billed(rated: Memory, customer: str, *columns: str) -> list[tuple[object, ...]]:
    """Columns of a customer's rows but those of tax."""
    found = rated.rows(
        f"select {', '.join(columns)} from {files(rated)} "
        "where customer_id = ? and ChargeCategory <> 'Tax' order by document_id, line_number, ChargePeriodStart",
        customer,
    )
    return [tuple(row.values()) for row in found]


@pytest.mark.parametrize("told", STORIES)
def test_the_rows_of_every_draft_and_every_issued_document_sum_to_it_exactly(
    project: Project, told: str
) -> None:
    """A customer adds up the file and compares with the invoice: a cent's difference is a call to support."""
    world = World()
    importlib.import_module(f"{told}_stories").tell(world)
    rated = Memory(project).rate(world)
    drafts = rated.rows(
        "select customer_id, billing_period from marts.fct_invoice where blocked_reason is null order by all"
    )
    assert len(drafts) > 5
    assert untied(rated) == []
    for place, draft in enumerate(drafts):
        rated.issue(f"INV-{place:06d}", draft["customer_id"], draft["billing_period"])
    assert untied(rated) == []
    numbers = f"select distinct InvoiceId from {files(rated)} where InvoiceId like 'INV-%'"
    assert len(rated.values(numbers)) > 5


@pytest.fixture(scope="module")
def rated(project: Project) -> Memory:
    """A few customers of one month, each with one thing to round or to show; only read."""
    world = World()
    book = world.book("book")
    world.rule("cost", book, "cost_plus", percent="0", basis="billed")
    world.customer("halves", book)
    for day in (1, 2, 3):
        world.charge("halves", f"2024-09-0{day}", "0.335")
    world.customer("discounted", book)
    world.discount("ten", "10", customer_id="discounted", service="Compute")
    world.discount("year", "3.3", kind="relationship", customer_id="discounted")
    world.charge("discounted", "2024-09-01", "10.01", Tags='{"team": "shop"}')
    world.charge("discounted", "2024-09-02", "20.02", ServiceName="Storage", ServiceCategory="Storage")
    world.customer("committed")
    world.terms("committed", book, minimum_commitment="50", commitment_interval="month")
    world.charge("committed", "2024-09-01", "20")
    world.customer("mixed", book)
    world.charge("mixed", "2024-09-01", "1", Tags='{"team": "shop"}')
    world.charge("mixed", "2024-09-01", "2", Tags='{"team": "web"}')
    return Memory(project).rate(world)


def test_what_rounding_adds_to_a_line_is_on_the_charge_that_weighs_most(rated: Memory) -> None:
    """Else the rows would say 1.005 where the invoice says 1.01."""
    assert billed(rated, "halves", "BilledCost", "ListCost") == [
        (Decimal("0.340000000000"), Decimal("0.335000000000")),
        (Decimal("0.335000000000"), Decimal("0.335000000000")),
        (Decimal("0.335000000000"), Decimal("0.335000000000")),
    ]


def test_discounts_are_in_the_rows_that_they_reduce(rated: Memory) -> None:
    """List is before discounts, contracted after the line's 10 %, billed after the 3.3 % on the whole as well."""
    assert billed(rated, "discounted", "ServiceName", "ListCost", "ContractedCost", "BilledCost") == [
        ("Compute", Decimal("10.010000000000"), Decimal("9.009000000000"), Decimal("8.712703000000")),
        ("Storage", Decimal("20.020000000000"), Decimal("20.020000000000"), Decimal("19.357297000000")),
    ]
    assert rated.draft("discounted")["net_amount"] == Decimal("28.07")


def test_tags_are_kept_where_all_rows_of_a_charge_agree_on_them(rated: Memory) -> None:
    """Cost of a team that is told by the tags of another would be worse than none."""
    assert billed(rated, "discounted", "Tags") == [('{"team": "shop"}',), (None,)]
    assert billed(rated, "mixed", "Tags", "BilledCost") == [(None, Decimal(3))]


def test_a_line_without_charges_is_a_row_of_its_own(rated: Memory) -> None:
    """A true-up has no usage behind it, and is on the invoice all the same."""
    rows = billed(rated, "committed", "ChargeCategory", "BilledCost", "ProviderName", "x_InvoiceDetailId")
    assert rows == [
        ("Usage", Decimal(20), "AWS", "DRAFT-2024-09/1"),
        ("Adjustment", Decimal(30), "Nordlicht Cloud GmbH", "DRAFT-2024-09/2"),
    ]


@pytest.fixture(scope="module")
def corrected(project: Project) -> Memory:
    """September was invoiced, then its vendor row withdrawn and another one added: October's draft corrects it."""
    world = World()
    world.rule("cost", world.book("book"), "cost_plus", percent="0", basis="billed")
    world.customer("a", "book")
    world.discount("year", "10", kind="relationship", customer_id="a")
    world.charge("a", "2024-09-01", "100")
    world.charge("a", "2024-10-01", "50")
    rated = Memory(project).rate(world)
    rated.issue("INV-1", "a")
    world.charges[SOURCE, SEPTEMBER] = []
    world.charge("a", "2024-09-03", "70.005")
    return rated.rate(world)


def test_corrections_are_charge_by_charge_with_their_month_and_its_invoice(corrected: Memory) -> None:
    """A correction without its class and its invoice would be taken for use of this month."""
    assert untied(corrected) == []
    rows = billed(
        corrected,
        "a",
        "BilledCost",
        "ChargeClass",
        "x_ReferenceInvoiceId",
        "ChargePeriodStart::date::varchar",
    )
    assert [row for row in rows if row[2] == "INV-1" and row[1]] == [
        (Decimal("-89.9945"), "Correction", "INV-1", "2024-09-01"),
        (Decimal("63.0045"), "Correction", "INV-1", "2024-09-03"),
    ]
