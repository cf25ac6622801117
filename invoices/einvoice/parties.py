"""Seller (BG-4), buyer (BG-7) and how to pay (BG-16), by the names of the factur-x library."""

from __future__ import annotations

from typing import Any

from cspbill.book.codes import COUNTRIES, endpoint_parts
from invoices.einvoice.source import Source, text
from invoices.einvoice.vat import OUTSIDE, categories
from invoices.model import CREDIT_NOTE, Buyer, Document, Seller

Terms = dict[str, Any]
#: Prefixes of VAT ids (BR-CO-9): countries, Greece's own and Northern Ireland's.
VAT_PREFIXES = COUNTRIES | {"EL", "XI"}
SEPA_TRANSFER, TRANSFER = "58", "30"
EMAIL_SCHEME = "EM"


def seller(document: Document) -> Terms:
    """BG-4. Out of scope of VAT no VAT id may stand there, so that the number is a plain tax number."""
    party = document.seller
    vat_id = None if is_outside(document) else vat_number(party.tax_id)
    contact = {"name": text(party.legal_name), "phone": text(party.phone), "email": text(party.email)}
    return {
        **_party(party),
        "vat_identifier": vat_id,
        "tax_identifier": None if vat_id else text(party.tax_id),
        "legal_identifier": text(party.registration),
        # Something must tell the seller apart (BR-CO-26).
        "identifiers": {} if vat_id or party.registration else {None: text(party.tax_id)},
        "contacts": [contact] if party.phone or party.email else [],
    }


def buyer(document: Document) -> Terms:
    """BG-7. A tax number that is no VAT id has no place of its own: it tells the buyer's legal entity apart."""
    party = document.buyer
    vat_id = vat_number(party.tax_id)
    return {
        **_party(party),
        "vat_identifier": None if is_outside(document) else vat_id,
        "legal_identifier": None if vat_id else text(party.tax_id),
        "identifiers": {None: text(party.customer_id)},
    }


def delivery(document: Document) -> Terms | None:
    """BG-13: where an intra-community supply goes (BR-IC-12)."""
    is_needed = any(found.code == "K" for found in categories(document.taxes))
    return _address(document.buyer) if is_needed else None


def payment(source: Source) -> Terms:
    """BG-16, on an invoice on which something is due and that says where to."""
    header, party = source.document.header, source.document.seller
    if header.document_type == CREDIT_NOTE or header.payable_amount <= 0 or not party.iban:
        return {}
    return {
        "BT-81": SEPA_TRANSFER if header.currency == "EUR" else TRANSFER,
        "BT-83": header.document_number,
        "BT-84": "".join(party.iban.split()),
        "BT-85": text(party.legal_name, 70),
        "BT-86": text(party.bic),
    }


def vat_number(tax_id: str | None) -> str | None:
    """A tax id as VAT id: without spaces, in capitals; None where it has no country's prefix."""
    found = "".join(text(tax_id).split()).upper()
    return found if found[:2] in VAT_PREFIXES and any(map(str.isdigit, found)) else None


def is_outside(document: Document) -> bool:
    """Whether the document is out of scope of VAT."""
    return any(found.code == OUTSIDE for found in categories(document.taxes))


def endpoint(party: Seller | Buyer) -> tuple[str, str] | None:
    """Scheme and id of the electronic address: the Peppol one, else e-mail."""
    if found := endpoint_parts(text(party.peppol_endpoint)):
        return found
    return (EMAIL_SCHEME, text(party.email)) if party.email else None


def _party(party: Seller | Buyer) -> Terms:
    scheme, address = endpoint(party) or (None, None)
    return {
        "name": text(party.legal_name),
        "einvoicing_addr": address,
        "einvoicing_addr_schemeid": scheme,
        **_address(party),
    }


def _address(party: Seller | Buyer) -> Terms:
    return {
        "name": text(party.legal_name),
        "addr_l1": text(party.street),
        "postcode": text(party.postal_code),
        "city": text(party.city),
        "country_code": party.country.upper(),
    }
