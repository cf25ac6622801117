"""Issuing: gapless numbers, frozen rows, refusals, forced issues, drafts."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from invoice_warehouse import OCTOBER, SEPTEMBER, Draft, Warehouse

from cspbill.errors import CspbillError, InputError
from cspbill.settings import Settings
from invoices.drafts import publish_drafts
from invoices.issue import issue
from invoices.ledger import verify
from invoices.publish import publish_missing
from invoices.void import void


def files_of(settings: Settings) -> dict[str, bytes]:
    root = settings.published
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_numbers_run_without_gap_over_two_periods_and_a_void(shop: Warehouse, settings: Settings) -> None:
    for name in ("berta", "anton"):
        shop.customer(name)
    shop.write(*(_draft(name, SEPTEMBER) for name in ("berta", "anton")))
    first = issue(settings, SEPTEMBER)
    credit = void(settings, "INV-000001", "Wrong price book")
    again = issue(settings, SEPTEMBER)
    shop.write(*(_draft(name, OCTOBER) for name in ("berta", "anton")))
    later = issue(replace(settings, today=dt.date(2024, 11, 5)), OCTOBER)

    assert first.issued == ("INV-000001", "INV-000002")
    assert credit == "CN-000001"
    assert (again.issued, again.already) == (("INV-000003",), ("berta",))
    assert later.issued == ("INV-000004", "INV-000005")
    rows = shop.query("select document_number, customer_id from ledger.document order by all")
    assert rows == [
        ("CN-000001", "anton"),
        ("INV-000001", "anton"),
        ("INV-000002", "berta"),
        ("INV-000003", "anton"),
        ("INV-000004", "anton"),
        ("INV-000005", "berta"),
    ]
    assert verify(settings).problems == ()


def _draft(name: str, period: dt.date) -> Draft:
    draft = Draft(name, "EUR", "de_DE", period)
    draft.usage("100.004")
    return draft


def test_numbers_start_at_the_first_number_of_the_book(settings: Settings) -> None:
    shop = Warehouse(settings, {"first_number": 4711, "invoice_series_invoice": "RE"})
    draft = shop.customer("a")
    draft.usage("1")
    shop.write(draft)

    assert issue(settings, SEPTEMBER).issued == ("RE-004711",)
    assert verify(settings).problems == ()


def test_the_document_row_holds_dates_totals_and_parties(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("a", legal_name="Alpha AG")
    parent = draft.usage("100.005")
    draft.discount(parent, "10")
    shop.write(draft)
    issue(settings, SEPTEMBER)

    (row,) = shop.query("""
        select issue_date, due_date, period_start, period_end, net_amount, tax_amount, gross_amount,
            payable_amount, buyer_json, forced_reason from ledger.document""")
    assert row[:4] == (dt.date(2024, 10, 5), dt.date(2024, 11, 4), dt.date(2024, 9, 1), dt.date(2024, 10, 1))
    # 100.005 rounds to 100.01, its discount -10.0005 to -10.00; 19 % of 90.01 is 17.1019
    assert row[4:8] == (Decimal("90.01"), Decimal("17.10"), Decimal("107.11"), Decimal("107.11"))
    assert json.loads(row[8])["legal_name"] == "Alpha AG"
    assert row[9] is None


def test_rated_charges_are_frozen_with_the_document_but_only_sold_and_kept_ones(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a")
    draft.usage("10")
    kept = draft.charges[0] | {"charge_id": "tax", "disposition": "kept", "line_id": None}
    unallocated = draft.charges[0] | {"charge_id": "u", "disposition": "unallocated", "line_id": None}
    draft.charges += [kept, unallocated]
    shop.write(draft)
    issue(settings, SEPTEMBER)

    rows = shop.query("""
        select disposition, count(*), sum(amount_before_discount) from ledger.rated_charge
        where document_number = 'INV-000001' group by disposition order by disposition""")
    assert rows == [("kept", 1, Decimal(5)), ("sold", 2, Decimal(10))]


def test_issuing_again_issues_nothing_and_leaves_every_file_byte_identical(
    shop: Warehouse, settings: Settings
) -> None:
    drafts = [shop.customer(name) for name in ("a", "b")]
    for draft in drafts:
        draft.usage("10")
    shop.write(*drafts)
    issue(settings, SEPTEMBER)
    before = files_of(settings)
    again = issue(replace(settings, today=dt.date(2025, 1, 1)), SEPTEMBER)

    assert again.issued == ()
    assert again.already == ("a", "b")
    assert files_of(settings) == before
    assert len(before) == 13


def test_blocked_customers_are_refused_with_their_reason_and_burn_no_number(
    shop: Warehouse, settings: Settings
) -> None:
    blocked, good = shop.customer("a"), shop.customer("b")
    blocked.usage("10")
    good.usage("10")
    blocked.blocked_reason = "2 unpriced charges (12.00 EUR cost)"
    shop.write(blocked, good)
    result = issue(settings, SEPTEMBER, force_reason="never mind")

    assert result.issued == ("INV-000001",)
    assert result.refused == {"a": "2 unpriced charges (12.00 EUR cost)"}
    assert shop.query("select customer_id from ledger.document") == [("b",)]


def test_a_vendor_period_that_is_not_final_is_issued_only_with_a_reason_which_is_recorded(
    shop: Warehouse, settings: Settings
) -> None:
    draft, final = shop.customer("a"), shop.customer("b")
    draft.usage("10")
    final.usage("10")
    draft.force_reason_needed = "source aws: 2024-09 is not final"
    shop.write(draft, final)
    refused = issue(settings, SEPTEMBER)
    forced = issue(settings, SEPTEMBER, force_reason="Agreed with the customer")

    assert "source aws: 2024-09 is not final" in refused.refused["a"]
    assert refused.issued == ("INV-000001",)
    assert forced.issued == ("INV-000002",)
    rows = shop.query("select document_number, forced_reason from ledger.document order by all")
    assert rows == [("INV-000001", None), ("INV-000002", "Agreed with the customer")]


def test_only_the_named_customers_are_issued_and_an_unknown_one_is_an_input_error(
    shop: Warehouse, settings: Settings
) -> None:
    drafts = [shop.customer(name) for name in ("a", "b", "idle")]
    drafts[0].usage("10")
    drafts[1].usage("10")
    shop.write(*drafts[:2])
    result = issue(settings, SEPTEMBER, customers=("b", "idle"))

    assert result.issued == ("INV-000001",)
    assert result.refused == {"idle": "no charges in this period"}
    with pytest.raises(InputError, match="Unknown customer nobody"):
        issue(settings, SEPTEMBER, customers=("nobody",))


def test_a_customer_without_lines_gets_no_document(shop: Warehouse, settings: Settings) -> None:
    empty = shop.customer("a")
    shop.write(empty)

    assert issue(settings, SEPTEMBER).issued == ()
    assert publish_drafts(settings, [SEPTEMBER]).count == 0


def test_a_negative_total_becomes_a_credit_note_of_its_own_series(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a")
    draft.plain("-50.005", description="Goodwill")
    shop.write(draft)

    assert issue(settings, SEPTEMBER).issued == ("CN-000001",)
    assert shop.query("select net_amount, tax_amount, due_date from ledger.document") == [
        (Decimal("-50.01"), Decimal("-9.50"), dt.date(2024, 10, 5))
    ]
    assert verify(settings).problems == ()


def test_a_draft_whose_charges_do_not_sum_to_its_lines_is_refused(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a")
    draft.usage("10")
    draft.charges[0]["amount_before_discount"] += Decimal("0.000000000001")
    shop.write(draft)
    result = issue(settings, SEPTEMBER)

    assert result.issued == ()
    assert "line 1 bills 10, its charges sum to 10.000000000001" in result.refused["a"]


def test_drafts_are_written_without_number_rewritten_on_change_and_removed_once_issued(
    shop: Warehouse, settings: Settings
) -> None:
    one, two = shop.customer("a"), shop.customer("b")
    one.usage("10")
    two.usage("10")
    shop.write(one, two)
    first = publish_drafts(settings, [SEPTEMBER])
    unchanged = publish_drafts(settings, [SEPTEMBER])
    two.usage("5")
    shop.write(one, two)
    changed = publish_drafts(settings, [SEPTEMBER])
    draft = json.loads((settings.published / "drafts/2024-09/b/draft.json").read_bytes())
    issue(settings, SEPTEMBER, customers=("b",))
    shop.write(one)
    publish_drafts(settings, [SEPTEMBER])

    assert [first.written, unchanged.written, changed.written] == [2, 0, 1]
    assert (draft["document_number"], draft["net_amount"], draft["status"]) == (None, "15.00", "draft")
    names = sorted(p.name for p in (settings.published / "drafts/2024-09").rglob("*"))
    assert names == ["a", "draft-usage.csv", "draft.csv", "draft.json", "draft.pdf"]


def test_a_draft_is_removed_when_its_customer_has_no_charges_any_more(
    shop: Warehouse, settings: Settings
) -> None:
    one, two = shop.customer("a"), shop.customer("b")
    one.usage("10")
    two.usage("10")
    shop.write(one, two)
    publish_drafts(settings, [SEPTEMBER])
    shop.write(two)
    result = publish_drafts(settings, [SEPTEMBER])

    assert result.count == 1
    assert [p.name for p in (settings.published / "drafts/2024-09").iterdir()] == ["b"]


def test_a_draft_is_rewritten_when_only_its_usage_changed(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("a")
    draft.usage("10")
    shop.write(draft)
    publish_drafts(settings, [SEPTEMBER])
    draft.charges[0]["region"] = "northeurope"
    shop.write(draft)

    assert publish_drafts(settings, [SEPTEMBER]).written == 1
    usage = (settings.published / "drafts/2024-09/a/draft-usage.csv").read_text()
    assert "northeurope" in usage


def test_a_customer_id_cannot_leave_the_published_directory(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("../../evil id")
    draft.usage("10")
    shop.write(draft)
    publish_drafts(settings, [SEPTEMBER])
    issue(settings, SEPTEMBER)

    parents = {p.parent for p in settings.published.rglob("*") if p.is_file() and p.parent.name != "assets"}
    assert parents == {settings.published / "invoices" / "2024-09" / "%2E.%2F..%2Fevil%20id"}


def test_a_logo_that_cannot_be_drawn_is_a_clear_error_and_issues_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text("no picture")
    shop = Warehouse(settings, {"logo": str(logo)})
    draft = shop.customer("a")
    draft.usage("10")
    shop.write(draft)

    with pytest.raises(CspbillError, match="Rechnung INV-000001 cannot be printed"):
        issue(settings, SEPTEMBER)
    assert shop.query("select count(*) from ledger.document_line") == [(0,)]


def test_the_logo_at_issue_is_kept_and_a_later_logo_does_not_change_old_documents(
    settings: Settings, tmp_path: Path
) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    )
    shop = Warehouse(settings, {"logo": str(logo)})
    draft = shop.customer("a")
    draft.usage("10")
    shop.write(draft)
    issue(settings, SEPTEMBER)
    pdf = settings.published / "invoices/2024-09/a/INV-000001.pdf"
    before = pdf.read_bytes()
    pdf.unlink()
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>')
    publish_missing(settings)

    assert pdf.read_bytes() == before
