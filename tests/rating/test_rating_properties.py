"""What must hold for any customer; the data are those of `random_worlds.py`, the identities of R10 ran with them."""

import math
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from harness import Warehouse
from random_worlds import CUSTOMERS, TINY

RANDOM = "customer_id similar to '(whole|split|shuffled|refunded|share)-.*'"


def revenue_by_rule(told: Warehouse, variant: str) -> dict[tuple[str, str], Decimal]:
    """Exact revenue before discounts by customer number and rule."""
    found = told.rows(
        "select split_part(customer_id, '-', 2) as number, coalesce(rule_id, '') as rule, "
        "sum(amount_before_discount) as amount "
        "from marts.fct_rated_charge where starts_with(customer_id, ?) group by all",
        f"{variant}-",
    )
    return {(row["number"], row["rule"]): row["amount"] for row in found}


@pytest.mark.parametrize("variant", ["split", "shuffled"])
def test_splitting_a_row_in_two_and_the_order_of_rows_change_nothing(told: Warehouse, variant: str):
    whole = revenue_by_rule(told, "whole")
    assert len(whole) > 30
    assert revenue_by_rule(told, variant) == whole


def test_a_refund_of_everything_leaves_only_flat_prices_and_minimums(told: Warehouse):
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for (_, rule), amount in revenue_by_rule(told, "refunded").items():
        totals[rule] += amount
    flat, least = totals.pop("random-flat"), totals.pop("random-bounded")
    assert set(totals.values()) == {Decimal(0)}
    assert flat > 0
    assert flat % Decimal("99.99") == 0
    assert least > 0
    assert least % Decimal("33.33") == 0


@pytest.mark.parametrize("model", ["graduated", "volume", "package"])
def test_the_days_of_a_period_sum_exactly_to_what_its_whole_quantity_costs(told: Warehouse, model: str):
    found = told.rows(
        "select sum(quantity) as quantity, sum(amount_before_discount) as amount from marts.fct_rated_charge "
        f"where rule_id = 'random-{model}' and charge_category in ('Usage', 'Purchase') and {RANDOM} "
        "group by customer_id"
    )
    assert len(found) > 20
    assert [row for row in found if row["amount"] != price_of(model, row["quantity"])] == []


def price_of(model: str, quantity: Decimal) -> Decimal:
    """What `random_worlds.py` asks for a quantity, written down from R5 and not from the models."""
    if quantity < 0:
        return -price_of(model, -quantity)
    if model == "package":
        return Decimal("4.1") * math.ceil(max(quantity - 3, Decimal(0)) / Decimal("7.25"))
    tiers = [("0", "10.5", "1.0371", "3"), ("10.5", "60", "0.33", "0"), ("60", "1e9", "0.271828", "7.77")]
    entered = [tuple(map(Decimal, tier)) for tier in tiers if quantity > Decimal(tier[0])]
    if model == "volume":
        return sum((quantity * price + fee for _, _, price, fee in entered[-1:]), Decimal(0)).quantize(
            TINY, ROUND_HALF_UP
        )
    return sum(
        ((min(quantity, end) - start) * price + fee for start, end, price, fee in entered), Decimal(0)
    ).quantize(TINY, ROUND_HALF_UP)


def test_a_rules_amount_stays_within_its_bounds_and_refunds_within_the_mirrored_maximum(told: Warehouse):
    sums = told.values(
        "select sum(amount_before_discount) from marts.fct_rated_charge "
        f"where rule_id = 'random-bounded' and charge_category in ('Usage', 'Purchase') and {RANDOM} "
        "group by customer_id"
    )
    assert {Decimal("33.33"), Decimal(200)} <= set(sums)
    assert [amount for amount in sums if not (33 < amount <= 200 or -200 <= amount < 0)] == []


def test_parts_of_a_shared_account_sum_to_the_whole(told: Warehouse):
    measures = ("quantity", "list_cost", "contracted_cost", "billed_cost", "effective_cost")
    different = " or ".join(f"sum(part.{name}) <> any_value(whole.{name})" for name in measures)
    parts = (
        "intermediate.int_charges__assigned as part "
        "inner join intermediate.int_charges__daily as whole using (charge_id)"
    )
    assert told.values(f"select count(*) from {parts} where whole.sub_account_id = 'shared'")[0] > 100
    assert told.rows(f"select charge_id from {parts} group by charge_id having {different}") == []


def test_flat_parts_sum_to_the_price_once_per_customer(told: Warehouse):
    sums = told.values(
        "select sum(amount_before_discount) from marts.fct_rated_charge "
        f"where rule_id = 'random-flat' and charge_category in ('Usage', 'Purchase') and {RANDOM} "
        "group by customer_id"
    )
    assert len(sums) > 20
    assert set(sums) == {Decimal("99.99")}


def test_discounts_never_exceed_what_they_reduce_and_spare_negative_lines(told: Warehouse):
    scopes = told.rows(
        "select line_id, sum(amount_before_discount) as amount, sum(discount_line) as discount "
        f"from marts.fct_rated_charge where disposition = 'sold' and {RANDOM} group by line_id"
    )
    discounted = [scope for scope in scopes if scope["discount"] != 0]
    assert len(discounted) > 50
    assert [scope for scope in discounted if not 0 < scope["discount"] <= scope["amount"]] == []


def test_rounded_lines_sum_to_the_net_and_tax_is_on_the_net(told: Warehouse):
    broken = told.rows(
        """
        select invoice.customer_id from marts.fct_invoice as invoice
        left join (select customer_id, sum(amount) as lines from marts.fct_invoice_line group by all)
            using (customer_id)
        where invoice.net_amount <> coalesce(lines, 0)
            or invoice.net_amount + invoice.tax_amount <> invoice.gross_amount
            or invoice.net_amount <> round(invoice.net_amount, 2)
        """
    )
    assert [row["customer_id"] for row in broken if row["customer_id"] != "kuwaiti"] == []


def test_every_line_is_within_half_a_cent_of_its_exact_amount(told: Warehouse):
    assert (
        told.rows(
            f"select * from marts.fct_invoice_line where abs(amount - exact_amount) > 0.005 and {RANDOM}"
        )
        == []
    )


def test_every_customer_number_was_told_in_every_variant(told: Warehouse):
    customers = told.values(f"select distinct customer_id from marts.fct_rated_charge where {RANDOM}")
    assert len(customers) == 4 * len(CUSTOMERS) + 3
