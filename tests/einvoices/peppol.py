"""Rules of Peppol BIS Billing 3.0 for UBL that EN 16931 does not have, written down from OpenPeppol's rule list.

OpenPeppol's own Schematron comes in no package; these are its general rules (not those of single countries) that
a file of this project could break.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

NAMES = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}
CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
SLACK = Decimal("0.02")


def broken_rules(root: etree._Element) -> list[str]:
    """The rules that a file breaks; none where it does not claim to follow Peppol."""
    if _text(root, "cbc:CustomizationID") != CUSTOMIZATION:
        return []
    return [f"PEPPOL-EN16931-{rule}" for check in (_of_document, _of_lines) for rule in check(root)]


def _of_document(root: etree._Element) -> Iterator[str]:
    currency = _text(root, "cbc:DocumentCurrencyCode")
    needed = {
        "R001": "cbc:ProfileID",
        "R003": "cbc:BuyerReference | cac:OrderReference/cbc:ID",
        "R010": "cac:AccountingCustomerParty/cac:Party/cbc:EndpointID",
        "R020": "cac:AccountingSupplierParty/cac:Party/cbc:EndpointID",
    }
    yield from (rule for rule, path in needed.items() if not _all(root, path))
    if not _text(root, "cbc:ProfileID").startswith("urn:fdc:peppol.eu:2017:poacc:billing:"):
        yield "R007"
    if len(_all(root, "cbc:Note")) > 1:
        yield "R002"
    if any(not len(each) and not (each.text or "").strip() for each in root.iter()):
        yield "R008"
    if any(each.get("currencyID") not in {None, currency} for each in root.iter()):
        yield "R051"
    if len(_all(root, "cac:TaxTotal")) != 1:
        yield "R053"


def _of_lines(root: etree._Element) -> Iterator[str]:
    starts, ends = (_days(root, f"cac:InvoicePeriod/cbc:{end}Date")[0:1] for end in ("Start", "End"))
    for line in _all(root, "cac:InvoiceLine | cac:CreditNoteLine"):
        if any(day < starts[0] for day in _days(line, "cac:InvoicePeriod/cbc:StartDate")):
            yield "R110"
        if any(day > ends[0] for day in _days(line, "cac:InvoicePeriod/cbc:EndDate")):
            yield "R111"
        taken = _sum(line, "cac:AllowanceCharge[cbc:ChargeIndicator='false']/cbc:Amount")
        added = _sum(line, "cac:AllowanceCharge[cbc:ChargeIndicator='true']/cbc:Amount")
        quantity = _sum(line, "cbc:InvoicedQuantity | cbc:CreditedQuantity")
        made = quantity * _sum(line, "cac:Price/cbc:PriceAmount") + added - taken
        if abs(_sum(line, "cbc:LineExtensionAmount") - made) > SLACK:
            yield "R120"


def _all(node: etree._Element, path: str) -> list[etree._Element]:
    return node.xpath(path, namespaces=NAMES)


def _text(node: etree._Element, path: str) -> str:
    return "".join(each.text or "" for each in _all(node, path))


def _sum(node: etree._Element, path: str) -> Decimal:
    return sum((Decimal(each.text) for each in _all(node, path)), Decimal(0))


def _days(node: etree._Element, path: str) -> list[dt.date]:
    return [dt.date.fromisoformat(each.text) for each in _all(node, path)]
