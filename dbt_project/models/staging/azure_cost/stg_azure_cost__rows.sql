-- Every row of actual and of amortised cost under plain names: blank ids are null, unit prices are in the billing
-- currency (0 is no price: that is how Microsoft leaves one out), a row that a commitment pays for is marked.
with ids as (
    select
        *,
        coalesce(chargeType, 'Usage') as charge_type,
        {{ azure_id('customerTenantId') }} as customer_id,
        {{ azure_id('benefitId') }} as benefit_id,
        {{ azure_id('reservationId') }} as reservation_id,
        coalesce(exchangeRatePricingToBilling, 1) as exchange_rate
    from {{ source('raw', 'azure_cost') }}
)

select
    x_source as source,
    x_scope as scope,
    x_delivery_id as delivery_id,
    x_billing_period as billing_period,
    x_file as file_name,
    x_row as row_number_in_file,
    starts_with(x_file, 'amortized/') as is_amortized,
    cast(date as date) as charge_day,
    charge_type,
    frequency as charge_frequency,
    pricingModel as pricing_model,
    coalesce(benefit_id, reservation_id) as commitment_id,
    coalesce(benefitName, reservationName) as commitment_name,
    case
        when
            charge_type = 'UnusedSavingsPlan' or pricingModel = 'SavingsPlan'
            or contains(lower(benefit_id), 'microsoft.billingbenefits')
            then 'Savings Plan'
        when
            charge_type = 'UnusedReservation' or pricingModel = 'Reservation'
            or benefit_id is not null or reservation_id is not null
            then 'Reservation'
    end as commitment_type,
    coalesce(customer_id, {{ azure_id('billingAccountId') }}, {{ azure_id('subscriptionId') }}) as billing_account_id,
    case when customer_id is null then billingAccountName else customerName end as billing_account_name,
    {{ azure_id('subscriptionId') }} as sub_account_id,
    case when {{ azure_id('subscriptionId') }} is not null then subscriptionName end as sub_account_name,
    case
        when lower(publisherType) in ('azure', 'microsoft') then 'Microsoft'
        else coalesce(publisherName, 'Microsoft')
    end as publisher,
    invoiceId as vendor_invoice_id,
    lower(consumedService) as consumed_service,
    serviceFamily as service_family,
    meterCategory as meter_category,
    coalesce({{ azure_id('productId') }}, partNumber, meterId) as sku,
    meterId as meter_id,
    coalesce(productName, meterName) as charge_description,
    coalesce(resourceLocation, location) as location,
    availabilityZone as availability_zone,
    resourceId as resource_id,
    coalesce(resourceName, nullif(regexp_extract(resourceId, '([^/]+)/*$', 1), '')) as resource_name,
    {{ azure_resource_type('resourceId') }} as resource_type,
    billingCurrency as vendor_currency,
    unitOfMeasure as unit,
    quantity,
    {{ money_mul('effectivePrice', 'exchange_rate') }} as effective_unit_price,
    {{ money_mul('nullif(payGPrice, 0)', 'exchange_rate') }} as list_unit_price,
    {{ money_mul('nullif(unitPrice, 0)', 'exchange_rate') }} as contracted_unit_price,
    nullif(paygCostInBillingCurrency, 0) as payg_cost,
    costInBillingCurrency as cost,
    case
        when lower(partnerEarnedCreditApplied) in ('1', 'true', 'yes')
            then try_cast(partnerEarnedCreditRate as {{ percent_type() }})
    end as partner_credit_rate,
    {{ json_object_text('tags') }} as tags
from ids
