"""Which columns each vendor's file has, in the order of its file."""

from __future__ import annotations

from collections.abc import Mapping

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

_CUR_2_TEXTS = """
    bill_bill_type bill_billing_entity bill_invoice_id bill_invoicing_entity bill_payer_account_id
    bill_payer_account_name identity_line_item_id identity_time_interval line_item_availability_zone
    line_item_blended_rate line_item_currency_code line_item_legal_entity line_item_line_item_description
    line_item_line_item_type line_item_net_unblended_rate line_item_operation line_item_product_code
    line_item_resource_id line_item_tax_type line_item_unblended_rate line_item_usage_account_id
    line_item_usage_account_name line_item_usage_type pricing_currency pricing_lease_contract_length
    pricing_offering_class pricing_public_on_demand_rate pricing_purchase_option pricing_rate_code
    pricing_rate_id pricing_term pricing_unit product_comment product_fee_code product_fee_description
    product_from_location product_from_location_type product_from_region_code product_instance_family
    product_instance_type product_instancesku product_location product_location_type product_operation
    product_pricing_unit product_product_family product_region_code product_servicecode product_sku
    product_to_location product_to_location_type product_to_region_code product_usagetype
    reservation_availability_zone reservation_end_time reservation_modification_status
    reservation_normalized_units_per_reservation reservation_number_of_reservations
    reservation_reservation_a_r_n reservation_start_time reservation_subscription_id
    reservation_total_reserved_normalized_units reservation_total_reserved_units
    reservation_units_per_reservation savings_plan_end_time savings_plan_instance_type_family
    savings_plan_offering_type savings_plan_payment_option savings_plan_purchase_term savings_plan_region
    savings_plan_savings_plan_a_r_n savings_plan_savings_plan_rate savings_plan_start_time
"""

_CUR_2_NUMBERS = """
    discount_bundled_discount discount_total_discount line_item_blended_cost line_item_net_unblended_cost
    line_item_normalization_factor line_item_normalized_usage_amount line_item_unblended_cost
    line_item_usage_amount pricing_public_on_demand_cost reservation_amortized_upfront_cost_for_usage
    reservation_amortized_upfront_fee_for_billing_period reservation_effective_cost
    reservation_net_amortized_upfront_cost_for_usage
    reservation_net_amortized_upfront_fee_for_billing_period reservation_net_effective_cost
    reservation_net_recurring_fee_for_usage
    reservation_net_unused_amortized_upfront_fee_for_billing_period reservation_net_unused_recurring_fee
    reservation_net_upfront_value reservation_recurring_fee_for_usage
    reservation_unused_amortized_upfront_fee_for_billing_period
    reservation_unused_normalized_unit_quantity reservation_unused_quantity
    reservation_unused_recurring_fee savings_plan_amortized_upfront_commitment_for_billing_period
    savings_plan_net_amortized_upfront_commitment_for_billing_period
    savings_plan_net_recurring_commitment_for_billing_period savings_plan_net_savings_plan_effective_cost
    savings_plan_recurring_commitment_for_billing_period savings_plan_savings_plan_effective_cost
    savings_plan_total_commitment_to_date savings_plan_used_commitment
"""

_CUR_2_TIMES = """
    bill_billing_period_end_date bill_billing_period_start_date line_item_usage_end_date
    line_item_usage_start_date
"""

#: The 115 columns of AWS's cost and usage report (CUR 2.0) in its order, with DuckDB's names of their types.
CUR_2: Mapping[str, str] = dict(
    sorted(
        {
            **dict.fromkeys(_CUR_2_TEXTS.split(), "varchar"),
            **dict.fromkeys(_CUR_2_NUMBERS.split(), "double"),
            **dict.fromkeys(_CUR_2_TIMES.split(), "timestamp"),
            **dict.fromkeys(("cost_category", "product", "resource_tags", "tags"), "map(varchar, varchar)"),
            "discount": "map(varchar, double)",
            "reservation_upfront_value": "bigint",
        }.items()
    )
)

_PARTNER_COSTS = """
    invoiceId previousInvoiceId billingAccountId billingAccountName billingProfileId billingProfileName
    invoiceSectionId invoiceSectionName partnerTenantId partnerName resellerName resellerMpnId
    customerTenantId customerName costCenter billingPeriodEndDate billingPeriodStartDate
    servicePeriodEndDate servicePeriodStartDate date serviceFamily productOrderId productOrderName
    consumedService meterId meterName meterCategory meterSubCategory meterRegion ProductId ProductName
    SubscriptionId subscriptionName publisherType publisherId publisherName resourceGroupName ResourceId
    resourceLocation location effectivePrice quantity unitOfMeasure chargeType billingCurrency
    pricingCurrency costInBillingCurrency costInPricingCurrency costInUsd paygCostInBillingCurrency
    paygCostInUsd exchangeRatePricingToBilling exchangeRateDate isAzureCreditEligible serviceInfo1
    serviceInfo2 additionalInfo tags partnerEarnedCreditRate partnerEarnedCreditApplied PayGPrice
    frequency term reservationId reservationName PricingModel unitPrice benefitId benefitName provider
"""

#: The 70 columns of Azure's actual and amortised cost under a partner agreement.
PARTNER_COSTS = tuple(_PARTNER_COSTS.split())
