"""What happens when an issued month turns out to be wrong (R9.3); the stories are in `correction_stories.py`.

Every rating of the history proves the identities of R10.
"""

from __future__ import annotations

import datetime as dt
import pickle
from decimal import Decimal
from typing import Any

import pytest
from compiled import Project
from correction_stories import NOVEMBER, OCTOBER, Stories
from harness import SEPTEMBER

Moments = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def moments(build_once, project: Project) -> Moments:
    def live(built: Any) -> None:
        built.settings.home.mkdir(parents=True)
        (built.settings.home / "moments").write_bytes(pickle.dumps(Stories(project).live()))

    built = build_once("corrections", live)
    found: Moments = pickle.loads((built.settings.home / "moments").read_bytes())
    return found


def lines(moment: dict[str, Any], customer: str, period: dt.date = OCTOBER) -> list[dict[str, Any]]:
    """A draft's lines in print order."""
    return [
        row for row in moment["lines"] if (row["customer_id"], row["billing_period"]) == (customer, period)
    ]


def printed(moment: dict[str, Any], customer: str, period: dt.date = OCTOBER) -> list[tuple[str, str]]:
    return [(row["line_type"], f"{row['amount']:.2f}") for row in lines(moment, customer, period)]


def draft(moment: dict[str, Any], customer: str, period: dt.date = OCTOBER) -> dict[str, Any]:
    (row,) = [
        row for row in moment["drafts"] if (row["customer_id"], row["billing_period"]) == (customer, period)
    ]
    found: dict[str, Any] = row
    return found


def margin(moment: dict[str, Any], customer: str, period: dt.date = SEPTEMBER) -> tuple[Decimal, Decimal]:
    """Revenue and cost of a customer's month."""
    (row,) = [
        row for row in moment["margin"] if (row["customer_id"], row["billing_period"]) == (customer, period)
    ]
    return row["revenue"], row["cost"]


def test_a_restated_month_is_corrected_on_the_next_invoice(moments: Moments):
    """A reseller would lose, or keep, what the vendor changed after the invoice."""
    assert printed(moments["restated"], "changed") == [("usage", "22.00"), ("correction", "3.30")]
    line = lines(moments["restated"], "changed")[1]
    assert (line["used_in_period"], line["charge_period_start"]) == (SEPTEMBER, dt.date(2024, 9, 10))
    assert (line["reference_document"], line["detail"]) == ("INV-04", "58.3 instead of 55")


def test_a_withdrawn_row_is_given_back(moments: Moments):
    """The customer would have paid for what the vendor no longer charges."""
    assert printed(moments["restated"], "withdrawn") == [("usage", "22.00"), ("correction", "-44.00")]


def test_the_margin_of_a_corrected_month_is_what_it_should_have_been(moments: Moments):
    """September's correction would be mixed into October."""
    assert margin(moments["restated"], "changed") == (Decimal("58.3"), Decimal(53))
    assert margin(moments["restated"], "changed", OCTOBER) == (Decimal(22), Decimal(20))


def test_a_correction_that_is_issued_is_never_made_again(moments: Moments):
    """A customer would get the same credit every month."""
    assert printed(moments["later"], "changed", NOVEMBER) == [("usage", "33.00")]


def test_a_month_that_is_restated_again_is_corrected_by_the_rest(moments: Moments):
    """The second correction would forget the first."""
    assert printed(moments["later"], "again", NOVEMBER) == [("usage", "33.00"), ("correction", "-3.30")]
    assert lines(moments["later"], "again", NOVEMBER)[1]["detail"] == "62.7 instead of 66"


def test_what_changes_no_cent_is_not_printed(moments: Moments):
    """0.0055 was billed as 0.01, 0.0110 is 0.01 as well: a line over 0.00 explains nothing."""
    assert printed(moments["restated"], "cents") == [("usage", "22.00")]


def test_a_late_row_is_billed_with_its_own_service_and_day(moments: Moments):
    line = lines(moments["restated"], "late")[1]
    assert (line["line_type"], line["service"], line["amount"]) == (
        "correction",
        "Storage",
        Decimal("7.7000"),
    )
    assert line["charge_period_start"] == dt.date(2024, 9, 29)


def test_a_corrected_mapping_moves_the_charge_from_one_customer_to_the_other(moments: Moments):
    """One customer would pay for another's account, and go on doing so."""
    assert printed(moments["restated"], "giver")[1:] == [("correction", "-33.00")]
    assert printed(moments["restated"], "taker")[1:] == [("correction", "33.00")]


