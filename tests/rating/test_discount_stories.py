"""R7 told customer by customer: the world is built in `discount_stories.py`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import discount_stories
import pytest
from harness import AUGUST, OCTOBER, SEPTEMBER, Warehouse, World

from cspbill import warehouse
from cspbill.explain import explain_document, explain_line
from invoices.issue import issue
from invoices.ledger import verify

DISCOUNTS = ("line", "bundle", "volume", "relationship", "promotion")


@pytest.fixture(scope="session")
def dealt(build_once: Callable[[str, Callable[[Warehouse], None]], Warehouse]) -> Warehouse:
    """Every story of this module, rated in one build, the identities of R10 proven on it."""

    def run(built: Warehouse) -> None:
        world = World()
        discount_stories.tell(world)
        built.rate(world)

    return build_once("discounts", run)


def discounts(dealt: Warehouse, customer: str, period=SEPTEMBER) -> list[tuple[str, Decimal, str]]:
    """A customer's discount lines: kind, amount, what is printed under the description."""
    lines = dealt.lines(customer, period)
    return [
        (line["discount_kind"], line["amount"], line["detail"])
        for line in lines
        if line["line_type"] == "discount"
    ]


def test_discounts_apply_in_the_order_line_bundle_volume_relationship_promotion(dealt: Warehouse):
    found = [
        (line["discount_kind"], line["description"], line["detail"], line["amount"], line["vendor"])
        for line in dealt.lines("order")
        if line["line_type"] == "discount"
    ]
    assert found == [
        ("line", "Compute", "10 % of 100", Decimal("-10.00"), "AWS"),
        ("bundle", "AWS bundle", "10 % of 190", Decimal("-19.00"), "AWS"),
        ("volume", "Volume", "5 % of 171", Decimal("-8.55"), None),
        ("relationship", "Partner since 2019", "2 % of 162.45", Decimal("-3.25"), None),
        ("promotion", "Autumn offer", "50 % of 159.2, at most 5", Decimal("-5.00"), None),
    ]
    assert dealt.draft("order")["net_amount"] == Decimal("154.20")
    assert dealt.draft("order")["tax_amount"] == Decimal("29.30")


def test_each_kind_has_its_column_in_the_margin_of_each_service(dealt: Warehouse):
    columns = ", ".join(f"discount_{kind} as {kind}" for kind in DISCOUNTS)
    rows = dealt.rows(
        f"select service, {columns}, revenue - rounding_difference as revenue from marts.fct_margin_daily "
        "where customer_id = 'order' order by service"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Compute", Decimal(10), Decimal(9), Decimal("4.05"), Decimal("1.539"), Decimal("2.368421052651"),
         Decimal("73.042578947349")),
        ("Storage", Decimal(0), Decimal(10), Decimal("4.5"), Decimal("1.71"), Decimal("2.631578947349"),
         Decimal("81.158421052651")),
    ]  # fmt: skip


def test_two_relationships_of_ten_percent_make_nineteen(dealt: Warehouse):
    assert [amount for _, amount, _ in discounts(dealt, "twice")] == [Decimal(-10), Decimal(-9)]


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ("each-missed", []),
        ("each-met", [("bundle", Decimal("-14.00"), "10 % of 140")]),
        ("all-met", [("bundle", Decimal("-14.00"), "10 % of 140")]),
        ("all-missed", []),
        ("two-vendors", [("bundle", Decimal("-10.00"), "10 % of 100")]),
    ],
)
def test_a_bundle_needs_its_services_of_one_vendor_with_the_spend_on_each_or_on_all(
    dealt: Warehouse, customer: str, expected: list[tuple[str, Decimal, str]]
):
    assert discounts(dealt, customer) == expected


def test_a_bundle_reduces_its_vendor_only(dealt: Warehouse):
    rows = dealt.rows(
        "select vendor, sum(discount_bundle) as taken from marts.fct_margin_daily "
        "where customer_id = 'two-vendors' group by vendor order by vendor"
    )
    assert [(row["vendor"], row["taken"]) for row in rows] == [
        ("AWS", Decimal(0)),
        ("Google Cloud", Decimal(10)),
    ]


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ("bands", [("volume", Decimal("-50.00"), "5 % of 1000")]),
        ("net-of-lines", [("line", Decimal("-10.00"), "1 % of 1000"), ("volume", Decimal("-19.80"), "2 % of 990")]),
        ("either", [("relationship", Decimal("-5.00"), "5 % of 100")]),
    ],
)  # fmt: skip
def test_in_a_group_only_the_best_qualified_row_applies(
    dealt: Warehouse, customer: str, expected: list[tuple[str, Decimal, str]]
):
    assert discounts(dealt, customer) == expected


