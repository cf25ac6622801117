"""What each story of `rated_stories.py` must come to, in literal decimals."""

import datetime as dt
from decimal import Decimal

import pytest
from harness import SEPTEMBER, Warehouse

from cspbill.explain import explain_line


def net(told: Warehouse, customer: str) -> Decimal:
    return told.draft(customer)["net_amount"]


def test_g10_two_discounts_of_ten_percent_leave_81_not_80(told: Warehouse):
    lines = [(line["amount"], line["detail"]) for line in told.lines("g10")]
    assert lines == [
        (Decimal(100), "1 resource in account g10"),
        (Decimal(-10), "10 % of 100"),
        (Decimal(-9), "10 % of 90"),
    ]
    assert net(told, "g10") == Decimal("81.00")


def test_a_discount_never_applies_to_a_scope_that_a_refund_made_negative(told: Warehouse):
    assert [line["amount"] for line in told.lines("refunded")] == [Decimal("50.00")]


def test_discounts_never_take_a_line_below_zero(told: Warehouse):
    assert net(told, "free") == Decimal(0)
    assert told.revenue("free") == Decimal(0)


def test_g2_reverse_and_rebill_rows_pass_as_the_vendor_delivered_them(told: Warehouse):
    assert net(told, "g2") == Decimal("7.87")


def test_g14_losing_partner_credit_moves_margin_at_list_price_and_price_at_cost_plus(told: Warehouse):
    def by_day(customer: str) -> list[tuple[Decimal, Decimal]]:
        return [(row["revenue"], row["revenue"] - row["cost"]) for row in told.rated(customer)]

    assert by_day("g14-list") == [(Decimal(100), Decimal(15)), (Decimal(100), Decimal(0))]
    assert by_day("g14-plus") == [(Decimal("93.5"), Decimal("8.5")), (Decimal(110), Decimal(10))]


def test_many_crumbs_are_rounded_once_as_a_line_and_the_gap_is_its_own_measure(told: Warehouse):
    amounts = {line["service"]: (line["amount"], line["exact_amount"]) for line in told.lines("crumbs")}
    assert amounts == {
        "Compute": (Decimal("0.02"), Decimal("0.015")),
        "Queue": (Decimal(0), Decimal("0.000000000001")),
    }
    measures = told.rows(
        "select service, sum(rounding_difference) as difference, sum(revenue) as revenue "
        "from marts.fct_margin_daily where customer_id = 'crumbs' group by all order by service"
    )
    assert [(row["difference"], row["revenue"]) for row in measures] == [
        (Decimal("0.005"), Decimal("0.02")),
        (Decimal("-0.000000000001"), Decimal(0)),
    ]


def test_g12_a_shared_account_is_split_25_to_75(told: Warehouse):
    assert (net(told, "g12-a"), net(told, "g12-b")) == (Decimal(25), Decimal(75))


def test_an_account_that_moves_is_the_new_customers_from_the_first_day(told: Warehouse):
    assert (net(told, "mover-old"), net(told, "mover-new")) == (Decimal(10), Decimal(20))


def test_the_rest_of_a_half_owned_account_is_shown_as_nobodys(told: Warehouse):
    assert net(told, "half") == Decimal("4.50")
    cost = told.values("select cost from marts.fct_unallocated_cost where account_id = 'half-owned'")
    assert cost == [Decimal("4.5")]


def test_unclaimed_accounts_are_counted_even_below_the_resellers_payer(told: Warehouse):
    found = told.rows(
        "select disposition, billed_cost from marts.fct_rated_charge where sub_account_id = 'unknown'"
    )
    assert sorted((row["disposition"], row["billed_cost"]) for row in found) == [
        ("unallocated", Decimal(5)),
        ("unallocated", Decimal("12.34")),
    ]


def test_the_resellers_own_account_is_kept_and_never_billed(told: Warehouse):
    found = told.rows(
        "select disposition, billed_cost from marts.fct_rated_charge where sub_account_id = 'own-account'"
    )
    assert [(row["disposition"], row["billed_cost"]) for row in found] == [("kept", Decimal(3))]


def test_units_beyond_the_included_ones_are_priced_in_the_order_of_days(told: Warehouse):
    priced = [row["revenue"] for row in told.rated("units") if row["disposition"] == "sold"]
    assert priced == [Decimal(0), Decimal("1.00"), Decimal("4.05")]
    (line,) = told.lines("units")
    assert (line["quantity"], line["unit_price"], line["amount"], line["detail"]) == (
        Decimal(201),
        Decimal("0.05"),
        Decimal("5.05"),
        "100 Hours included",
    )


def test_a_charge_in_another_unit_is_unpriced_and_blocks_its_customer_only(told: Warehouse):
    assert told.draft("units")["blocked_reason"] == (
        "1 charges without a price (rule hours prices Hours, the charge comes in Days)"
    )
    assert told.draft("g10")["blocked_reason"] is None


