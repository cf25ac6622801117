"""What a line of a credit note or a correction refers to is explained down to the charges of the original month."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from invoice_warehouse import OCTOBER, SEPTEMBER, Warehouse

from cspbill.explain import as_text, explain_document, explain_line
from cspbill.settings import Settings
from invoices.issue import issue
from invoices.void import void

#: The marts as dbt has them, of issued documents alone.
_MARTS = (
    "create schema marts",
    """create view marts.fct_invoice as select *, 'issued' as status, null as blocked_reason from ledger.document""",
    "create view marts.fct_invoice_line as select *, 'issued' as status from ledger.document_line",
    """create table intermediate.int_rating__tier (
        rule_id varchar, tier integer, starts_after decimal(28, 12), up_to decimal(28, 12),
        unit_price decimal(28, 12), flat_fee decimal(28, 12)
    )""",
    """create table intermediate.int_charges__vendor_row as
    select charge_id, source, delivery_id, '' as file_name, 0 as row_number_in_file,
        charge_day as charge_period_start, quantity, unit, list_cost, billed_cost, vendor_currency
    from ledger.rated_charge limit 0""",
)


@pytest.fixture
def corrected(settings: Settings, shop: Warehouse) -> Settings:
    """September at 100, in October's document 3.50 less; September's own invoice of another customer is void."""
    for statement in _MARTS:
        shop.query(statement)
    september, other = shop.customer("a"), shop.customer("b")
    line = september.usage("100")
    other.usage("20")
    other.plain("-2", description="Goodwill")
    shop.write(september, other)
    issue(settings, SEPTEMBER)
    void(settings, "INV-000002", "Wrong price")
    october = replace(september, period=OCTOBER, lines=[], charges=[])
    october.usage("50")
    october.usage(
        "-3.5", line_type="correction", reference_document="INV-000001", corrected_line_id=line,
        used_in_period=SEPTEMBER, line_id="correction-1",
    )  # fmt: skip
    for number, charge in enumerate(
        charge for charge in october.charges if charge["line_id"] == "correction-1"
    ):
        charge["corrected_charge_id"] = f"{line}-{number}"
    shop.query("drop view intermediate.int_invoice__document_period")
    shop.query(
        """create view intermediate.int_invoice__document_period as
        select 'a' as customer_id, unnest([date '2024-09-01', date '2024-10-01']) as billing_period, 'a' as payer_id,
            date '2024-10-01' as document_period, true as is_due, false as is_correction"""
    )
    shop.write(october)
    assert issue(replace(settings, today=settings.today.replace(month=11)), OCTOBER).issued == ("INV-000003",)
    return settings


def test_a_correction_shows_what_was_billed_and_the_charges_that_changed(corrected: Settings) -> None:
    """A customer asks what 3.50 less is; without the original the reseller must search for it."""
    found = explain_line(corrected, "INV-000003", 2, 10)

    (billed,) = found["corrects"]
    assert (billed["document_number"], billed["used_in_period"], billed["line_number"], billed["amount"]) == (
        "INV-000001", SEPTEMBER, 1, Decimal("100.00"),
    )  # fmt: skip
    assert [charge["amount_before_discount"] for charge in found["charges"]] == [Decimal("-1.75")] * 2
    assert {charge["charge_day"].month for charge in found["charges"]} == {9}
    lines = explain_document(corrected, "INV-000003")["lines"]
    assert [line["reference_document"] for line in lines] == [None, "INV-000001"]


def test_what_a_void_takes_back_is_explained_as_its_invoice(corrected: Settings) -> None:
    """The charges stay with the invoice: a credit note's line would seem to come from nowhere."""
    found = explain_line(corrected, "CN-000001", 1, 10)

    assert found["line"][0]["amount"] == Decimal("-20.00")
    assert found["takes_back"][0]["document_number"] == "INV-000002"
    assert sum(charge["amount_before_discount"] for charge in found["charges"]) == Decimal(20)
    assert "INV-000002" in as_text(found)


def test_a_line_without_charges_of_a_voided_invoice_is_explained_by_what_made_it(corrected: Settings) -> None:
    found = explain_line(corrected, "CN-000001", 2, 10)

    assert found["takes_back"][0]["billing_period"] == SEPTEMBER
    assert (found["line"][0]["amount"], found["adjustment"]) == (Decimal("2.00"), [])
