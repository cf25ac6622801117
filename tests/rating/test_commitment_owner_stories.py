"""R5.5 told customer by customer: the world is built in `commitment_owner_stories.py`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import commitment_owner_stories
import pytest
from harness import OCTOBER, Warehouse, World

from cspbill.status import read_status


@pytest.fixture(scope="session")
def owned(build_once: Callable[[str, Callable[[Warehouse], None]], Warehouse]) -> Warehouse:
    """Every story of this module, rated in one build, the identities of R10 proven on it."""

    def run(built: Warehouse) -> None:
        world = World()
        commitment_owner_stories.tell(world)
        built.rate(world)

    return build_once("commitment-owners", run)


def margin(owned: Warehouse, *customers: str) -> Decimal:
    found = owned.values(
        "select sum(margin) from marts.fct_margin_daily where list_contains(?, customer_id)", list(customers)
    )
    return found[0]


def test_g15_the_owner_pays_what_lay_idle_the_other_on_demand_and_the_rest_is_margin(owned: Warehouse):
    assert owned.revenue("g15-owner-effective") == Decimal(36)  # 60 idle hours × 0.60
    assert owned.revenue("g15-user-effective") == Decimal(
        40
    )  # 40 hours at the contracted 1.00, not 24 at 0.60
    # The vendor billed 60; what B used of it cost 24 and was sold for 40.
    assert margin(owned, "g15-owner-effective", "g15-user-effective") == Decimal(16)


def test_g15_by_billed_cost_the_owner_pays_the_purchase_and_the_other_on_demand(owned: Warehouse):
    assert owned.revenue("g15-owner-billed") == Decimal(60)
    assert owned.revenue("g15-user-billed") == Decimal(40)  # the vendor billed 0 for these hours
    assert margin(owned, "g15-owner-billed", "g15-user-billed") == Decimal(40)


@pytest.mark.parametrize(
    ("way", "revenue"),
    [
        ("billed", "60"),  # the purchase, and 0 for what it covers
        ("effective", "60"),  # 24 used + 36 idle, and 0 for the purchase
        ("contracted", "40"),  # 40 hours × 1.00: neither the purchase nor idle hours
        ("list", "48"),  # 40 hours × 1.20
        ("list-minus", "43.2"),  # 48 less 10 %
        ("unit-price", "36"),  # 40 hours × 0.90: idle hours are no hours used
    ],
)
def test_a_purchase_and_what_it_covers_are_never_both_billed(owned: Warehouse, way: str, revenue: str):
    assert owned.revenue(f"own-{way}") == Decimal(revenue)


@pytest.mark.parametrize(
    ("way", "revenue"),
    [
        ("billed", "40"),
        ("effective", "40"),
        ("contracted", "40"),
        ("list", "48"),
        ("list-minus", "43.2"),
        ("unit-price", "36"),
    ],
)
def test_what_the_resellers_commitment_covers_is_rated_as_uncovered(owned: Warehouse, way: str, revenue: str):
    assert owned.revenue(f"other-{way}") == Decimal(revenue)
    (row,) = owned.rated(f"other-{way}")
    is_moved = way in ("billed", "effective")
    assert row["reason"] == ("covered by another's commitment: rated as uncovered" if is_moved else None)


def test_the_resellers_own_purchases_are_kept_and_nobodys_unallocated(owned: Warehouse):
    kept = owned.rows(
        "select distinct disposition, reason from marts.fct_rated_charge "
        "where sub_account_id = ? and charge_category = 'Purchase'",
        commitment_owner_stories.OWN_ACCOUNT,
    )
    assert kept == [{"disposition": "kept", "reason": "the reseller's own account"}]


def test_the_book_says_whose_a_commitment_is_whatever_account_bought_it(owned: Warehouse):
    # Until 14 September the plan is named-owner's: the purchase, and 0 for its 10 hours; on the 15th the account
    # counts again, and 30 hours are covered by another's plan.
    assert owned.revenue("named-owner") == Decimal(90)
    assert owned.revenue("named-user") == Decimal(20)


def test_a_commitment_in_owner_accounts_is_the_resellers_though_a_customer_holds_the_account(
    owned: Warehouse,
):
    assert owned.revenue("resellers-named") == Decimal(40)
    kept = owned.values(
        "select disposition from marts.fct_rated_charge "
        "where commitment_discount_id = 'resellers-plan' and charge_category = 'Purchase'"
    )
    assert kept == ["kept"]


def test_a_microsoft_reservation_belongs_to_whoever_bought_its_order(owned: Warehouse):
    assert owned.revenue("order") == Decimal(60)


def test_an_arn_names_the_account_that_bought_it(owned: Warehouse):
    assert owned.revenue("by-id") == Decimal(0)
    assert owned.revenue("by-id-other") == Decimal(10)


def test_a_purchase_counts_for_its_own_and_later_periods_only(owned: Warehouse):
    assert owned.revenue("bought-in-august") == Decimal(0)
    assert owned.revenue("bought-in-august", OCTOBER) == Decimal(0)
    assert owned.revenue("bought-later") == Decimal(40)


def test_a_commitment_changes_hands_with_its_account(owned: Warehouse):
    days = {
        customer: [row["revenue"] for row in owned.rated(customer) if row["charge_category"] == "Usage"]
        for customer in ("before", "after")
    }
    assert days == {"before": [Decimal(0), Decimal(10)], "after": [Decimal(10), Decimal(0)]}


def test_a_benefit_that_nobody_has_proven_is_not_handed_on(owned: Warehouse):
    assert owned.revenue("unknown") == Decimal(40)
    assert owned.revenue("unclaimed") == Decimal(40)


def test_where_nothing_else_tells_a_commitment_goes_with_the_billing_account_that_it_cannot_leave(
    owned: Warehouse,
):
    assert owned.revenue("tenant") == Decimal(0)  # accounts.csv gives tenant-payer to this customer
    assert owned.revenue("guest") == Decimal(10)  # who only has a sub-account in it


def test_where_the_vendor_gives_no_contracted_cost_the_list_price_counts(owned: Warehouse):
    assert owned.revenue("no-contracted") == Decimal(48)
    assert owned.revenue("contracted-of-0") == Decimal(48)


def test_covered_usage_without_any_price_blocks_its_customer_with_the_reason(owned: Warehouse):
    assert owned.draft("no-price")["blocked_reason"] == (
        "1 charges without a price (covered by another's commitment, and the vendor gives no contracted or list cost)"
    )


def test_refunds_and_negations_take_back_what_was_billed(owned: Warehouse):
    assert owned.revenue("refund") == Decimal(30)
    assert owned.revenue("negation") == Decimal(40)  # 40 contracted and nothing for the negation, not 40 − 40


def test_everyone_with_a_share_of_the_account_owns_what_it_bought(owned: Warehouse):
    assert owned.revenue("sixty") == Decimal(36)  # 60 % of the purchase, 0 for what it covers, in any account
    assert owned.revenue("forty") == Decimal(24)


def test_credits_on_covered_usage_pass_as_the_rule_says(owned: Warehouse):
    assert owned.revenue("credited") == Decimal(37)


def test_status_lists_commitments_of_unknown_owners_with_their_money_and_what_to_write(owned: Warehouse):
    found = {row["commitment"]: row for row in read_status(owned.settings)["commitments"]}
    assert sorted(found) == ["ri-later", "ri-nobodys", "ri-unknown"]
    unknown, nobodys = found["ri-unknown"], found["ri-nobodys"]
    assert (unknown["customers"], unknown["period"], unknown["currency"]) == ("unknown", "2024-09", "EUR")
    assert (unknown["cost_if_own"], unknown["rated_at"]) == (Decimal(0), Decimal(40))
    assert unknown["add_to_accounts_csv"] == "aws,ri-unknown,<customer_id>"
    assert (nobodys["cost_if_own"], nobodys["rated_at"]) == (Decimal(24), Decimal(40))
    assert nobodys["add_to_accounts_csv"] == "aws,nobodys-account,<customer_id>"


def test_a_purchase_that_arrives_late_re_rates_the_later_periods(tmp_path):
    built = Warehouse.in_directory(tmp_path)
    for bought, revenue in ((False, Decimal(40)), (True, Decimal(0))):
        world = World()
        commitment_owner_stories.tell_late(world, bought=bought)
        built.rate(world)
        assert built.revenue("back-filled") == revenue
    assert built.rate(world).periods == ()
