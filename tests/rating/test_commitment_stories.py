"""Commitments, caps, adjustments and prepaid balances (R7): `commitment_stories.py` builds the world."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import commitment_stories
import pytest
from commitment_stories import BOOK, monthly, spender, yearly
from compiled import Memory, Project
from harness import AUGUST, OCTOBER, SEPTEMBER, Row, Warehouse, World

from cspbill import warehouse
from cspbill.explain_commitments import explained, has_no_charges
from cspbill.rating import rate
from invoices.issue import issue
from invoices.ledger import verify
from quality.identities import check_identities

WITHOUT_CHARGES = ("true_up", "cap", "adjustment")
NOVEMBER = dt.date(2024, 11, 1)


@pytest.fixture(scope="module")
def told_commitments(project: Project) -> Memory:
    """Every story of this module, rated once, the identities of R10 proven on it."""
    world = World()
    commitment_stories.tell(world)
    return Memory(project).rate(world)


@pytest.fixture
def memory(project: Project) -> Memory:
    """A world of its own, for stories that go on."""
    return Memory(project)


def small_world() -> World:
    world = World()
    world.book(BOOK)
    world.rule("pass", BOOK, "cost_plus", basis="billed", percent="0", pass_credits="true")
    return world


def own_lines(told: Memory, customer: str, period: dt.date = SEPTEMBER, status: str = "draft") -> list[Row]:
    return [
        line
        for line in told.lines(customer, period, status)
        if line["line_type"] in WITHOUT_CHARGES and line["source"] is None
    ]


def printed(
    told: Memory, customer: str, period: dt.date = SEPTEMBER
) -> list[tuple[str, Decimal, str | None]]:
    return [(line["line_type"], line["amount"], line["detail"]) for line in own_lines(told, customer, period)]


def void(memory: Memory, number: str) -> None:
    """Take an issued document back as `cspbill void` does: a negated copy, and the note that it is void."""
    for table, negated in (
        ("document", "net_amount, tax_amount, gross_amount, prepaid_drawn, payable_amount"),
        ("document_line", "amount, exact_amount, cost"),
        ("prepaid_draw", "amount"),
    ):
        minus = ", ".join(f"-{name} as {name}" for name in negated.split(", "))
        credit = f"'CN-{number}' as document_number, {minus}"
        if table == "document":
            credit += ", 'CN' as series, 'credit_note' as document_type"
        memory.connection.execute(
            f"insert into ledger.{table} select * replace ({credit}) from ledger.{table} where document_number = ?",
            [number],
        )
    memory.connection.execute(
        "insert into ledger.void values (?, 'CN-' || ?, 'wrong', timestamp '2024-10-05')", [number, number]
    )


# Minimum commitments by the month


@pytest.mark.parametrize(
    ("customer", "net", "expected"),
    [
        ("short", "1000", [("true_up", Decimal("300.00"), "1000 committed; 700 spent")]),
        ("exact", "1000", []),
        ("above", "1200.01", []),
        ("idle", "100", [("true_up", Decimal("100.00"), "100 committed; 0 spent")]),
        ("refunded", "1000", [("true_up", Decimal("1050.00"), "1000 committed; -50 spent")]),
        ("discounted", "950", [("true_up", Decimal("140.00"), "950 committed; 810 spent")]),
        ("partial", "500", [("true_up", Decimal("300.00"), "500 committed; 15 of 30 days of 1000; 200 spent")]),
        ("third", "333.33", [("true_up", Decimal("333.33"), "333.33 committed; 10 of 30 days of 1000; 0 spent")]),
        ("renewed", "500", [("true_up", Decimal("400.00"), "500 committed; 2 contracts; 100 spent")]),
        ("crumbs", "1", [("true_up", Decimal("0.01"), "1 committed; 0.99 spent")]),
        ("dollars", "800", [("true_up", Decimal("100.00"), "800 committed; 1000 USD; 700 spent")]),
        ("half-dollars", "400", [("true_up", Decimal(400), "400 committed; 15 of 30 days of 1000 USD; 0 spent")]),
        ("japanese", "1000", [("true_up", Decimal(1000), "1000 committed; 0 spent")]),
    ],
)  # fmt: skip
def test_what_is_missing_to_the_months_minimum_is_one_line_that_makes_the_net_exact(
    told_commitments: Memory, customer: str, net: str, expected: list[Any]
):
    assert printed(told_commitments, customer) == expected
    assert told_commitments.draft(customer)["net_amount"] == Decimal(net)


def test_a_customer_who_used_nothing_gets_a_draft_with_its_minimum_and_tax(told_commitments: Memory):
    draft = told_commitments.draft("idle")
    assert (draft["document_type"], draft["net_amount"], draft["tax_amount"], draft["blocked_reason"]) == (
        "invoice",
        Decimal(100),
        Decimal(19),
        None,
    )
    (line,) = told_commitments.lines("idle")
    assert (line["description"], line["vendor"], line["service"], line["tax_category"], line["rule_id"]) == (
        "Minimum commitment",
        "Nordlicht Cloud GmbH",
        "Minimum commitment",
        "standard",
        None,
    )
    assert told_commitments.rows("select 1 from marts.fct_invoice where customer_id = 'idle' and billing_period < ?",
                                 SEPTEMBER) == []  # fmt: skip


def test_golden_vector_13_without_an_overage_factor(told_commitments: Memory):
    """1,000 committed at 2 an hour: 300 hours bill 1,000, without a true-up 600.

    700 hours bill 1,400: the source's 1,600 multiplies what exceeds the commitment by 1.5, which R7 does not know.
    """
    nets = [
        told_commitments.draft(customer)["net_amount"] for customer in ("g13-above", "g13-below", "g13-free")
    ]
    assert nets == [Decimal(1400), Decimal(1000), Decimal(600)]


def test_a_minimum_without_an_exchange_rate_blocks_its_customer_and_names_pair_and_date(
    told_commitments: Memory,
):
    draft = told_commitments.draft("kronor")
    assert draft["blocked_reason"] == "no exchange rate SEK to EUR for 2024-09-01 (minimum commitment)"
    assert draft["net_amount"] == Decimal(700)
    assert own_lines(told_commitments, "kronor") == []


def test_a_missing_rate_still_blocks_when_only_a_later_month_is_rebuilt(memory: Memory):
    world = small_world()
    spender(world, "kronor", ("2024-08-02", "7"), **monthly("10", commitment_currency="SEK", valid_to="2024-10-01",
                                                           valid_from="2024-08-01"))  # fmt: skip
    memory.rate(world)
    world.charge("kronor", "2024-09-02", "7")
    memory.rate(world)
    assert memory.values("select billing_period from ops.dirty_period") == [SEPTEMBER]
    for period in (AUGUST, SEPTEMBER):
        assert memory.draft("kronor", period)["blocked_reason"] == (
            f"no exchange rate SEK to EUR for {period} (minimum commitment)"
        )


def test_a_true_up_waits_for_what_a_source_may_still_deliver(memory: Memory):
    """Else who used much, but in files that are not here yet, would be charged the whole minimum."""
    world = small_world()
    spender(world, "idle", **monthly("100"))
    spender(world, "other", ("2024-09-02", "1"))
    memory.rate(world)
    assert memory.draft("idle")["force_reason_needed"] == "not final: aws"
    world.final.add(("aws", SEPTEMBER))
    memory.rate(world)
    assert memory.draft("idle")["force_reason_needed"] is None


# Minimum commitments by the year


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ("year", [("true_up", Decimal("10300.00"), "12000 committed; 2023-10-01 to 2024-09-30; 1700 spent")]),
        ("running", []),
        ("met", []),
        ("ended", [("true_up", Decimal("5316.44"),
                    "6016.44 committed; 2024-04-01 to 2024-09-30; 183 of 365 days of 12000; 700 spent")]),
        ("mid-month", [("true_up", Decimal("10900.00"), "12000 committed; 2023-09-11 to 2024-09-10; 1100 spent")]),
    ],
)  # fmt: skip
def test_a_yearly_minimum_is_due_with_the_years_last_day_and_not_before(
    told_commitments: Memory, customer: str, expected: list[Any]
):
    assert printed(told_commitments, customer) == expected
    assert own_lines(told_commitments, customer, AUGUST) == []


def test_a_year_that_starts_on_29_february_ends_with_its_contract_by_days(told_commitments: Memory):
    assert printed(told_commitments, "leap-day", AUGUST) == [
        ("true_up", Decimal("185.51"), "185.51 committed; 2024-02-29 to 2024-08-31; 185 of 365 days of 366; 0 spent")
    ]  # fmt: skip


def test_what_a_cap_took_off_does_not_count_towards_the_year(told_commitments: Memory):
    assert printed(told_commitments, "capped-year", AUGUST) == [
        ("cap", Decimal("-200.00"), "at most 100; 300 spent")
    ]
    assert printed(told_commitments, "capped-year") == [
        ("cap", Decimal("-200.00"), "at most 100; 300 spent"),
        ("true_up", Decimal("800.00"), "1000 committed; 2023-10-01 to 2024-09-30; 200 spent"),
    ]


def test_a_year_owes_only_the_days_since_billing_started_here(memory: Memory):
    """Else the first year after a move from another system would be charged for what was billed there."""
    world = small_world()
    world.billing_starts = "2024-08-01"
    spender(world, "acme", ("2024-08-02", "500"), ("2024-09-02", "700"), **yearly("36600", "2023-10-01"))
    memory.rate(world)
    assert printed(memory, "acme") == [
        ("true_up", Decimal(4900), "6100 committed; 2024-08-01 to 2024-09-30; 61 of 366 days of 36600; 1200 spent")
    ]  # fmt: skip


def test_a_year_counts_issued_months_as_issued_and_open_ones_as_drafted(memory: Memory):
    world = small_world()
    spender(world, "acme", ("2024-07-02", "100"), ("2024-08-02", "200"), **yearly("1000", "2023-10-01"))
    world.adjustment("Goodwill", "acme", "2024-07-03", "-40")
    memory.rate(world)
    memory.issue("INV-1", "acme", dt.date(2024, 7, 1))
    world.charge("acme", "2024-09-02", "300")
    memory.rate(world)
    assert printed(memory, "acme") == [
        ("true_up", Decimal("400.00"), "1000 committed; 2023-10-01 to 2024-09-30; 600 spent")
    ]

    world.charge("acme", "2024-08-03", "50")  # the vendor restates a month that is open: the year follows
    world.charge("acme", "2024-07-03", "50")  # and one that is issued: its correction counts as well
    memory.rate(world)
    assert printed(memory, "acme") == [
        ("true_up", Decimal("300.00"), "1000 committed; 2023-10-01 to 2024-09-30; 700 spent")
    ]

    memory.issue("INV-2", "acme", AUGUST)
    memory.issue("INV-3", "acme")
    before = memory.rows("select * from marts.fct_invoice_line order by all")
    memory.rate(world)
    assert memory.rows("select * from marts.fct_invoice_line order by all") == before
    assert [line["amount"] for line in own_lines(memory, "acme", status="issued")] == [Decimal(300)]
    assert (
        memory.rows("select 1 from marts.fct_invoice where status = 'draft' and billing_period < ?", OCTOBER)
        == []
    )


# Caps


def test_what_exceeds_a_cap_is_one_negative_line_per_tax_category_in_proportion(told_commitments: Memory):
    lines = own_lines(told_commitments, "capped")
    assert [(line["tax_category"], line["tax_rate"], line["amount"], line["detail"]) for line in lines] == [
        ("standard", Decimal(19), Decimal("-200.00"), "at most 1000; 1250 spent"),
        ("reduced", Decimal(7), Decimal("-50.00"), "at most 1000; 1250 spent"),
    ]
    draft = told_commitments.draft("capped")
    assert (draft["net_amount"], draft["tax_amount"]) == (Decimal(1000), Decimal("166.00"))


@pytest.mark.parametrize(
    ("customer", "net", "expected"),
    [
        ("below-cap", "1000", []),
        ("odd-cap", "5", [Decimal("-7.51"), Decimal("-7.51")]),
        ("cap-part", "500", [Decimal("-100.00")]),
        ("cap-shared", "600", []),
        ("nothing-more", "0", [Decimal("-600.00")]),
        ("cap-refund", "50", [Decimal("-30.00")]),
    ],
)
def test_a_cap_leaves_exactly_what_it_allows_for_the_days_that_it_is_in_force(
    told_commitments: Memory, customer: str, net: str, expected: list[Decimal]
):
    assert [line["amount"] for line in own_lines(told_commitments, customer)] == expected
    assert told_commitments.draft(customer)["net_amount"] == Decimal(net)


# Adjustments


def test_adjustments_stand_outside_discounts_commitments_and_caps(told_commitments: Memory):
    lines = own_lines(told_commitments, "adjusted")
    assert [
        (line["line_type"], line["description"], line["amount"], line["tax_category"], line["cost"])
        for line in lines
    ] == [
        ("true_up", "Minimum commitment", Decimal("650.00"), "standard", Decimal(0)),
        ("adjustment", "Goodwill", Decimal("-100.00"), "standard", Decimal("1.5")),
        ("adjustment", "Set-up", Decimal("500.01"), "services", Decimal(0)),
    ]
    draft = told_commitments.draft("adjusted")
    assert (draft["net_amount"], draft["tax_amount"]) == (Decimal("1400.01"), Decimal("221.00"))


def test_a_customer_with_nothing_but_an_adjustment_gets_a_document(told_commitments: Memory):
    draft = told_commitments.draft("only-adjusted")
    assert (draft["document_type"], draft["net_amount"], draft["gross_amount"]) == (
        "credit_note",
        Decimal("-12.34"),
        Decimal("-14.68"),
    )


def test_an_adjustment_is_converted_with_its_cost_and_blocks_without_a_rate(told_commitments: Memory):
    (line,) = own_lines(told_commitments, "dollar-adjusted")
    assert (line["amount"], line["cost"], line["vendor_currency"], line["fx_rate"], line["fx_date"]) == (
        Decimal(80),
        Decimal(40),
        "USD",
        Decimal("0.8"),
        dt.date(2024, 8, 30),
    )
    assert told_commitments.draft("krona-adjusted")["blocked_reason"] == (
        "no exchange rate SEK to EUR for 2024-09-01 (adjustment Resa)"
    )


def test_an_adjustment_of_an_invoiced_month_comes_in_the_first_open_one_and_only_once(memory: Memory):
    world = small_world()
    spender(world, "acme", ("2024-08-02", "100"), ("2024-09-02", "100"))
    world.adjustment("In time", "acme", "2024-08-31", "-1")
    memory.rate(world)
    memory.issue("INV-1", "acme", AUGUST)
    world.adjustment("Too late", "acme", "2024-08-31", "-2")
    memory.rate(world)
    assert [line["description"] for line in own_lines(memory, "acme", AUGUST, "issued")] == ["In time"]
    assert [(line["description"], line["charge_period_start"]) for line in own_lines(memory, "acme")] == [
        ("Too late", dt.date(2024, 8, 31))
    ]

    memory.issue("INV-2", "acme")
    world.adjustment("Later still", "acme", "2024-08-31", "-4")
    memory.rate(world)
    assert printed(memory, "acme", OCTOBER) == [("adjustment", Decimal(-4), None)]

    void(memory, "INV-1")
    memory.rate(world)
    assert {line["description"] for line in own_lines(memory, "acme", AUGUST)} == {"In time", "Later still"}
    assert own_lines(memory, "acme", OCTOBER) == []
    assert [line["description"] for line in own_lines(memory, "acme", status="issued")] == ["Too late"]


# Prepaid balances


def draws(told: Memory, customer: str, period: dt.date) -> list[tuple[str, Decimal, Decimal]]:
    rows = told.rows(
        "select top_up_reference, amount, remaining from intermediate.int_prepaid__draw "
        "where customer_id = ? and billing_period = ? order by draw_number",
        customer,
        period,
    )
    return [tuple(row.values()) for row in rows]


def test_two_open_drafts_draw_in_order_from_the_oldest_top_up_and_never_from_an_expired_one(
    told_commitments: Memory,
):
    assert draws(told_commitments, "prepaid", AUGUST) == [
        ("expired", Decimal(0), Decimal(0)),
        ("first", Decimal(119), Decimal(31)),
    ]
    assert draws(told_commitments, "prepaid", SEPTEMBER) == [
        ("expired", Decimal(0), Decimal(0)),
        ("first", Decimal(31), Decimal(0)),
        ("late", Decimal(100), Decimal(0)),
    ]
    september = told_commitments.draft("prepaid")
    assert (september["net_amount"], september["tax_amount"], september["gross_amount"]) == (200, 38, 238)
    assert (september["prepaid_drawn"], september["payable_amount"]) == (131, 107)


def headers(told: Memory, customer: str, period: dt.date = SEPTEMBER) -> tuple[Any, ...]:
    (row,) = told.rows(
        "select prepaid_drawn, payable_amount, prepaid_balance, payment_terms_days "
        "from intermediate.int_invoice__draft where customer_id = ? and billing_period = ?",
        customer,
        period,
    )
    return tuple(row.values())


@pytest.mark.parametrize(
    ("customer", "period", "expected"),
    [
        ("prepaid", AUGUST, (119, 0, 31, 0)),
        ("prepaid", SEPTEMBER, (131, 107, 0, 0)),
        ("no-balance", SEPTEMBER, (0, 119, 0, 0)),
        ("plenty", SEPTEMBER, (119, 0, 382, 30)),
        ("plenty", OCTOBER, (Decimal("59.5"), 0, Decimal("1322.5"), 30)),
        ("credited", SEPTEMBER, (0, -119, 100, 30)),
        ("short", SEPTEMBER, (0, 1190, None, 30)),
    ],
)
def test_what_is_drawn_payable_left_and_in_how_many_days_it_is_due(
    told_commitments: Memory, customer: str, period: dt.date, expected: tuple[Any, ...]
):
    assert headers(told_commitments, customer, period) == expected


def test_issued_draws_are_gone_and_a_void_gives_them_back(memory: Memory):
    world = small_world()
    spender(world, "acme", ("2024-08-02", "100"), ("2024-09-02", "100"))
    world.top_up("acme", "2024-08-01", "150", reference="a")
    world.top_up("acme", "2024-09-01", "60", reference="b")
    memory.rate(world)
    drafted = headers(memory, "acme")
    assert drafted == (91, 28, 0, 30)
    memory.issue("INV-1", "acme", AUGUST)
    memory.rate(world)
    assert headers(memory, "acme") == drafted
    assert memory.rows("select top_up_reference, amount from ledger.prepaid_draw") == [
        {"top_up_reference": "a", "amount": Decimal(119)}
    ]

    memory.issue("INV-2", "acme")
    void(memory, "INV-1")
    world.charge("acme", "2024-10-02", "10")
    memory.rate(world)
    assert draws(memory, "acme", AUGUST) == [("a", Decimal(119), Decimal(0))]
    assert headers(memory, "acme", OCTOBER) == (0, Decimal("11.9"), 0, 30)
    balance = memory.values("select sum(amount) from ledger.prepaid_draw where top_up_reference = 'a'")
    assert balance == [Decimal(31)]


def test_what_was_drawn_stays_drawn_when_the_top_ups_change_and_none_is_overdrawn(memory: Memory):
    world = small_world()
    spender(world, "acme", ("2024-08-02", "100"), ("2024-09-02", "100"))
    world.top_up("acme", "2024-08-01", "200")
    memory.rate(world)
    memory.issue("INV-1", "acme", AUGUST)
    world.tables["prepaid"][0]["amount"] = "100"
    memory.rate(world)
    assert headers(memory, "acme") == (0, 119, 0, 30)


# Parents, quarters and years


def test_a_parents_money_pays_a_document_with_its_childs_minimum(memory: Memory):
    world = small_world()
    world.customer("group")
    world.top_up("group", "2024-09-01", "100")
    for child, spent, terms in (("north", "40", monthly("100")), ("south", "10", {})):
        spender(world, child, ("2024-09-02", spent), **terms)
        world.tables["customers"][-1]["parent_customer_id"] = "group"
    memory.rate(world)

    draft = memory.draft("group")
    assert (draft["net_amount"], draft["gross_amount"]) == (Decimal(110), Decimal("130.90"))
    assert (draft["prepaid_drawn"], draft["payable_amount"]) == (Decimal(100), Decimal("30.90"))
    (line,) = own_lines(memory, "group")
    assert (line["used_by_customer_id"], line["amount"], line["detail"]) == (
        "north",
        Decimal(60),
        "100 committed; 40 spent",
    )
    revenue = "select sum(revenue) as revenue from marts.fct_margin_daily where customer_id = 'north'"
    assert memory.values(revenue) == [Decimal(100)]


def test_a_quarters_document_holds_each_months_minimum_and_draws_once(memory: Memory):
    world = small_world()
    spent = (("2024-07-02", "20"), ("2024-08-02", "30"), ("2024-09-02", "400"))
    spender(world, "acme", *spent, **monthly("100", valid_from="2024-07-01", spend_cap="350"))
    world.tables["customers"][-1]["billing_frequency"] = "quarterly"
    world.adjustment("Goodwill", "acme", "2024-08-15", "-10")
    world.top_up("acme", "2024-09-30", "1000")
    memory.rate(world)

    assert [
        (line["line_type"], line["used_in_period"], line["amount"]) for line in own_lines(memory, "acme")
    ] == [
        ("cap", SEPTEMBER, Decimal(-50)),
        ("true_up", dt.date(2024, 7, 1), Decimal(80)),
        ("true_up", AUGUST, Decimal(70)),
        ("adjustment", AUGUST, Decimal(-10)),
    ]
    assert headers(memory, "acme") == (Decimal("642.6"), 0, Decimal("357.4"), 30)
    memory.issue("INV-1", "acme")
    world.adjustment("Too late", "acme", "2024-08-16", "-1")
    memory.rate(world)
    assert printed(memory, "acme", dt.date(2024, 12, 1))[-1] == ("adjustment", Decimal(-1), None)
    assert headers(memory, "acme", dt.date(2024, 12, 1))[2] == Decimal("357.4") - Decimal("117.81")


# Why this amount?


def why(told: Memory, customer: str, line_type: str, period: dt.date = SEPTEMBER) -> dict[str, list[Row]]:
    line = next(line for line in own_lines(told, customer, period) if line["line_type"] == line_type)
    assert has_no_charges(line)
    return explained(lambda sql, values: told.rows(sql, *values), line)


def test_a_true_up_is_explained_by_its_contracts_their_days_and_what_counted(told_commitments: Memory):
    found = why(told_commitments, "renewed", "true_up")
    assert [(row["contract_id"], row["minimum_commitment"], row["days"]) for row in found["contracts"]] == [
        ("renewed-contract", Decimal(300), 10),
        ("renewed-contract-new", Decimal(600), 20),
    ]
    assert found["counted_in_all"] == [{"counted": Decimal(100)}]

    year = why(told_commitments, "mid-month", "true_up")
    assert [(row["billing_period"], row["counts"], row["amount"]) for row in year["counted"]] == [
        (AUGUST, "whole month", Decimal(1000)),
        (SEPTEMBER, "its days of the month", Decimal(100)),
    ]
    capped = why(told_commitments, "capped-year", "true_up")
    assert capped["counted_in_all"] == [{"counted": Decimal(200)}]


def test_a_cap_and_an_adjustment_are_explained_by_their_rows_of_the_book(told_commitments: Memory):
    found = why(told_commitments, "capped", "cap")
    assert [row["spend_cap"] for row in found["contracts"]] == [Decimal(1000)]
    assert found["counted_in_all"] == [{"counted": Decimal(1250)}]
    (row,) = why(told_commitments, "dollar-adjusted", "adjustment")["adjustment"]
    assert (row["adjustment_id"], row["amount"], row["currency"]) == ("Consulting", Decimal(100), "USD")


# All together


def test_issued_as_in_production_the_ledger_verifies_and_the_next_run_changes_nothing(
    build_once: Callable[[str, Callable[[Warehouse], None]], Warehouse], tmp_path: Path
):
    def build(built: Warehouse) -> None:
        world = World()
        commitment_stories.tell(world)
        built.rate(world)

    built = build_once("commitments", build)
    shutil.copytree(built.settings.home, tmp_path / "home")
    shutil.copytree(built.settings.config, tmp_path / "config")
    settings = replace(built.settings, home=tmp_path / "home", config=tmp_path / "config")
    customers = ("prepaid", "short", "capped", "adjusted", "only-adjusted", "year", "dollars")
    for period in (AUGUST, SEPTEMBER):
        drafted = [name for name in customers if period == SEPTEMBER or name in {"prepaid", "year"}]
        assert issue(settings, period, tuple(drafted), force_reason="a test").refused == {}
    assert verify(settings).problems == ()

    copied = Warehouse(settings)
    issued = copied.rows(
        "select document_number, gross_amount, payable_amount from ledger.document order by 1"
    )
    assert len(issued) == 9
    copied.execute("update ops.built_period set fingerprint = ''")
    assert rate(settings).periods == (AUGUST, SEPTEMBER, OCTOBER)
    with warehouse.connect(settings) as connection:
        check_identities(connection)
    assert copied.rows(
        "select billing_period from marts.fct_invoice where status = 'draft' and customer_id in (select unnest(?)) "
        "and billing_period < ?",
        list(customers),
        OCTOBER,
    ) == []  # fmt: skip
    assert verify(settings).problems == ()


def test_every_line_without_charges_is_revenue_of_the_reseller_without_a_rounding_difference(
    told_commitments: Memory,
):
    rows = told_commitments.rows(
        "select service, day, revenue, cost, margin, rounding_difference from marts.fct_margin_daily "
        "where customer_id = 'adjusted' and billing_period = ? and vendor = 'Nordlicht Cloud GmbH' order by service",
        SEPTEMBER,
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Adjustments", dt.date(2024, 9, 17), Decimal("400.01"), Decimal("1.5"), Decimal("398.51"), 0),
        ("Minimum commitment", dt.date(2024, 9, 30), Decimal(650), 0, Decimal(650), 0),
    ]


def test_rating_again_changes_nothing(memory: Memory):
    world = World()
    commitment_stories.tell(world)
    memory.rate(world)
    tables = ("fct_invoice", "fct_invoice_line", "fct_margin_daily")
    before = [memory.rows(f"select * from marts.{table} order by all") for table in tables]
    memory.connection.execute("update ops.built_period set fingerprint = ''")
    memory.rate(world)
    assert [memory.rows(f"select * from marts.{table} order by all") for table in tables] == before
