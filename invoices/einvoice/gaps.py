"""What keeps a document from being an e-invoice: named, instead of writing a file that every receiver refuses.

The document itself is issued all the same, as PDF, JSON and CSV.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from invoices.einvoice.parties import is_outside, vat_number
from invoices.einvoice.vat import categories
from invoices.model import Document
from invoices.money import minor_units

#: EN 16931 allows no more (BR-DEC rules).
MOST_DECIMALS = 2
TAXED = "S"
#: Categories that need the VAT ids of seller and buyer, and of the seller alone.
_BOTH_IDS, _SELLERS_ID = {"AE", "K"}, {"G"}
KNOWN = {TAXED, "Z", "E", "O"} | _BOTH_IDS | _SELLERS_ID


def gaps(document: Document) -> tuple[str, ...]:
    """Why there is no e-invoice of a document; empty where there is one."""
    return tuple(_of_currency(document)) + tuple(_of_taxes(document)) + tuple(_of_parties(document))


def why_without(documents: Iterable[Document]) -> dict[str, str]:
    """By number, why documents have no e-invoice."""
    found = {str(document.header.document_number): gaps(document) for document in documents}
    return {number: "; ".join(why) for number, why in found.items() if why}


def _of_currency(document: Document) -> Iterator[str]:
    currency = document.header.currency
    places = minor_units(currency)
    if places > MOST_DECIMALS:
        yield f"{currency} has {places} decimals, EN 16931 allows {MOST_DECIMALS}"


def _of_taxes(document: Document) -> Iterator[str]:
    found = categories(document.taxes)
    for each in found:
        if each.code not in KNOWN:
            yield f"tax code {each.code} is not one of {', '.join(sorted(KNOWN))}"
        elif each.rate and each.code != TAXED:
            yield f"tax code {each.code} cannot have a rate of {each.rate.normalize():f} %"
    if is_outside(document) and len(found) > 1:
        yield "tax code O (outside the scope) cannot stand beside other tax codes in one e-invoice"


def _of_parties(document: Document) -> Iterator[str]:
    codes = {found.code for found in categories(document.taxes)}
    seller, buyer = document.seller, document.buyer
    if not seller.tax_id and not (is_outside(document) and seller.registration):
        yield "reseller.yml gives no tax_id"
    elif codes & (_BOTH_IDS | _SELLERS_ID) and not vat_number(seller.tax_id):
        yield f"tax_id in reseller.yml, {seller.tax_id!r}, is no VAT id with its country's prefix"
    if codes & _BOTH_IDS and not vat_number(buyer.tax_id):
        yield f"customers.csv gives no VAT id (tax_id) of {buyer.customer_id}"
