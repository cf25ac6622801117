"""The columns of Partner Center's two files, as far as the pipeline depends on them.

The reconciliation is the money of an invoice. The daily usage of billed invoices explains part of it; that of an open
month is money itself, because the reconciliation of an open month leaves pay-as-you-go usage out.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from extractors.contract import Contract

RECONCILIATION_FILES = "reconciliation/"
DAILY_FILES = "daily-usage/"
OPEN_DAILY_FILES = "daily-usage/unbilled/"

#: Other spellings of a column, by surface: portal CSV, the old REST API, the export API.
_ALIASES = MappingProxyType(
    {
        "resellermpnid": "Tier2MpnId",
        "totalforcustomer": "Total",
        "unitofmeasure": "Unit",
        "rateofpartnerearnedcredit": "PartnerEarnedCreditPercentage",
        "rateofcredit": "CreditPercentage",
        "termandbillingcycledescription": "TermAndBillingCycle",
    }
)

#: en-US, as the portal writes them; the API writes ISO 8601.
_TIMES = ("%m/%d/%Y", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M")


def spelling(name: str) -> str:
    """Return the published name of a delivered column."""
    return _ALIASES.get(name.casefold(), name)


DAILY = Contract(
    table="raw.partner_center_daily_usage",
    decimals=frozenset(
        {
            "BillingPreTaxTotal",
            "CreditPercentage",
            "EffectiveUnitPrice",
            "PartnerEarnedCreditPercentage",
            "PCToBCExchangeRate",
            "PricingPreTaxTotal",
            "Quantity",
            "UnitPrice",
        }
    ),
    times=frozenset({"ChargeStartDate", "ChargeEndDate", "UsageDate"}),
    required=(
        ("BillingPreTaxTotal",),
        ("BillingCurrency",),
        ("CustomerId",),
        ("ProductId",),
        ("Quantity",),
        ("SkuId",),
        ("SubscriptionId",),
        ("UnitPrice",),
        ("UsageDate",),
    ),
    not_null=frozenset({"BillingPreTaxTotal", "BillingCurrency", "UsageDate"}),
    allowed=MappingProxyType({}),
    amount="BillingPreTaxTotal",
    currency="BillingCurrency",
    billing_period="BillingPeriod",  # in no file: the invoice tells, or the month that was asked for
    charge_start="UsageDate",
    charge_end="UsageDate",
    invoice="InvoiceNumber",
    rename=spelling,
    time_formats=_TIMES,
    end_inclusive=True,
    details=True,
)

#: Daily usage of a month that is not invoiced yet: nothing else holds its pay-as-you-go cost.
OPEN_DAILY = replace(DAILY, details=False)

RECONCILIATION = Contract(
    table="raw.partner_center_reconciliation",
    decimals=frozenset(
        {
            "BillableQuantity",
            "BilledTotal",
            "EffectiveUnitPrice",
            "PCToBCExchangeRate",
            "Quantity",
            "Subtotal",
            "TaxTotal",
            "Total",
            "UnitPrice",
        }
    ),
    times=frozenset({"ChargeStartDate", "ChargeEndDate"}),
    required=(
        ("ChargeEndDate",),
        ("ChargeStartDate",),
        ("ChargeType",),
        ("Currency",),
        ("CustomerId",),
        ("ProductId",),
        ("Quantity", "BillableQuantity"),
        ("SkuId",),
        ("SubscriptionId",),
        ("Subtotal",),
        ("UnitPrice",),
    ),
    not_null=frozenset({"Currency", "Subtotal"}),
    allowed=MappingProxyType({}),
    amount="BilledTotal",
    currency="Currency",
    billing_period="BillingPeriod",
    charge_start="ChargeStartDate",
    charge_end="ChargeEndDate",
    invoice="InvoiceNumber",
    rename=spelling,
    time_formats=_TIMES,
    # Not the delivered Total: open months deliver it as 0 beside a Subtotal.
    derived=MappingProxyType(
        {
            "BilledTotal": "try_cast({Subtotal} as decimal(28, 12)) "
            "+ coalesce(try_cast({TaxTotal} as decimal(28, 12)), 0)"
        }
    ),
    end_inclusive=True,
    variants=MappingProxyType({OPEN_DAILY_FILES: OPEN_DAILY, DAILY_FILES: DAILY}),
)
