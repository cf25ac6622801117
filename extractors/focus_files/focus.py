"""The FOCUS cost and usage columns of versions 1.0 to 1.4, as far as the pipeline depends on them."""

from __future__ import annotations

from types import MappingProxyType

from extractors.contract import Contract

#: Required is what billing needs, not all that FOCUS calls mandatory: real exports leave columns out.
FOCUS = Contract(
    table="raw.focus_files",
    decimals=frozenset(
        {
            "BilledCost",
            "CommitmentDiscountQuantity",
            "ConsumedQuantity",
            "ContractedCost",
            "ContractedUnitPrice",
            "EffectiveCost",
            "ListCost",
            "ListUnitPrice",
            "PricingCurrencyContractedUnitPrice",
            "PricingCurrencyEffectiveCost",
            "PricingCurrencyListUnitPrice",
            "PricingQuantity",
        }
    ),
    times=frozenset({"BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"}),
    required=(
        ("BilledCost",),
        ("BillingCurrency",),
        ("BillingPeriodStart",),
        ("ChargePeriodStart",),
        ("ChargePeriodEnd",),
        ("ChargeCategory",),
        ("ServiceName",),
        ("ProviderName", "ServiceProviderName"),  # 1.4 removes the first, 1.3 adds the second
        ("EffectiveCost",),
        ("ListCost",),
        ("ContractedCost",),
    ),
    not_null=frozenset(
        {
            "BilledCost",
            "BillingCurrency",
            "BillingPeriodStart",
            "ChargePeriodStart",
            "ChargeCategory",
            "ServiceName",
        }
    ),
    allowed=MappingProxyType(
        {
            "ChargeCategory": ("Usage", "Purchase", "Tax", "Credit", "Adjustment"),
            "ChargeClass": ("Correction",),
        }
    ),
    amount="BilledCost",
    currency="BillingCurrency",
    billing_period="BillingPeriodStart",
    charge_start="ChargePeriodStart",
    charge_end="ChargePeriodEnd",
    invoice="InvoiceId",
)