def test_a_change_of_cost_alone_bills_nothing_and_moves_the_margin(moments: Moments):
    """A customer with a unit price would be bothered by the vendor's prices, or the margin would be wrong."""
    assert printed(moments["restated"], "unit") == [("usage", "30.00")]
    assert margin(moments["restated"], "unit") == (Decimal(30), Decimal(26))


def test_a_document_below_zero_is_a_credit_note_that_names_the_invoice(moments: Moments):
    """An invoice with a negative total is none that a customer's software or the tax office takes."""
    found = draft(moments["restated"], "credited")
    assert (found["document_type"], found["net_amount"]) == ("credit_note", Decimal("-77.0000"))
    assert found["reference_document"] == "INV-06"


def test_a_customer_who_left_gets_a_document_of_its_own(moments: Moments):
    """The credit of a customer without further usage would wait for an invoice that never comes."""
    found = draft(moments["restated"], "gone")
    assert (found["document_type"], found["net_amount"]) == ("credit_note", Decimal("-11.0000"))
    assert (found["period_start"], found["reference_document"]) == (OCTOBER, "INV-08")


def test_a_correction_of_a_child_is_on_its_parents_document(moments: Moments):
    assert printed(moments["restated"], "parent") == [("usage", "22.00"), ("correction", "11.00")]
    assert {line["used_by_customer_id"] for line in lines(moments["restated"], "parent")} == {"branch"}


def test_a_correction_of_an_issued_quarter_is_on_the_next_quarters_document(moments: Moments):
    found = printed(moments["restated"], "quarterly", dt.date(2024, 12, 1))
    assert found == [("usage", "22.00"), ("correction", "11.00")]


def test_a_refund_walks_back_the_tiers_of_the_whole_month(moments: Moments):
    """210 was billed for 110 units; 80 units cost 160. Priced alone, thirty units would be credited at 2 each."""
    assert printed(moments["restated"], "tiered") == [("usage", "20.00"), ("correction", "-50.00")]
    assert lines(moments["restated"], "tiered")[1]["quantity"] == Decimal(-30)


def test_a_discount_that_is_earned_late_is_corrected_as_a_line_of_its_own(moments: Moments):
    """165 for both services, less ten percent of it: the customer would lose what it earned."""
    found = [
        (line["line_type"], line["discount_kind"], f"{line['amount']:.2f}")
        for line in lines(moments["restated"], "bundled")
    ]
    assert found == [
        ("usage", None, "22.00"),
        ("correction", None, "55.00"),
        ("discount", "bundle", "-16.50"),
    ]


def test_a_true_up_is_lowered_by_what_was_used_after_all(moments: Moments):
    """55 and a true-up of 45 were billed; 77 were used: the minimum of 100 stays what it is."""
    found = printed(moments["restated"], "committed")
    assert found == [("usage", "220.00"), ("correction", "22.00"), ("true_up", "-22.00")]


def test_a_late_cancellation_gives_back_the_days_after_it(moments: Moments):
    """Two seats at 30 for 15 of 30 days: half of 60 is given back."""
    assert printed(moments["restated"], "subscribed")[-1] == ("correction", "-30.00")


def test_voiding_the_correcting_document_makes_the_correction_due_again(moments: Moments):
    assert printed(moments["later"], "reopened") == [("usage", "22.00"), ("correction", "11.00")]


def test_voiding_the_original_takes_its_correction_into_account(moments: Moments):
    """The month would be billed whole, and its correction a second time."""
    assert printed(moments["later"], "redone", SEPTEMBER) == [("usage", "66.00"), ("correction", "-11.00")]
    assert printed(moments["reissued"], "redone", SEPTEMBER) == []
    assert printed(moments["reissued"], "redone", NOVEMBER) == [("usage", "33.00")]


def test_a_charge_without_a_price_holds_the_whole_month(moments: Moments):
    """Half a correction would credit the old charge and forget the new one."""
    assert printed(moments["restated"], "held") == [("usage", "22.00")]
    (held,) = moments["restated"]["held"]
    assert held["held_reason"].startswith(
        "1 charges without a price in the book that the month was billed by"
    )
    assert {row["customer_id"] for row in moments["restated"]["late"]} == {"held"}


@pytest.mark.parametrize("name", ["before", "restated", "later", "reissued"])
def test_every_loaded_cent_has_a_place_at_any_moment(moments: Moments, name: str):
    assert {row["misplaced"] for row in moments[name]["reconciled"]} == {Decimal(0)}
