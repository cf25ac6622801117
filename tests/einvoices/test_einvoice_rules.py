"""Every kind of document, held against the official schemas and rules: what a receiver's software refuses."""

from __future__ import annotations

import pytest
from documents import TAXES, VOIDED, Issued
from validators import problems_of_pdf, problems_of_ubl

KINDS = [
    *(f"tax-{code}" for code in TAXES),
    *(
        "taxes",
        "discounts",
        "corrected",
        "credited",
        "prepaid",
        "paid",
        "yen",
        "long",
        "odd",
        "payer",
        "only",
    ),
    *(f"chance-{seed}" for seed in range(8)),
    *(f"void of {name}" for name in VOIDED),
]


def test_every_document_is_looked_at(issued: Issued) -> None:
    """A document that is issued here but not validated could be invalid."""
    assert sorted(issued.documents) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_its_ubl_is_valid_by_schema_en_16931_and_peppol(issued: Issued, kind: str) -> None:
    """A customer's Peppol access point would reject the invoice."""
    assert problems_of_ubl(issued.content(kind, ".xml")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_its_pdf_is_pdf_a_3_with_a_valid_factur_x_invoice_inside(issued: Issued, kind: str) -> None:
    """A customer's accounting could not read the invoice out of the PDF, or the archive would refuse the PDF."""
    assert problems_of_pdf(issued.content(kind, ".pdf")) == []
