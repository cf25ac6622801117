"""R6 told customer by customer: the world is built in `subscription_stories.py`."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import subscription_stories
from harness import OCTOBER, SEPTEMBER, Warehouse, World

from cspbill import rating
from cspbill.explain import explain_line
from invoices.issue import issue
from invoices.ledger import verify

FEBRUARY, MARCH = dt.date(2025, 2, 1), dt.date(2025, 3, 1)
JANUARY, DECEMBER = dt.date(2025, 1, 1), dt.date(2024, 12, 1)


@pytest.fixture(scope="session")
def sold(build_once: Callable[[str, Callable[[Warehouse], None]], Warehouse]) -> Warehouse:
    """Every story of this module, rated in one build, the identities of R10 proven on it."""

    def run(built: Warehouse) -> None:
        world = World()
        subscription_stories.tell(world)
        replace(built, settings=replace(built.settings, today=subscription_stories.TODAY)).rate(world)

    return build_once("subscriptions", run)


def billed(sold: Warehouse, customer: str, period: dt.date) -> list[tuple[str, str, str]]:
    """A customer's lines: what is printed of the days, quantity × price, amount."""
    return [
        (line["detail"], f"{_plain(line['quantity'])} × {_plain(line['unit_price'])}", _plain(line["amount"]))
        for line in sold.lines(customer, period)
        if line["line_type"] != "discount"
    ]


def nets(sold: Warehouse, customer: str) -> dict[str, str]:
    """A customer's drafts: month → net amount."""
    rows = sold.rows(
        "select strftime(billing_period, '%Y-%m') as period, net_amount from marts.fct_invoice "
        "where customer_id = ? order by period",
        customer,
    )
    return {row["period"]: _plain(row["net_amount"]) for row in rows}


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"


# Cycles


def test_a_month_that_began_on_the_31st_ends_on_each_months_last_day_and_never_drifts(sold: Warehouse):
    days = [
        str(line["charge_period_start"])
        for month in range(1, 8)
        for line in sold.lines("month-end", dt.date(2024, month, 1))
    ]
    assert days == [
        "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30", "2024-07-31",
    ]  # fmt: skip
    assert set(nets(sold, "month-end").values()) == {"31"}


def test_a_year_from_leap_day_is_paid_once_and_again_on_28_february(sold: Warehouse):
    assert nets(sold, "leap-day") == {"2024-02": "1200", "2025-02": "1200"}
    (line,) = sold.lines("leap-day", FEBRUARY)
    assert str(line["charge_period_start"]) == "2025-02-28"
    assert str(line["charge_period_end"]) == "2026-02-28"


def test_three_years_are_paid_once(sold: Warehouse):
    assert nets(sold, "three-years") == {"2022-02": "3600", "2025-02": "3600"}


def test_a_calendar_year_bills_the_last_two_days_of_a_leap_year_then_whole_years(sold: Warehouse):
    assert billed(sold, "calendar-years", DECEMBER) == [("2 of 366 days", "1 × 366", "2")]
    assert billed(sold, "calendar-years", JANUARY) == [("one year", "1 × 366", "366")]


def test_a_calendar_year_starts_on_the_customers_billing_day_in_january(sold: Warehouse):
    assert billed(sold, "fiscal-years", DECEMBER) == [("16 of 366 days", "1 × 366", "16")]
    (line,) = sold.lines("fiscal-years", JANUARY)
    assert str(line["charge_period_start"]) == "2025-01-15"


# Part cycles


@pytest.mark.parametrize(
    ("customer", "period", "detail", "amount"),
    [
        ("last-day", dt.date(2024, 1, 1), "1 of 31 days", "1"),
        ("leap-february", dt.date(2024, 2, 1), "20 of 29 days", "20"),
        ("plain-february", FEBRUARY, "19 of 28 days", "19"),
        ("lago", SEPTEMBER, "25 of 30 days", "41.67"),
        ("three-days", FEBRUARY, "3 of 28 days", "0.96"),
    ],
)
def test_a_part_cycle_costs_its_days_over_the_days_of_that_cycle(
    sold: Warehouse, customer, period, detail, amount
):
    ((said, _, net),) = billed(sold, customer, period)
    assert (said, net) == (detail, amount)


