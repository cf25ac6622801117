-- Grain: one row per daily usage row in force. Prices become costs here, for information; what is billed is delivered.
with usage as (
    select
        raw.*,
        {{ usage_key('raw') }} as usage_key,
        {{ exchange_rate('raw', 'raw.BillingCurrency') }} as exchange_rate,
        {{ as_percent('raw.PartnerEarnedCreditPercentage') }} as credit_percent,
        raw.x_file like 'daily-usage/unbilled/%' as is_open_month,
        coalesce(
            {{ given_text('raw.BenefitOrderId') }},
            {{ given_text('raw.BenefitId') }},
            {{ given_text(json_field('raw.AdditionalInfo', 'ReservationOrderId')) }}
        ) as commitment_id
    from {{ source('raw', 'partner_center_daily_usage') }} as raw
),

priced as (
    select
        usage.*,
        {{ money_mul('UnitPrice', 'exchange_rate') }} as list_unit_price,
        {{ money_mul(money_mul('UnitPrice', 'Quantity'), 'exchange_rate') }} as list_cost
    from usage
)

select
    x_source as source,
    x_scope as scope,
    x_delivery_id as delivery_id,
    x_billing_period as billing_period,
    x_file as file_name,
    x_row as row_number_in_file,
    usage_key,
    is_open_month,
    cast(UsageDate as date) as usage_day,
    {{ tenant_id('CustomerId') }} as customer_tenant,
    {{ given_text('CustomerName') }} as customer_name,
    {{ given_text('EntitlementId') }} as entitlement_id,
    {{ given_text('EntitlementDescription') }} as entitlement_name,
    {{ given_text('SubscriptionId') }} as plan_id,
    {{ given_text('InvoiceNumber') }} as vendor_invoice_id,
    coalesce({{ given_text('PublisherName') }}, 'Microsoft') as publisher,
    coalesce({{ given_text('MeterCategory') }}, {{ given_text('ProductName') }}, 'Azure plan') as service,
    {{ given_text('MeterSubCategory') }} as service_subcategory,
    coalesce({{ given_text('MeterId') }}, {{ product_sku('priced') }}) as sku,
    {{ product_sku('priced') }} || coalesce(':' || {{ given_text('AvailabilityId') }}, '') as sku_price_id,
    coalesce({{ given_text('MeterName') }}, {{ given_text('SkuName') }}) as meter_name,
    lower({{ given_text('ResourceLocation') }}) as region,
    coalesce({{ given_text('MeterRegion') }}, {{ given_text('ResourceLocation') }}) as region_name,
    {{ given_text('ResourceURI') }} as resource_id,
    {{ given_text('ConsumedService') }} as consumed_service,
    commitment_id,
    case
        when commitment_id is not null
            then coalesce({{ given_text('BenefitType') }}, {{ commitment_kind('ProductName') }}, 'Reservation')
    end as commitment_type,
    BillingCurrency as vendor_currency,
    coalesce({{ given_text('UnitType') }}, {{ given_text('Unit') }}) as unit,
    cast(Quantity as {{ money_type() }}) as quantity,
    list_unit_price,
    list_cost,
    BillingPreTaxTotal as billed_cost,
    case when credit_percent > 0 then {{ percent_of('list_cost', 'credit_percent') }} end as partner_credit,
    {{ json_object_text(given_text('Tags')) }} as tags
from priced
