"""Which columns each vendor's FOCUS file has, in the order of its file."""

from __future__ import annotations

_FOCUS_1_0 = """
    AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd
    BillingPeriodStart ChargeCategory ChargeClass ChargeDescription ChargeFrequency ChargePeriodEnd
    ChargePeriodStart CommitmentDiscountCategory CommitmentDiscountId CommitmentDiscountName
    CommitmentDiscountStatus CommitmentDiscountType ConsumedQuantity ConsumedUnit ContractedCost
    ContractedUnitPrice EffectiveCost InvoiceIssuerName ListCost ListUnitPrice PricingCategory PricingQuantity
    PricingUnit ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType
    ServiceCategory ServiceName SkuId SkuPriceId SubAccountId SubAccountName Tags
"""

_ADDED_BY_1_2 = """
    BillingAccountType CapacityReservationId CapacityReservationStatus CommitmentDiscountQuantity
    CommitmentDiscountUnit InvoiceId PricingCurrency PricingCurrencyContractedUnitPrice
    PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice ServiceSubcategory SkuMeter SkuPriceDetails
    SubAccountType
"""

#: The 43 columns of FOCUS 1.0.
FOCUS_1_0 = tuple(_FOCUS_1_0.split())

#: What FOCUS 1.1 and 1.2 added.
ADDED_BY_1_2 = tuple(_ADDED_BY_1_2.split())

BY_SOURCE = {
    "aws": (*FOCUS_1_0, "x_UsageType"),
    "microsoft": (*FOCUS_1_0, "x_ResourceGroupName"),
    "google": (*sorted(FOCUS_1_0 + ADDED_BY_1_2), "x_CostType"),
}

TIMES = ("BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart")