def test_a_flat_price_is_charged_once_and_its_days_sum_to_it(told: Warehouse):
    assert [row["revenue"] for row in told.rated("supported")] == [
        Decimal("149.99999999985"),
        Decimal("150.00000000030"),
        Decimal("149.99999999985"),
    ]
    (line,) = told.lines("supported")
    assert (line["quantity"], line["unit_price"], line["amount"]) == (Decimal(1), Decimal(450), Decimal(450))


def test_a_refund_of_what_an_earlier_period_billed_gives_it_back(told: Warehouse):
    assert net(told, "returning") == Decimal("-2.50")
    assert told.draft("returning")["document_type"] == "credit_note"


@pytest.mark.parametrize(
    ("customer", "by_day", "quantity", "unit", "unit_price", "detail"),
    [
        ("g3", ["100.80"], "101", "Hours", None, "tiers: 100 × 1 + 1 × 0.8"),
        ("g6", ["0", "5", "5"], "2", "package", "5", "201 Hours less 100 included, in packages of 100"),
        (
            "g7",
            ["30.153846153850", "18.846153846150"],
            "65000",
            "Hours",
            None,
            "volume price: 65000 × 0.0006 + 10",
        ),
        ("fraction", ["99.5", "0.9"], "100.5", "Hours", None, "tiers: 100 × 1 + 0.5 × 0.8"),
        ("walks-back", ["100.8", "-1.8"], "99", "Hours", None, "tiers: 99 × 1"),
        ("undone", ["120", "-120"], "0", "Hours", None, "tiers: 0"),
    ],
)
def test_g3_g6_g7_tiers_and_packages_accumulate_by_day_and_are_printed_as_they_came_about(
    told: Warehouse,
    customer: str,
    by_day: list[str],
    quantity: str,
    unit: str,
    unit_price: str | None,
    detail: str,
):
    assert [row["revenue"] for row in told.rated(customer)] == [Decimal(amount) for amount in by_day]
    (line,) = told.lines(customer)
    assert line["exact_amount"] == sum(map(Decimal, by_day))
    printed = line["quantity"], line["unit"], line["unit_price"], line["detail"]
    assert printed == (Decimal(quantity), unit, None if unit_price is None else Decimal(unit_price), detail)


def test_a_tiers_fee_is_charged_when_it_is_entered_and_a_credit_walks_down_no_tier(told: Warehouse):
    priced = [(row["charge_category"], row["revenue"]) for row in told.rated("fees")]
    assert priced == [("Usage", Decimal(99)), ("Usage", Decimal("11.5")), ("Credit", Decimal(-4))]


def test_skus_of_one_rule_fill_its_tiers_together_and_neither_line_has_a_price(told: Warehouse):
    lines = [
        (line["sku"], line["quantity"], line["unit_price"], line["amount"]) for line in told.lines("two-skus")
    ]
    assert sorted(lines) == [
        ("other", Decimal(40), None, Decimal("36.00")),
        ("vm", Decimal(80), None, Decimal("80.00")),
    ]


@pytest.mark.parametrize(
    ("customer", "by_day", "unit_price", "detail"),
    [
        ("least", ["7.5", "2.5"], None, "1 resource in account least; minimum of 10 per billing period"),
        ("between", ["10.5"], "0.05", "1 resource in account between"),
        ("above", ["3", "9"], None, "1 resource in account above; maximum of 12 per billing period"),
    ],
)
def test_a_rules_minimum_and_maximum_bound_a_period_and_take_the_price_off_the_line(
    told: Warehouse, customer: str, by_day: list[str], unit_price: str | None, detail: str
):
    assert [row["revenue"] for row in told.rated(customer)] == [Decimal(amount) for amount in by_day]
    (line,) = told.lines(customer)
    assert line["unit_price"] == (None if unit_price is None else Decimal(unit_price))
    assert line["detail"].replace("2 resources", "1 resource") == detail


def test_a_bound_in_dollars_is_converted_and_passed_credits_come_on_top(told: Warehouse):
    priced = [(row["charge_category"], row["revenue"]) for row in told.rated("most")]
    assert priced == [("Usage", Decimal(20)), ("Usage", Decimal(60)), ("Credit", Decimal(-7))]


def test_a_line_is_explained_tier_by_tier(told: Warehouse):
    def tiers(customer: str) -> list[tuple[int, Decimal, Decimal, Decimal, Decimal]]:
        found = explain_line(told.settings, f"{customer}@2024-09", 1, 5)["tiers"]
        return [
            tuple(row[name] for name in ("tier", "units", "unit_price", "flat_fee", "amount"))
            for row in found
        ]

    assert tiers("fraction") == [
        (1, Decimal(100), Decimal(1), Decimal(0), Decimal(100)),
        (2, Decimal("0.5"), Decimal("0.80"), Decimal(0), Decimal("0.4")),
    ]
    assert tiers("g7") == [(2, Decimal(65000), Decimal("0.0006"), Decimal(10), Decimal(49))]
    assert tiers("g10") == []


def test_a_price_change_in_mid_month_starts_to_accumulate_anew(told: Warehouse):
    priced = [(row["rule_id"], row["revenue"]) for row in told.rated("changing")]
    assert priced == [("changing-until", Decimal(80)), ("changing-since", Decimal(160))]


