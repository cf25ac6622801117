"""What is allowed but probably not meant: shown by ``cspbill check``, stops nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from cspbill.book.codes import EU_VAT_AREA, endpoint_parts, is_vat_id, minor_units
from cspbill.book.contrast import READABLE, contrast_on_white
from cspbill.book.model import Draft
from cspbill.book.outgoing import is_address
from cspbill.book.places import is_folder
from cspbill.book.values import Value
from cspbill.errors import Problem

DOCUMENT_KEYS = ("street", "city", "postal_code", "tax_id", "email", "iban")


def hints(draft: Draft) -> list[Problem]:
    """Return every hint, sorted by place."""
    groups = (
        reseller,
        e_invoices,
        vat_ids,
        customers_without_terms,
        addresses,
        unbilled_rest,
        folders,
        tax_coverage,
    )
    return sorted({hint for group in groups for hint in group(draft)})


def reseller(draft: Draft) -> Iterator[Problem]:
    """Name what a complete invoice still lacks, and bank details that cannot be right."""
    from stdnum import bic, iban

    values = draft.reseller
    for key in DOCUMENT_KEYS:
        if values.get(key) is None:
            yield Problem("reseller.yml", 0, key, "missing: invoices are printed without it")
    for key, module in (("iban", iban), ("bic", bic)):
        if values.get(key) is not None and not module.is_valid(str(values[key])):
            yield Problem("reseller.yml", 0, key, f"'{values[key]}' fails its check digits or form")
    color = values.get("brand_color")
    if color is not None and (contrast := contrast_on_white(str(color))) < READABLE:
        message = (
            f"'{color}' is hard to read on white: its contrast is {contrast}, readable is {READABLE} or more"
        )
        yield Problem("reseller.yml", 0, "brand_color", message)


def e_invoices(draft: Draft) -> Iterator[Problem]:
    """Name what leaves documents without an e-invoice, or without the address that Peppol delivers them to."""
    if draft.reseller.get("tax_id") is None:
        yield Problem("reseller.yml", 0, "tax_id", "missing: no document gets an e-invoice")
    for row in draft.tables["customers"]:
        currency = row.text("currency").upper()
        if minor_units().get(currency, 0) > 2:
            said = f"{currency} has more decimals than e-invoices allow (2): this customer gets none"
            yield Problem("customers.csv", row.line, "currency", said)
    places: list[tuple[str, int, Mapping[str, Value]]] = [("reseller.yml", 0, draft.reseller)]
    places += [("customers.csv", row.line, row.values) for row in draft.tables["customers"]]
    for name, line, values in places:
        endpoint = values.get("peppol_endpoint")
        if endpoint is not None and not endpoint_parts(str(endpoint)):
            said = f"'{endpoint}' is not `scheme:id` with an EAS scheme: e-invoices give the e-mail instead"
            yield Problem(name, line, "peppol_endpoint", said)


def vat_ids(draft: Draft) -> Iterator[Problem]:
    """Name customers that get no reverse charge because of the form of their VAT id."""
    for row in draft.tables["customers"]:
        country, tax_id = row.values["country"], row.values.get("tax_id")
        if country in EU_VAT_AREA and tax_id is not None and not is_vat_id(str(tax_id)):
            yield Problem(
                "customers.csv",
                row.line,
                "tax_id",
                f"'{tax_id}' has not the form of an EU VAT id (with its country prefix): taxed as if blank",
            )


def customers_without_terms(draft: Draft) -> Iterator[Problem]:
    """Name customers whose charges would all be unpriced, or that own no account."""
    contracts = {row.text("customer_id") for row in draft.tables["contracts"]}
    accounts = {row.text("customer_id") for row in draft.tables["accounts"]}
    subscribed = {row.text("customer_id") for row in draft.tables["subscriptions"]} - accounts
    for row in draft.tables["customers"]:
        name = row.values["customer_id"]
        if row.text("customer_id") in subscribed:
            continue
        if row.text("customer_id") not in contracts:
            yield Problem(
                "customers.csv", row.line, "customer_id", f"'{name}' has no contract: nothing is priced"
            )
        if row.text("customer_id") not in accounts:
            yield Problem(
                "customers.csv", row.line, "customer_id", f"'{name}' has no account: nothing is charged"
            )


def addresses(draft: Draft) -> Iterator[Problem]:
    """Name customers whose documents cannot be sent by e-mail, where they are."""
    for row in draft.tables["customers"] if draft.outgoing.mail else ():
        text = str(row.values.get("email") or "")
        if not text and row.values.get("parent_customer_id") is None:
            yield Problem("customers.csv", row.line, "email", "missing: documents cannot be sent by e-mail")
        elif text and not is_address(text):
            yield Problem(
                "customers.csv", row.line, "email", f"'{text}' is no address that documents can be sent to"
            )


def unbilled_rest(draft: Draft) -> Iterator[Problem]:
    """Name accounts whose one row claims only a part of them."""
    rows = draft.tables["accounts"]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.text("account_id")] = counts.get(row.text("account_id"), 0) + 1
    for row in rows:
        share = row.values["share"]
        if counts[row.text("account_id")] == 1 and isinstance(share, Decimal) and share < 100:
            yield Problem(
                "accounts.csv",
                row.line,
                "share",
                f"account '{row.values['account_id']}' has no other row: its shares sum to {share}, not 100",
            )


def folders(draft: Draft) -> Iterator[Problem]:
    """Name sources whose folder does not exist (yet)."""
    for item in draft.sources:
        path = item.source.options.get("path", "s3://")
        if "://" not in path and not is_folder(Path(path)):
            yield Problem("reseller.yml", item.line, "path", f"source '{item.source.name}': no folder {path}")


def tax_coverage(draft: Draft) -> Iterator[Problem]:
    """Name customers in the reseller's own country when it has no tax rate: their invoices are blocked."""
    country = draft.reseller["country"]
    if any(row.values["country"] == country for row in draft.tables["tax_rates"]):
        return
    for row in draft.tables["customers"]:
        if row.values["country"] == country:
            yield Problem("customers.csv", row.line, "country", f"tax_rates.csv has no rate for {country}")
