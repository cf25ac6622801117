"""E-invoices are issued files like the others: hashed, checked, printed again to the byte, never changed."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from documents import Issued
from invoice_warehouse import SEPTEMBER, Draft, Warehouse
from lxml import etree
from pypdf import PdfReader
from validators import problems_of_cii, problems_of_ubl

from cspbill.settings import Settings
from invoices import bundle as bundles
from invoices.canonical import digest
from invoices.drafts import publish_drafts
from invoices.einvoice import syntax
from invoices.issue import issue
from invoices.ledger import verify
from invoices.publish import publish_missing

UBL = {"cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"}


def _draft(shop: Warehouse) -> Draft:
    draft = shop.customer("a", email="pay@buyer.example")
    draft.discount(draft.usage("100"), "10")
    shop.write(draft)
    return draft


def _folder(settings: Settings) -> Path:
    return settings.published / "invoices/2024-09/a"


def test_both_are_in_the_ledger_by_hash_and_printed_again_to_the_byte(
    shop: Warehouse, settings: Settings
) -> None:
    """A crash between commit and publishing would leave another e-invoice than the one that was issued."""
    _draft(shop)
    issue(settings, SEPTEMBER)
    before = {path: path.read_bytes() for path in _folder(settings).iterdir()}
    ((files_json,),) = shop.query("select files_json from ledger.document")
    for path in before:
        path.unlink()

    assert sorted(publish_missing(settings)) == sorted(before)
    assert {path: path.read_bytes() for path in before} == before
    assert json.loads(files_json)["xml"] == digest((_folder(settings) / "INV-000001.xml").read_bytes())
    assert verify(settings).problems == ()


def test_a_changed_or_missing_e_invoice_is_named(shop: Warehouse, settings: Settings) -> None:
    """A forged e-invoice would go unnoticed beside an untouched PDF."""
    _draft(shop)
    issue(settings, SEPTEMBER)
    path = _folder(settings) / "INV-000001.xml"
    path.write_bytes(path.read_bytes().replace(b"107.10", b"107.11"))
    assert verify(settings).problems == (
        "INV-000001: invoices/2024-09/a/INV-000001.xml is not the file that was issued (SHA-256 differs)",
    )
    path.unlink()
    assert verify(settings).problems == (
        "INV-000001: invoices/2024-09/a/INV-000001.xml is missing; `cspbill ledger publish` prints it again",
    )


def test_a_document_from_before_there_were_e_invoices_stays_as_it_is(
    shop: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old documents would fail verification, or be printed again with other bytes."""
    _draft(shop)
    monkeypatch.setattr(bundles, "gaps", lambda document: ("not yet",))
    issue(settings, SEPTEMBER)
    monkeypatch.undo()
    pdf = _folder(settings) / "INV-000001.pdf"
    before = pdf.read_bytes()
    pdf.unlink()

    assert publish_missing(settings) == (pdf,)
    assert pdf.read_bytes() == before
    assert not (_folder(settings) / "INV-000001.xml").exists()
    assert verify(settings).problems == ()


def test_a_draft_is_no_e_invoice(shop: Warehouse, settings: Settings) -> None:
    """A draft's e-invoice could be booked and paid."""
    _draft(shop)
    publish_drafts(settings, [SEPTEMBER])
    folder = settings.published / "drafts/2024-09/a"
    assert sorted(each.name for each in folder.iterdir()) == [
        "draft-usage.csv", "draft.csv", "draft.json", "draft.pdf",
    ]  # fmt: skip
    assert PdfReader(folder / "draft.pdf").attachments == {}


def test_the_same_document_always_gives_the_same_bytes(issued: Issued) -> None:
    """What a crash left out could not be printed again."""
    for document in issued.documents.values():
        assert syntax.ubl(document) == syntax.ubl(document)
        assert syntax.cii(document) == syntax.cii(document)


def test_the_attached_invoice_is_the_documents_own(issued: Issued) -> None:
    """The PDF would show one invoice and hold another."""
    for name, document in issued.documents.items():
        reader = PdfReader(io.BytesIO(issued.content(name, ".pdf")))
        assert reader.attachments == {"factur-x.xml": [syntax.cii(document)]}


@pytest.mark.parametrize(
    ("seller", "buyer", "claims_peppol"),
    [
        ({"peppol_endpoint": "9930:DE136695976"}, {"peppol_endpoint": "0204:991-1-2"}, True),
        ({}, {"peppol_endpoint": "0204:991-1-2"}, True),  # the seller's e-mail is an address too
        ({}, {"email": None}, False),
        ({"email": None, "peppol_endpoint": "no scheme"}, {}, False),
    ],
)
def test_a_file_claims_peppol_only_where_both_sides_have_an_address(
    issued: Issued, seller: dict[str, str | None], buyer: dict[str, str | None], claims_peppol: bool
) -> None:
    """Peppol refuses a file without addresses (R010, R020); without the claim it is valid all the same."""
    document = issued.documents["tax-S"]
    document = replace(
        document, seller=replace(document.seller, **seller), buyer=replace(document.buyer, **buyer)
    )
    content = syntax.ubl(document)
    claimed = etree.fromstring(content).findtext("cbc:CustomizationID", namespaces=UBL)
    assert claimed == "urn:cen.eu:en16931:2017" + (
        "#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0" if claims_peppol else ""
    )
    assert problems_of_ubl(content) == []
    assert problems_of_cii(syntax.cii(document)) == []


def test_a_seller_without_contact_and_bank_account_has_a_valid_invoice(issued: Issued) -> None:
    """Only name, country and tax id are needed; everything else may be left out of reseller.yml."""
    document = issued.documents["tax-S"]
    bare = dict.fromkeys(("street", "city", "postal_code", "registration", "email", "phone", "iban", "bic"))
    for country, tax_id in (("DE", "DE136695976"), ("DE", "22/136/69597"), ("GR", "EL094259216")):
        seller = replace(document.seller, **bare, country=country, tax_id=tax_id)
        told = replace(document, seller=seller)
        assert problems_of_ubl(syntax.ubl(told)) == []
        assert problems_of_cii(syntax.cii(told)) == []


def test_out_of_scope_a_seller_is_told_apart_by_any_number(issued: Issued) -> None:
    """BR-CO-26 wants an identifier where no VAT id may stand."""
    document = issued.documents["tax-O"]
    told = replace(document, seller=replace(document.seller, registration=None))
    assert problems_of_ubl(syntax.ubl(told)) == []
    assert problems_of_cii(syntax.cii(told)) == []
