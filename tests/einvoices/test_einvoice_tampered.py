"""The judges themselves: each file that was tampered with must be caught, or a test that passes proves nothing."""

from __future__ import annotations

import io

import pikepdf
import pytest
from documents import Issued
from pdfa import problems_of_pdf_a
from validators import problems_of_cii, problems_of_pdf, problems_of_ubl


def rules(problems: list[str]) -> set[str]:
    return {problem.split(" ")[0] for problem in problems}


@pytest.mark.parametrize(
    ("said", "instead", "broken"),
    [
        ('PayableAmount currencyID="EUR">', 'PayableAmount currencyID="EUR">1', "BR-CO-16"),
        ('LineExtensionAmount currencyID="EUR">', 'LineExtensionAmount currencyID="EUR">1', "BR-CO-10"),
        ("<cbc:CompanyID>DE136695976", "<cbc:CompanyID>136695976", "BR-CO-09"),
        ('PriceAmount currencyID="EUR">', 'PriceAmount currencyID="EUR">-', "BR-27"),
        ("<cbc:BuyerReference>tax-S</cbc:BuyerReference>", "", "PEPPOL-EN16931-R003"),
        ("<cbc:StartDate>2024-09-01", "<cbc:StartDate>2024-09-02", "PEPPOL-EN16931-R110"),
        ('PriceAmount currencyID="EUR">', 'PriceAmount currencyID="EUR">1', "PEPPOL-EN16931-R120"),
        ("<cbc:IssueDate>", "<cbc:IssueDay>", "schema:"),
    ],
)
def test_a_tampered_ubl_file_is_caught(issued: Issued, said: str, instead: str, broken: str) -> None:
    """The rule runs would be switched off without anybody noticing."""
    content = issued.content("tax-S", ".xml").decode()
    assert said in content
    if broken == "schema:":
        content = content.replace("</cbc:IssueDate>", "</cbc:IssueDay>")
    assert broken in rules(problems_of_ubl(content.replace(said, instead, 1).encode()))


@pytest.mark.parametrize(
    ("said", "instead", "broken"),
    [
        ("<ram:DuePayableAmount>", "<ram:DuePayableAmount>1", "BR-CO-16"),
        ("<ram:CalculatedAmount>", "<ram:CalculatedAmount>9", "BR-CO-14"),
        ("<ram:CategoryCode>S", "<ram:CategoryCode>AE", "BR-AE-02"),
        ("<ram:CountryID>DE</ram:CountryID>", "<ram:CountryID>XX</ram:CountryID>", "FX-SCH-A-000568"),
    ],
)
def test_a_tampered_cii_file_is_caught(issued: Issued, said: str, instead: str, broken: str) -> None:
    """The same for the invoice inside the PDF."""
    _, content = problems_of_pdf_a(issued.content("tax-S", ".pdf"))
    assert content is not None
    assert said.encode() in content
    found = rules(problems_of_cii(content.replace(said.encode(), instead.encode())))
    assert any(broken in rule for rule in found), found


def _rewritten(content: bytes, change: object) -> bytes:
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        pdf.save(written, fix_metadata_version=False)
    return written.getvalue()


def _no_schema(pdf: pikepdf.Pdf) -> None:
    xmp = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(
        xmp.replace(b"<pdfaSchema:namespaceURI>urn:factur-x", b"<pdfaSchema:namespaceURI>urn:other")
    )


def _no_association(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.AF


def _no_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")


def _no_fonts(pdf: pikepdf.Pdf) -> None:
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor":
            for key in [key for key in each.keys() if key.startswith("/FontFile")]:  # noqa: SIM118
                del each[key]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_no_schema, "no extension schema describes"),
        (_no_association, "associated with the document"),
        (_no_intent, "output intent"),
        (_script, "must not hold"),
        (_no_fonts, "is not embedded"),
    ],
)
def test_a_pdf_that_is_no_pdf_a_3_any_more_is_caught(issued: Issued, change: object, said: str) -> None:
    """What is appended to the PDF after Typst could break what Typst guarantees."""
    problems = problems_of_pdf(_rewritten(issued.content("tax-S", ".pdf"), change))
    assert any(said in problem for problem in problems), problems