def test_calendar_months_from_the_31st_are_clamped_and_return(sold: Warehouse):
    assert billed(sold, "mid-month", dt.date(2024, 2, 1)) == [
        ("19 of 29 days", "1 × 31", "20.31"),
        ("one month", "1 × 31", "31"),
    ]
    (line,) = sold.lines("mid-month", dt.date(2024, 3, 1))
    assert str(line["charge_period_start"]) == "2024-03-31"


# Changes


def test_a_dearer_plan_on_the_16th_of_30_gives_back_ten_and_charges_fifteen(sold: Warehouse):
    assert billed(sold, "kill-bill", SEPTEMBER) == [
        ("one month", "1 × 20", "20"),
        ("refund of 15 of 30 days", "-1 × 20", "-10"),
        ("15 of 30 days", "1 × 30", "15"),
    ]


def test_changes_of_a_cycle_that_was_billed_in_the_month_before_are_billed_when_they_happen(sold: Warehouse):
    assert billed(sold, "seats", SEPTEMBER) == [("one month", "20 × 15", "300")]
    assert billed(sold, "seats", OCTOBER) == [
        ("refund of 5 of 30 days", "-20 × 15", "-50"),
        ("5 of 30 days", "25 × 15", "62.5"),
        ("one month", "25 × 15", "375"),
        ("refund of 21 of 31 days", "-25 × 15", "-254.03"),
        ("21 of 31 days", "10 × 15", "101.61"),
    ]


def test_the_same_changes_in_arrears_are_one_line_per_state_and_cost_the_same(sold: Warehouse):
    assert billed(sold, "seats-arrears", OCTOBER) == [
        ("25 of 30 days", "20 × 15", "250"),
        ("5 of 30 days", "25 × 15", "62.5"),
    ]
    assert billed(sold, "seats-arrears", dt.date(2024, 11, 1)) == [
        ("10 of 31 days", "25 × 15", "120.97"),
        ("21 of 31 days", "10 × 15", "101.61"),
    ]


def test_a_day_is_billed_once_at_its_final_state(sold: Warehouse):
    assert nets(sold, "at-once") == {}
    assert billed(sold, "same-day", SEPTEMBER) == [("one month", "20 × 15", "300")]
    assert billed(sold, "up-and-cancel", SEPTEMBER) == [
        ("one month", "20 × 15", "300"),
        ("refund of 20 of 30 days", "-20 × 15", "-200"),
    ]


def test_a_change_on_the_first_day_of_a_cycle_is_charged_in_that_cycle_only(sold: Warehouse):
    assert billed(sold, "from-the-next", OCTOBER) == [("one month", "3 × 15", "45")]


def test_a_subscription_without_units_is_paused_and_costs_nothing(sold: Warehouse):
    assert nets(sold, "paused") == {
        "2024-09": "15", "2024-11": "15", "2024-12": "30", "2025-01": "30", "2025-02": "30", "2025-03": "30",
    }  # fmt: skip
    assert billed(sold, "paused", dt.date(2024, 11, 1)) == [("15 of 30 days", "2 × 15", "15")]


# Cancels


def test_the_day_of_a_cancel_is_not_billed_and_the_rest_is_given_back(sold: Warehouse):
    assert billed(sold, "leaves", SEPTEMBER) == [
        ("one month", "1 × 30", "30"),
        ("refund of 20 of 30 days", "-1 × 30", "-20"),
    ]
    assert nets(sold, "leaves") == {"2024-09": "10"}
    assert billed(sold, "arrears-leaves", SEPTEMBER) == [("5 of 30 days", "2 × 15", "5")]


def test_a_cancel_on_the_seventh_day_of_the_window_gives_back_the_unused_days_of_the_year(sold: Warehouse):
    assert billed(sold, "regrets", SEPTEMBER) == [
        ("one year", "1 × 365", "365"),
        ("refund of 358 of 365 days", "-1 × 365", "-358"),
    ]


