"""The two syntaxes, written by the factur-x library from the same terms."""

from __future__ import annotations

from invoices.einvoice.parties import endpoint
from invoices.einvoice.terms import terms
from invoices.model import Document

PROFILE = "en16931"
_EN16931 = b"urn:cen.eu:en16931:2017"
_PEPPOL = _EN16931 + b"#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
# The library's head of a UBL file: Peppol names no version, and has an id of its own.
_HEAD = b"<cbc:UBLVersionID>2.1</cbc:UBLVersionID>\n  <cbc:CustomizationID>%s</cbc:CustomizationID>"


def ubl(document: Document) -> bytes:
    """UBL 2.1: by Peppol BIS Billing 3.0 where both sides have an electronic address, else plain EN 16931."""
    from facturx import generate_ubl_xml

    written: bytes = generate_ubl_xml(terms(document), level=PROFILE, check_xsd=False, check_schematron=None)
    is_peppol = endpoint(document.seller) and endpoint(document.buyer)
    found = _HEAD % _EN16931
    if written.count(found) != 1:
        raise AssertionError("the factur-x library writes another head of UBL files now")
    profile = _PEPPOL if is_peppol else _EN16931
    return written.replace(found, b"<cbc:CustomizationID>%s</cbc:CustomizationID>" % profile)


def cii(document: Document) -> bytes:
    """CII as Factur-X / ZUGFeRD embeds it, profile EN 16931."""
    from facturx import generate_cii_xml

    written: bytes = generate_cii_xml(terms(document), level=PROFILE, check_xsd=False, check_schematron=None)
    return written
