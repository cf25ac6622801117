"""The FOCUS files of the demo's customers: they sum to the invoices, pass the rules, and have FOCUS's own columns."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from emulators.focus_validator import failing_rules
from shop import Shop, Story

#: What holds for the files: names of accounts, sub-accounts and tags. They have no columns for unit prices, pricing
#: categories, regions' names, types of resource, commitments or measured use (docs/reference/customer-files.md).
APPLICABLE = ("ACCOUNT_NAMING_SUPPORTED", "SUB_ACCOUNT_SUPPORTED", "TAGGING_SUPPORTED")

#: Rules that the files do not pass, and why.
KNOWN = {
    "BilledCost-C-005-C": "the validator takes a provider other than the issuer for a third party who is paid",
    "CostAndUsage-D-027-O": "ChargeFrequency, a recommendation: rated charges do not know it",
    "EffectiveCost-C-005-C": "the validator takes every purchase (support, licences) for a commitment",
    "InvoiceId-C-004-C": "the validator asks for null in every row, also where the charge is on an invoice",
    "PricingUnit-C-003-O": "a SHOULD; units stay the vendor's own words",
    "ServiceName-C-005-C": "AWS bills disks and servers under one product code, Amazon EC2",
    "ServiceName-C-008-C": "AWS bills disks and servers under one product code, Amazon EC2",
}

#: FOCUS 1.4, specification/datasets/{invoice_detail,billing_period}/dataset.md; without the conditional columns for
#: invoices that are paid in another currency than they are billed in.
INVOICE_DETAIL = {
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
    "InvoiceDetailCreated", "InvoiceDetailDescription", "InvoiceDetailGrain", "InvoiceDetailId",
    "InvoiceDetailLastUpdated", "InvoiceId", "InvoiceIssueDate", "InvoiceIssueStatus", "InvoiceIssuerName",
    "PaymentCurrency", "PaymentDueDate", "PaymentTerms", "PurchaseOrderNumber", "ReferenceInvoiceId",
}  # fmt: skip
MAY_BE_NULL = {
    "InvoiceDetailDescription", "InvoiceDetailGrain", "InvoiceIssueDate", "PaymentDueDate", "PurchaseOrderNumber",
}  # fmt: skip
BILLING_PERIOD = {
    "BillingPeriodCreated", "BillingPeriodEnd", "BillingPeriodLastUpdated", "BillingPeriodStart",
    "BillingPeriodStatus", "InvoiceIssuerName",
}  # fmt: skip


@pytest.fixture
def shop(story: Story) -> Shop:
    return story.shop


def published(shop: Shop, folder: str = "") -> list[Path]:
    return sorted((shop.home / "published" / "focus").glob(f"*/{folder}/*.csv" if folder else "*/*.csv"))


def test_every_file_sums_to_the_customers_documents(shop: Shop) -> None:
    """The month's 13 invoices, a draft that is blocked, and the drafts of the month after, to the last digit."""
    files = published(shop)
    differing = shop.rows(f"""
        with files as (
            select
                BillingAccountId as customer_id, InvoiceId, sum(BilledCost::decimal(28, 12)) as gross,
                sum(case when ChargeCategory = 'Tax' then 0 else BilledCost::decimal(28, 12) end) as net
            from read_csv({[str(path) for path in files]}, all_varchar = true) group by all
        )
        select * from files full outer join marts.fct_invoice as documents
            on files.customer_id = documents.customer_id
            and InvoiceId = coalesce(document_number, strftime(billing_period, 'DRAFT-%Y-%m'))
        where net is distinct from net_amount or gross is distinct from gross_amount
    """)
    assert len(files) >= 19
    assert differing == []


def test_a_customers_file_passes_every_focus_rule_but_the_listed_ones(shop: Shop, tmp_path: Path) -> None:
    """Cost tools refuse, or silently misread, what does not follow the specification."""
    path = shutil.copy(shop.home / "published/focus/2024-09/hansekaffee.csv", tmp_path / "focus.csv")
    assert failing_rules(Path(path), APPLICABLE) == set(KNOWN)


def test_the_files_are_at_the_level_of_resources_and_tags(shop: Shop) -> None:
    """Customers charge cost on by these."""
    with (shop.home / "published/focus/2024-09/hansekaffee.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["ResourceId"] for row in rows}) > 50
    assert len([row for row in rows if row["Tags"]]) > len(rows) // 2


@pytest.mark.parametrize(
    ("folder", "columns"), [("invoice-detail", INVOICE_DETAIL), ("billing-period", BILLING_PERIOD)]
)
def test_the_data_sets_beside_have_the_columns_of_focus_1_4(
    shop: Shop, folder: str, columns: set[str]
) -> None:
    """Further columns begin with x_, and none may be empty where FOCUS allows no nulls."""
    for path in published(shop, folder):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
        assert {name for name in reader.fieldnames or () if not name.startswith("x_")} == columns
        assert rows
        assert {name for row in rows for name in columns - MAY_BE_NULL if not row[name]} == set()