def test_a_cancel_on_the_eighth_day_leaves_the_whole_term_due(sold: Warehouse):
    months = [f"2024-{month:02}" for month in range(1, 13)]
    assert nets(sold, "too-late") == dict.fromkeys(months, "30")


def test_a_term_that_may_be_left_any_day_ends_on_that_day(sold: Warehouse):
    assert nets(sold, "any-time") == {"2024-09": "30", "2024-10": "30", "2024-11": "15"}


# Terms


def test_seats_added_in_a_term_take_its_price_and_a_renewal_takes_the_products(sold: Warehouse):
    assert billed(sold, "co-term", dt.date(2024, 6, 1)) == [
        ("one month", "2 × 90", "180"),
        ("refund of 20 of 30 days", "-2 × 90", "-120"),
        ("20 of 30 days", "3 × 90", "180"),
    ]
    assert billed(sold, "co-term", DECEMBER) == [("one month", "3 × 90", "270")]
    assert billed(sold, "co-term", JANUARY) == [("one month", "1 × 100", "100")]


def test_a_term_that_is_over_goes_on_at_the_surcharge_and_may_shrink_or_end_any_day(sold: Warehouse):
    surcharge = "; extended term, +3 %"
    assert billed(sold, "extended", DECEMBER) == [("one month", "2 × 90", "180")]
    assert billed(sold, "extended", JANUARY) == [(f"one month{surcharge}", "2 × 92.7", "185.4")]
    assert billed(sold, "extended", MARCH) == [
        (f"refund of 14 of 28 days{surcharge}", "-2 × 92.7", "-92.7"),
        (f"14 of 28 days{surcharge}", "1 × 92.7", "46.35"),
        (f"one month{surcharge}", "1 × 92.7", "92.7"),
    ]
    assert nets(sold, "extended-leaves")["2024-11"] == "100"
    assert nets(sold, "extended-leaves")["2024-12"] == "103"
    assert nets(sold, "extended-leaves")["2025-01"] == "33.23"
    assert "2025-02" not in nets(sold, "extended-leaves")


def test_a_late_renewal_ends_the_surcharge_on_its_day(sold: Warehouse):
    assert billed(sold, "renewed-late", DECEMBER) == [
        ("one month; extended term, +3 %", "1 × 92.7", "92.7"),
        ("refund of 16 of 31 days; extended term, +3 %", "-1 × 92.7", "-47.85"),
        ("16 of 31 days", "1 × 100", "51.61"),
    ]


def test_a_term_that_ends_inside_a_paid_cycle_costs_the_surcharge_from_that_day(sold: Warehouse):
    assert billed(sold, "extended-in-cycle", MARCH) == [
        ("refund of 306 of 365 days", "-1 × 1000", "-838.36"),
        ("306 of 365 days; extended term, +3 %", "1 × 1030", "863.51"),
    ]


# When a cycle is billed


def test_one_invoice_carries_the_month_ahead_and_the_month_behind(sold: Warehouse):
    lines = [
        (
            line["description"],
            str(line["charge_period_start"]),
            str(line["charge_period_end"]),
            line["amount"],
        )
        for line in sold.lines("both", OCTOBER)
    ]
    assert lines == [
        ("Support", "2024-10-01", "2024-11-01", Decimal(30)),
        ("first-of-month", "2024-10-01", "2024-11-01", Decimal(20)),
    ]
    assert billed(sold, "both", SEPTEMBER) == [("one month", "1 × 30", "30")]


def test_without_timing_the_contract_on_the_cycles_first_day_decides(sold: Warehouse):
    assert list(nets(sold, "no-contract"))[:2] == ["2024-10", "2024-11"]
    # The September cycle in arrears and the October one in advance fall on one invoice.
    assert nets(sold, "in-advance")["2024-10"] == "20"
    assert nets(sold, "in-advance")["2024-11"] == "10"