def test_prices_change_on_their_day_and_the_parent_book_fills_the_gaps(told: Warehouse):
    priced = [(row["charge_day"].day, row["rule_id"], row["revenue"]) for row in told.rated("gold")]
    assert sorted(priced) == [
        (15, "gold-aws", Decimal(105)),
        (16, "standard-all", Decimal(120)),
        (16, "standard-compute", Decimal(130)),
        (20, "gold-aws-eu", Decimal(101)),
    ]


def test_without_a_contract_nothing_is_billed_and_the_invoice_is_blocked(told: Warehouse):
    assert net(told, "no-contract") == Decimal(0)
    assert (
        told.draft("no-contract")["blocked_reason"] == "1 charges without a price (no contract on this day)"
    )


def test_the_vendors_billing_period_decides_the_invoice_and_the_charge_day_the_margin(told: Warehouse):
    assert [(line["line_type"], line["amount"]) for line in told.lines("across")] == [
        ("usage", Decimal(12)),
        ("correction", Decimal(-2)),
    ]
    months = told.rows(
        "select month, revenue from marts.fct_margin_monthly where customer_id = 'across' order by month"
    )
    assert [(row["month"], row["revenue"]) for row in months] == [
        (dt.date(2024, 7, 1), Decimal(-2)),
        (dt.date(2024, 8, 1), Decimal(5)),
        (dt.date(2024, 9, 1), Decimal(7)),
    ]


def test_credits_are_passed_on_only_by_rules_that_say_so_and_vendor_tax_never(told: Warehouse):
    assert (net(told, "credits-passed"), net(told, "credits-kept")) == (Decimal(80), Decimal(110))
    margin = told.values("select sum(margin) from marts.fct_margin_daily where customer_id = 'credits-kept'")
    assert margin == [Decimal(30)]


def test_a_reservation_is_billed_by_its_usage_and_not_by_its_purchase_too(told: Warehouse):
    assert [
        (row["charge_category"], row["disposition"], row["revenue"]) for row in told.rated("committed")
    ] == [
        ("Purchase", "kept", Decimal(0)),
        ("Usage", "sold", Decimal(10)),
    ]


def test_costs_cross_to_the_customers_currency_over_the_euro_by_last_months_rate(told: Warehouse):
    (row,) = told.rated("swiss")
    assert (row["fx_rate"], row["fx_date"]) == (Decimal("0.76"), dt.date(2024, 8, 30))
    assert (row["cost"], row["revenue"]) == (Decimal(76), Decimal("83.6"))


@pytest.mark.parametrize(
    ("customer", "exact", "rounded"),
    [("japanese", Decimal("1234.5"), Decimal(1235)), ("kuwaiti", Decimal("1.2342"), Decimal("1.234"))],
)
def test_lines_round_to_the_minor_unit_of_their_currency(
    told: Warehouse, customer: str, exact: Decimal, rounded: Decimal
):
    (line,) = told.lines(customer)
    assert (line["exact_amount"], line["amount"]) == (exact, rounded)


def test_a_missing_rate_blocks_the_customer_and_names_pair_and_date(told: Warehouse):
    assert told.draft("rateless")["blocked_reason"] == (
        "1 charges without a price (no exchange rate EUR to SEK for 2024-09-01)"
    )


def test_prices_of_a_book_in_dollars_are_printed_in_the_customers_currency(told: Warehouse):
    (line,) = told.lines("dollar-priced")
    assert (line["quantity"], line["unit_price"], line["amount"], line["currency"]) == (
        Decimal(3),
        Decimal(2),
        Decimal(6),
        "EUR",
    )


def test_g9_tax_of_8_25_percent_on_70_is_5_78(told: Warehouse):
    draft = told.draft("g9")
    assert (draft["tax_amount"], draft["payable_amount"]) == (Decimal("5.78"), Decimal("75.78"))


def test_tax_is_rounded_once_per_rate_on_the_rounded_lines(told: Warehouse):
    taxes = told.rows(
        "select tax_rate, taxable_amount, tax_amount from intermediate.int_invoice__draft_tax "
        "where customer_id = 'two-rates' order by tax_rate"
    )
    # 0.013 and 0.015 are the lines 0.01 and 0.02; their tax is that of 0.03, not of 0.028 and not twice rounded.
    assert [tuple(row.values()) for row in taxes] == [
        (Decimal(7), Decimal(100), Decimal(7)),
        (Decimal(19), Decimal("0.03"), Decimal("0.01")),
    ]
    assert told.draft("two-rates")["gross_amount"] == Decimal("107.04")


def test_a_business_in_another_member_state_owes_the_tax_itself(told: Warehouse):
    (line,) = told.lines("french")
    assert (line["tax_code"], line["tax_rate"]) == ("AE", Decimal(0))


def test_a_missing_tax_rate_blocks_the_customer(told: Warehouse):
    assert told.draft("italian")["blocked_reason"] == "no tax rate for IT, category standard"


def test_drafts_of_a_period_that_is_not_final_need_force(told: Warehouse):
    assert told.draft("g10", SEPTEMBER)["force_reason_needed"] == "not final: aws"
