"""One document for several customers and months: what it prints, freezes and says to machines."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import replace

import pytest
from invoice_warehouse import SEPTEMBER, Draft, Warehouse
from pypdf import PdfReader

from cspbill.settings import Settings
from invoices.issue import issue
from invoices.ledger import verify
from invoices.publish import publish_missing
from invoices.void import void

JULY, AUGUST = dt.date(2024, 7, 1), dt.date(2024, 8, 1)


def _quarter(shop: Warehouse, locale: str = "de_DE") -> Draft:
    """The quarter of a parent with two children, a discount on the whole of August."""
    draft = shop.customer("parent", locale=locale, legal_name="Holding AG")
    for name in ("north", "south"):
        shop.customer(name, legal_name=f"{name.title()} GmbH")
    draft.period_start = JULY
    for month in (JULY, AUGUST, SEPTEMBER):
        draft.usage("100", used_in_period=month, days=1)
    draft.plain(
        "-10", line_type="discount", description="Treue", detail="10 % of 100", discount_kind="volume",
        used_in_period=AUGUST,
    )  # fmt: skip
    draft.charges[1]["discount_volume"] = 10
    for name in ("north", "south"):
        draft.usage("50", used_by_customer_id=name, used_in_period=AUGUST)
    shop.write(draft)
    return draft


def _file(settings: Settings, suffix: str, number: str = "INV-000001") -> bytes:
    return (settings.published / "invoices" / "2024-09" / "parent" / f"{number}{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("locale", "period", "customer", "total"),
    [
        ("de_DE", "Juli–September 2024", "Kunde", "Summe North GmbH (north)"),
        ("en_GB", "July – September 2024", "Customer", "Total North GmbH (north)"),
        ("fr_FR", "juillet – septembre 2024", "Client", "Total North GmbH (north)"),
    ],
)
def test_it_says_the_quarter_and_whose_lines_these_are_in_every_language(
    shop: Warehouse, settings: Settings, locale: str, period: str, customer: str, total: str
) -> None:
    _quarter(shop, locale)
    assert issue(settings, SEPTEMBER).issued == ("INV-000001",)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(_file(settings, ".pdf"))).pages)
    flat = " ".join(text.replace("\u2009", " ").replace("\u202f", " ").split())

    assert period in flat
    assert customer in text
    assert total in flat
    assert (
        flat.index("Holding AG (parent)")
        < flat.index("North GmbH (north)")
        < flat.index("South GmbH (south)")
    )


def test_a_discount_on_one_month_of_a_quarter_says_which(shop: Warehouse, settings: Settings) -> None:
    _quarter(shop, "en_GB")
    issue(settings, SEPTEMBER)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(_file(settings, ".pdf"))).pages)
    assert "10% of 100.00 · August 2024" in " ".join(text.split())


def test_json_csv_and_usage_tell_customers_and_months_apart(shop: Warehouse, settings: Settings) -> None:
    _quarter(shop)
    issue(settings, SEPTEMBER)
    data = json.loads(_file(settings, ".json"))
    lines = list(csv.DictReader(io.StringIO(_file(settings, ".csv").decode())))
    usage = list(csv.DictReader(io.StringIO(_file(settings, "-usage.csv").decode())))

    assert [
        (part["customer_id"], part["billing_period"], part["customer_name"]) for part in data["periods"]
    ] == [
        ("parent", "2024-07-01", None),
        ("parent", "2024-08-01", None),
        ("parent", "2024-09-01", None),
        ("north", "2024-08-01", "North GmbH"),
        ("south", "2024-08-01", "South GmbH"),
    ]
    # What is the document's own is not repeated, so documents of one month read as they always did.
    assert "used_in_period" not in data["lines"][2]
    assert "used_by_customer_id" not in data["lines"][2]
    assert data["lines"][4]["used_by_customer_id"] == "north"
    assert [(row["used_by_customer_id"], row["used_in_period"]) for row in lines[-2:]] == [
        ("north", "2024-08"),
        ("south", "2024-08"),
    ]
    assert {(row["customer_id"], row["billing_period"]) for row in usage} == {
        ("parent", "2024-07"),
        ("parent", "2024-08"),
        ("parent", "2024-09"),
        ("north", "2024-08"),
        ("south", "2024-08"),
    }


def test_it_is_verified_printed_again_and_voided_as_a_whole(shop: Warehouse, settings: Settings) -> None:
    _quarter(shop)
    issue(settings, SEPTEMBER)
    before = _file(settings, ".pdf"), _file(settings, "-usage.csv")
    for path in (settings.published / "invoices").rglob("INV-*"):
        path.unlink()
    publish_missing(settings)
    assert (_file(settings, ".pdf"), _file(settings, "-usage.csv")) == before
    assert verify(settings).problems == ()

    assert issue(settings, SEPTEMBER).already == ("parent",)
    void(settings, "INV-000001", "Wrong contract")
    again = issue(settings, SEPTEMBER)
    assert again.issued == ("INV-000002",)
    assert verify(settings).problems == ()
    billed = "select customer_id, billing_period from ledger.document_period where document_number = ? order by all"
    assert len(shop.query(billed, "CN-000001")) == 5
    assert shop.query(billed, "INV-000002") == shop.query(billed, "INV-000001")


def test_before_its_period_is_over_it_is_issued_only_by_force(shop: Warehouse, settings: Settings) -> None:
    _quarter(shop)
    early = replace(settings, today=dt.date(2024, 9, 30))
    refused = issue(early, SEPTEMBER).refused
    assert refused == {"parent": "its period runs until 2024-09-30 (issue it with --force --reason …)"}
    assert issue(early, SEPTEMBER, force_reason="Closing the account").issued == ("INV-000001",)
    assert shop.query("select forced_reason from ledger.document") == [("Closing the account",)]


def test_a_ledger_of_before_documents_had_several_months_is_read_as_it_was(
    shop: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invoices.issue.freeze_book", lambda *_: None)  # nor were there frozen books
    draft = shop.customer("a")
    draft.usage("10")
    shop.write(draft)
    issue(settings, SEPTEMBER)
    shop.query("drop view intermediate.int_invoice__document_period")
    shop.query("drop table ledger.document_period")
    shop.query("update ledger.document_line set used_by_customer_id = null, used_in_period = null")
    shop.query("delete from ops.state where name = 'schema_fingerprint'")  # an older version made the file

    assert verify(settings).problems == ()
    assert shop.query("from ledger.document_period") == [("INV-000001", "a", SEPTEMBER, None, None)]