def test_without_part_cycles_whole_ones_are_billed_as_they_were_on_their_first_day(sold: Warehouse):
    whole = {"2024-09": "60", "2024-10": "60", "2024-11": "90", "2024-12": "90"}
    assert nets(sold, "whole-advance") == whole
    assert nets(sold, "whole-arrears") == whole


# Currencies


def test_a_refund_in_a_later_month_takes_the_rate_of_the_cycle_that_it_gives_back(sold: Warehouse):
    assert billed(sold, "converted", OCTOBER) == [
        ("refund of 7 of 30 days", "-1 × 28.181818181821", "-6.58"),
    ]
    left = sold.values(
        "select sum(amount_before_discount) from marts.fct_rated_charge where customer_id = 'converted' "
        "group by charge_day having charge_day >= '2024-10-03'"
    )
    assert left == [Decimal(0)] * 7


def test_without_a_rate_only_that_customers_invoice_is_blocked_and_the_pair_is_named(sold: Warehouse):
    draft = sold.draft("rateless")
    assert (
        draft["blocked_reason"] == "30 charges without a price (no exchange rate JPY to EUR for 2024-09-01)"
    )
    assert draft["net_amount"] == Decimal(20)


# Discounts, costs, taxes


def test_a_refund_gives_back_what_was_paid_after_the_discounts_of_its_days(sold: Warehouse):
    found = [
        (line["line_type"], line["detail"], line["amount"])
        for period in (SEPTEMBER, OCTOBER)
        for line in sold.lines("reduced", period)
    ]
    assert found == [
        ("subscription", "one month", Decimal(300)),
        ("discount", "10 % of 300", Decimal(-30)),
        ("discount", "10 % of 144", Decimal("-14.4")),
        ("subscription", "refund of 9 of 30 days", Decimal(-90)),
        ("discount", "10 % of -90", Decimal(9)),
        ("discount", "10 % of -45", Decimal("4.5")),
    ]


def test_before_the_first_invoice_a_refund_counts_in_its_own_months_discounts(sold: Warehouse):
    assert nets(sold, "paid-less")["2024-09"] == "234"
    assert nets(sold, "paid-less")["2024-10"] == "93.6"


def test_own_products_count_for_discounts_on_the_whole_period(sold: Warehouse):
    assert sold.draft("cloud")["net_amount"] == Decimal(108)
    assert nets(sold, "reduced-whole")["2024-09"] == "337.5"


def test_own_products_cost_their_unit_cost_day_by_day(sold: Warehouse):
    rows = sold.rows(
        "select day, vendor, service, sum(revenue), sum(cost), sum(margin), sum(list_amount) "
        "from marts.fct_margin_daily where customer_id = 'seats' and day between '2024-10-04' and '2024-10-05' "
        "group by day, vendor, service order by day"
    )
    assert [tuple(row.values())[1:] for row in rows] == [
        ("Nordlicht Cloud GmbH", "Office", Decimal(10), Decimal(8), Decimal(2), Decimal(10)),
        ("Nordlicht Cloud GmbH", "Office", Decimal("12.5"), Decimal(10), Decimal("2.5"), Decimal("12.5")),
    ]


def test_a_one_off_item_is_billed_once_on_its_day_and_never_by_part(sold: Warehouse):
    found = [
        (line["line_type"], line["description"], line["detail"], line["amount"], line["tax_category"])
        for line in sold.lines("buys")
    ]
    assert found == [
        ("one_off", "Setup, Berlin office", "once", Decimal(750), "reduced"),
        ("one_off", "Setup", "once", Decimal(200), "reduced"),
    ]
    assert sold.draft("buys")["tax_amount"] == Decimal("66.50")
    assert nets(sold, "buys") == {"2024-09": "950"}


def test_lines_name_their_subscription_and_the_vendors_charges_stand_beside_them(sold: Warehouse):
    assert [(line["vendor"], line["subscription_id"]) for line in sold.lines("cloud")][:2] == [
        ("AWS", None),
        ("Nordlicht Cloud GmbH", "cloud"),
    ]


# Issued documents


