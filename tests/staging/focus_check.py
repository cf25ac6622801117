"""Staged charges as a FOCUS 1.2 file."""

from __future__ import annotations

from pathlib import Path

import duckdb

#: FOCUS columns that are not the staged column's name in Pascal case.
RENAMED = {
    "BillingPeriodStart": "cast(billing_period as timestamptz)",
    "BillingPeriodEnd": "cast(billing_period + interval 1 month as timestamptz)",
    "ChargePeriodStart": "cast(charge_period_start as timestamptz)",
    "ChargePeriodEnd": "cast(charge_period_end as timestamptz)",
    "ProviderName": "vendor",
    "PublisherName": "coalesce(publisher, vendor)",
    "InvoiceIssuerName": "coalesce(invoice_issuer, vendor)",
    "InvoiceId": "vendor_invoice_id",
    "ServiceName": "service",
    "SkuId": "sku",
    "RegionId": "region",
    "BillingCurrency": "vendor_currency",
    # FOCUS has a value of "Other (…)" for every category.
    "ServiceSubcategory": "coalesce(service_subcategory, 'Other (' || service_category || ')')",
    "PricingUnit": "unit",
    "PricingQuantity": "quantity",
}
SAME = (
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "Tags",
)
#: What cspbill's canonical charge carries of FOCUS; the rest is not applicable (capacity reservations, a pricing
#: currency beside the billing currency, virtual currency, several types of account).
APPLICABLE = (
    "ACCOUNT_NAMING_SUPPORTED",
    "AVAILABILITY_ZONE_SUPPORTED",
    "NEGOTIATED_PRICING_SUPPORTED",
    "PUBLIC_PRICE_LIST_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
    "UNIT_PRICING_SUPPORTED",
    "SUB_ACCOUNT_SUPPORTED",
    "MULTIPLE_PRICING_CATEGORIES_SUPPORTED",
    "BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED",
    "RESOURCE_TYPE_ASSIGNMENT_SUPPORTED",
    "REGION_SUPPORTED",
    "TAGGING_SUPPORTED",
    "COMMITMENT_DISCOUNT_SUPPORTED",
)


def snake(name: str) -> str:
    """Turn ``BilledCost`` into ``billed_cost``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")


def write_focus(connection: duckdb.DuckDBPyConnection, source: str, path: Path) -> int:
    """Write a source's staged rows as a FOCUS 1.2 Parquet file; returns how many."""
    columns = [f"{sql} as {name}" for name, sql in RENAMED.items()] + [
        f"{snake(name)} as {name}" for name in SAME
    ]
    select = f"select {', '.join(columns)} from intermediate.int_charges__vendor where source = '{source}'"
    connection.execute(f"copy ({select}) to '{path}' (format parquet)")
    found = connection.execute(f"select count(*) from read_parquet('{path}')").fetchone()
    return found[0] if found else 0