@pytest.mark.parametrize(
    ("customer", "taken"),
    [
        ("since-met", [Decimal("-3.00")]),
        ("since-missed", []),
        ("month-end", [Decimal("-3.00")]),
        ("by-contract", [Decimal("-3.00"), Decimal("-8.73")]),
        ("other-contract", []),
    ],
)
def test_tenure_is_whole_months_on_the_periods_last_day(
    dealt: Warehouse, customer: str, taken: list[Decimal]
):
    found = sorted(amount for _, amount, _ in discounts(dealt, customer))
    assert found == sorted(taken)


def test_a_promotion_ends_after_its_periods(dealt: Warehouse):
    taken = [discounts(dealt, "three-periods", period) for period in (AUGUST, SEPTEMBER, OCTOBER)]
    one = [("promotion", Decimal("-10.00"), "10 % of 100")]
    assert taken == [one, one, []]


def test_a_period_discount_counts_where_it_is_valid_on_the_periods_last_day(dealt: Warehouse):
    assert discounts(dealt, "ended") == []
    assert [amount for _, amount, _ in discounts(dealt, "last-day")] == [Decimal("-10.00")]


def test_negative_scopes_earn_nothing_and_refunds_lower_the_base(dealt: Warehouse):
    assert discounts(dealt, "negative") == []
    assert discounts(dealt, "refund-inside") == [("relationship", Decimal("-6.00"), "10 % of 60")]
    rows = dealt.rows(
        "select service, discount_relationship as taken from marts.fct_margin_daily "
        "where customer_id = 'refund-inside' order by service"
    )
    assert [row["taken"] for row in rows] == [Decimal(6), Decimal(0)]


def test_a_promotion_on_a_service_stands_under_that_service(dealt: Warehouse):
    (line,) = [line for line in dealt.lines("named") if line["line_type"] == "discount"]
    assert (line["service"], line["amount"], line["detail"]) == ("Storage", Decimal("-5.00"), "10 % of 50")


def test_a_cap_holds_to_the_cent_over_two_tax_rates(dealt: Warehouse):
    lines = [line for line in dealt.lines("taxes") if line["line_type"] == "discount"]
    assert {line["tax_rate"]: line["amount"] for line in lines} == {
        Decimal(19): Decimal("-1.66"),
        Decimal(7): Decimal("-1.67"),
    }


def test_a_yen_invoice_discounts_whole_yen(dealt: Warehouse):
    assert discounts(dealt, "japanese") == [("volume", Decimal(-3199), "1.5 % of 213280")]


def test_a_discount_of_everything_leaves_nothing_and_never_less(dealt: Warehouse):
    assert dealt.draft("nothing-left")["net_amount"] == Decimal(0)
    assert dealt.draft("nothing-left")["document_type"] == "invoice"
    assert dealt.revenue("nothing-left") == Decimal(0)


def test_shares_of_a_discount_sum_to_it_exactly(dealt: Warehouse):
    (row,) = dealt.rows(
        "select sum(discount_volume) as volume, sum(discount_promotion) as promotion "
        "from marts.fct_rated_charge where customer_id = 'pennies'"
    )
    assert row == {"volume": Decimal("0.777777769999"), "promotion": Decimal("0.1")}


def test_charges_and_discount_lines_tie_for_every_kind(dealt: Warehouse):
    for kind in DISCOUNTS[1:]:
        broken = dealt.rows(
            f"""
            select * from (
                select customer_id, billing_period, sum(discount_{kind}) as taken
                from marts.fct_rated_charge group by all
            ) full join (
                select customer_id, billing_period, -sum(exact_amount) as printed
                from marts.fct_invoice_line where discount_kind = '{kind}' group by all
            ) using (customer_id, billing_period)
            where coalesce(taken, 0) <> coalesce(printed, 0)
            """
        )
        assert broken == []


def test_issued_discounts_stay_frozen_tie_and_are_explained(dealt: Warehouse, tmp_path: Path):
    shutil.copytree(dealt.settings.home, tmp_path / "home")
    settings = replace(dealt.settings, home=tmp_path / "home")
    issued = issue(settings, SEPTEMBER, ["order", "taxes"], force_reason="a test")
    assert len(issued.issued) == 2
    assert verify(settings).problems == ()
    number = issued.issued[0]
    lines = explain_document(settings, number)["lines"]
    bundle = next(line["line_number"] for line in lines if line["description"] == "AWS bundle")
    usage = explain_line(settings, number, 1, 5)
    assert [(row["discount_kind"], row["amount"]) for row in usage["discounts"]] == [
        ("line", Decimal("-10.00")),
        ("bundle", Decimal("-19.00")),
        ("volume", Decimal("-8.55")),
        ("relationship", Decimal("-3.25")),
        ("promotion", Decimal("-5.00")),
    ]
    reduced = explain_line(settings, number, bundle, 5)["charges"]
    assert sum(row["discount_bundle"] for row in reduced) == Decimal(19)
    with warehouse.connect(settings) as connection:
        connection.execute("update ledger.rated_charge set discount_bundle = discount_bundle + 0.01")
    assert f"{number}: its bundle discounts take 19, those of its charges" in str(verify(settings).problems)