def test_an_issued_month_stays_as_it_is_and_the_next_one_corrects_it(
    sold: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(sold.settings.home, tmp_path / "home")
    shutil.copytree(sold.settings.config, tmp_path / "config")
    settings = replace(
        sold.settings, home=tmp_path / "home", config=tmp_path / "config", today=subscription_stories.TODAY
    )
    built = Warehouse(settings)
    customers = ["from-the-next", "seats", "paid-less"]
    assert len(issue(settings, SEPTEMBER, customers, force_reason="a test").issued) == 3
    october = built.lines("seats", OCTOBER)
    before = built.lines("seats", status="issued")

    world = World()
    subscription_stories.tell(world)
    # One event of the issued month that came too late, and one of the open month.
    world.subscription(
        "from-the-next-seat", "from-the-next", "seat", "2024-09-20 change 9", "2024-10-21 cancel"
    )
    world.tables["subscriptions"].sort(key=lambda row: row["effective_date"])
    # Neither a new price nor the end of a discount changes what was paid for September.
    _row(world, "products", "product_id", "office")["unit_price"] = "16"
    _row(world, "discounts", "discount_id", "paid-less-tenure")["valid_to"] = "2024-10-01"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rating, "_remember", killed)
        with pytest.raises(KeyboardInterrupt):
            built.rate(world)
    assert SEPTEMBER in built.rate(world).periods

    assert built.lines("seats", status="issued") == before
    assert [_comparable(line) for line in built.lines("seats", OCTOBER)] == list(map(_comparable, october))
    assert [(line["detail"], line["amount"]) for line in built.lines("from-the-next", status="issued")] == [
        ("one month", Decimal(30))
    ]
    assert built.lines("from-the-next") == []
    assert [(line["detail"], line["amount"]) for line in built.lines("from-the-next", OCTOBER)] == [
        ("one month", Decimal(45)),
        ("refund of 11 of 31 days", Decimal("-15.97")),
        # What September should have been: two seats back from the 20th, nine from then on.
        ("49.5 instead of 0", Decimal("49.5")),
        ("-11 instead of 0", Decimal(-11)),
    ]
    assert [
        (line["detail"], _plain(line["quantity"]), _plain(line["unit_price"]), _plain(line["amount"]))
        for line in built.lines("paid-less", OCTOBER)
    ] == [
        ("refund of 9 of 30 days", "-20", "15", "-90"),
        ("as invoiced", "", "", "18"),
        ("as invoiced", "", "", "7.2"),
        ("9 of 30 days", "10", "16", "48"),
        ("20 % of 48", "", "", "-9.6"),
        ("one month", "10", "16", "160"),
        ("20 % of 160", "", "", "-32"),
        ("one month", "1", "20", "20"),
    ]
    assert verify(settings).problems == ()
    assert built.rate(world).periods == ()
    assert len(issue(settings, OCTOBER, ["paid-less"], force_reason="a test").issued) == 1
    assert verify(settings).problems == ()


def _row(world: World, table: str, name: str, value: str) -> dict[str, object]:
    return next(row for row in world.tables[table] if row[name] == value)


def _comparable(line: dict[str, object]) -> dict[str, object]:
    return {name: line[name] for name in ("line_id", "detail", "quantity", "unit_price", "amount", "fx_rate")}


def test_explain_ends_at_the_product_and_the_rows_of_subscriptions_csv(sold: Warehouse):
    found = explain_line(sold.settings, "reduced@2024-10", 1, 50)
    assert found["product"][0]["product_id"] == "seat"
    assert [(row["event"], str(row["effective_date"]), row["quantity"]) for row in found["events"]] == [
        ("start", "2024-09-10", Decimal(20)),
        ("cancel", "2024-10-01", None),
    ]
    assert found["events"][0]["place"].startswith("subscriptions.csv:")
    assert [row["amount"] for row in found["discounts"]] == [Decimal(9), Decimal("4.5")]
    assert len(found["charges"]) == 9
    assert sum(row["amount_before_discount"] for row in found["charges"]) == Decimal(-90)
    assert found["vendor_rows"] == []
