"""Documents that can have no e-invoice are issued without one, and everyone is told why."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from documents import Issued
from invoice_warehouse import SEPTEMBER, Warehouse
from pypdf import PdfReader

from cspbill.settings import Settings
from invoices.einvoice.gaps import gaps
from invoices.issue import issue
from invoices.ledger import verify
from invoices.model import Document

NO_VAT_ID = "tax_id in reseller.yml, '136/695', is no VAT id with its country's prefix"


def test_a_reseller_without_tax_id_is_told_and_invoices_all_the_same(settings: Settings) -> None:
    """A file that every receiver refuses would be sent, or a reseller outside the EU could not invoice at all."""
    shop = Warehouse(settings, {"tax_id": None})
    draft = shop.customer("a")
    draft.usage("100")
    shop.write(draft)
    result = issue(settings, SEPTEMBER)

    folder = settings.published / "invoices/2024-09/a"
    assert result.without_einvoice == {"INV-000001": "reseller.yml gives no tax_id"}
    assert not (folder / "INV-000001.xml").exists()
    assert PdfReader(folder / "INV-000001.pdf").attachments == {}
    assert verify(settings).problems == ()


def test_a_currency_with_three_decimals_has_no_e_invoice(shop: Warehouse, settings: Settings) -> None:
    """Rounding dinars to two decimals would bill another amount than the document."""
    draft = shop.customer("a", currency="KWD", locale="en_GB")
    draft.usage("100.123")
    shop.write(draft)

    assert issue(settings, SEPTEMBER).without_einvoice == {
        "INV-000001": "KWD has 3 decimals, EN 16931 allows 2"
    }
    assert not (settings.published / "invoices/2024-09/a/INV-000001.xml").exists()


def test_what_is_not_missing_is_not_reported(issued: Issued) -> None:
    """A warning at every invoice is read by nobody."""
    assert {name: gaps(document) for name, document in issued.documents.items() if gaps(document)} == {}


def _with_tax(document: Document, *codes: tuple[str, str]) -> Document:
    (tax,) = document.taxes
    return replace(
        document,
        taxes=tuple(replace(tax, tax_code=code, tax_rate=Decimal(rate)) for code, rate in codes),
    )


@pytest.mark.parametrize(
    ("kind", "seller", "buyer", "expected"),
    [
        ("tax-AE", {"tax_id": "136/695"}, {}, NO_VAT_ID),
        ("tax-G", {"tax_id": "136/695"}, {}, NO_VAT_ID),
        ("tax-K", {}, {"tax_id": None}, "customers.csv gives no VAT id (tax_id) of tax-K"),
        ("tax-O", {"tax_id": None, "registration": None}, {}, "reseller.yml gives no tax_id"),
    ],
)  # fmt: skip
def test_the_missing_field_is_named(
    issued: Issued, kind: str, seller: dict[str, str | None], buyer: dict[str, str | None], expected: str
) -> None:
    """Finance could not tell what to fill in."""
    document = issued.documents[kind]
    lacking = replace(
        document, seller=replace(document.seller, **seller), buyer=replace(document.buyer, **buyer)
    )
    assert gaps(lacking) == (expected,)


def test_taxes_that_en_16931_does_not_know_are_named(issued: Issued) -> None:
    """The tax breakdown would be refused as a whole."""
    document = issued.documents["tax-S"]
    assert gaps(_with_tax(document, ("B", "22"))) == ("tax code B is not one of AE, E, G, K, O, S, Z",)
    assert gaps(_with_tax(document, ("E", "5.00"))) == ("tax code E cannot have a rate of 5 %",)
    assert gaps(_with_tax(document, ("O", "0"), ("S", "19"))) == (
        "tax code O (outside the scope) cannot stand beside other tax codes in one e-invoice",
    )


def test_a_plain_tax_number_is_enough_for_domestic_invoices(issued: Issued) -> None:
    """Small businesses have a tax number but no VAT id."""
    document = issued.documents["tax-S"]
    assert gaps(replace(document, seller=replace(document.seller, tax_id="22/136/69597"))) == ()
