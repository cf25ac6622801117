"""What leaves documents without an e-invoice is said before anything is issued."""

from __future__ import annotations

from cspbill.book import read_book

RESELLER = (
    "legal_name: Reseller\ncountry: DE\nbase_currency: EUR\ntax_id: DE136695976\n"
    "peppol_endpoint: '9930:DE136695976'\nsources:\n  - name: aws\n    kind: focus_files\n    path: files\n"
)
CUSTOMERS = (
    "customer_id,legal_name,country,currency,peppol_endpoint\n"
    "acme,Acme GmbH,DE,EUR,0204:991-1234512345-06\n"
    "bolt,Bolt Ltd,GB,KWD,4711:1\n"
)


def said(folder):
    """Hints about e-invoices."""
    return [str(hint) for hint in read_book(folder).warnings if "e-invoice" in str(hint)]


def test_a_reseller_without_tax_id_is_told_that_there_are_no_e_invoices(write):
    """Finance would learn it from the customers, after the numbers are final."""
    assert said(write()) == ["reseller.yml: tax_id: missing: no document gets an e-invoice"]


def test_customers_without_e_invoice_or_with_an_unknown_address_are_named(write):
    """A customer's Peppol address with a typo would deliver to nobody."""
    currency, endpoint = said(write({"reseller.yml": RESELLER, "customers.csv": CUSTOMERS}))
    assert currency == (
        "customers.csv:3: currency: KWD has more decimals than e-invoices allow (2): this customer gets none"
    )
    assert endpoint == (
        "customers.csv:3: peppol_endpoint: '4711:1' is not `scheme:id` with an EAS scheme: "
        "e-invoices give the e-mail instead"
    )
