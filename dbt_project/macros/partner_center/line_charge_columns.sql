{#- A reconciliation line under the engine's names; the rows come from stg_partner_center__line_charges. -#}
{% macro line_charge_columns(rows) -%}
select
    x_source as source,
    x_scope as scope,
    x_delivery_id as delivery_id,
    x_billing_period as billing_period,
    x_file as file_name,
    x_row as row_number_in_file,
    coalesce(first_day, x_billing_period) as charge_day,
    cast(coalesce(first_day, x_billing_period) as timestamp) as charge_period_start,
    cast(last_day_after as timestamp) as charge_period_end,
    {{ tenant_id('CustomerId') }} as billing_account_id,
    {{ given_text('CustomerName') }} as billing_account_name,
    {{ given_text('SubscriptionId') }} as sub_account_id,
    {{ given_text('SubscriptionDescription') }} as sub_account_name,
    'Microsoft' as vendor,
    'Microsoft' as host_provider,
    coalesce({{ given_text('PublisherName') }}, 'Microsoft') as publisher,
    'Microsoft' as invoice_issuer,
    {{ given_text('InvoiceNumber') }} as vendor_invoice_id,
    service_name as service,
    {{ microsoft_service_category('service_name') }} as service_category,
    {{ no_value('varchar') }} as service_subcategory,
    case when charge_category <> 'Tax' then {{ product_sku(rows) }} end as sku,
    case
        when charge_category <> 'Tax' then {{ product_sku(rows) }} || coalesce(':' || {{ given_text('AvailabilityId') }}, '')
    end as sku_price_id,
    description as charge_description,
    {{ no_value('varchar') }} as region,
    {{ no_value('varchar') }} as region_name,
    {{ no_value('varchar') }} as availability_zone,
    {{ no_value('varchar') }} as resource_id,
    {{ no_value('varchar') }} as resource_name,
    {{ no_value('varchar') }} as resource_type,
    charge_category,
    case when last_day_after <= x_billing_period then 'Correction' end as charge_class,
    case
        when charge_category = 'Usage' then 'Usage-Based'
        when charge_category = 'Purchase' and (
            {{ given_text('BillingFrequency') }} is not null and lower(BillingFrequency) not like '%one%time%'
            or lower(TermAndBillingCycle) like '%commitment%' or lower(TermAndBillingCycle) like '%subscription%'
        ) then 'Recurring'
        else 'One-Time'
    end as charge_frequency,
    case
        when charge_category not in ('Usage', 'Purchase') then null
        when commitment_type is not null then 'Committed'
        else 'Standard'
    end as pricing_category,
    case
        when commitment_type is not null and charge_category = 'Purchase' then {{ given_text('ReservationOrderId') }}
    end as commitment_discount_id,
    case
        when commitment_type is not null and charge_category = 'Purchase' then {{ given_text('ProductName') }}
    end as commitment_discount_name,
    case
        when charge_category <> 'Purchase' then null
        when commitment_type = 'Savings Plan' then 'Spend'
        when commitment_type = 'Reservation' then 'Usage'
    end as commitment_discount_category,
    case when charge_category = 'Purchase' then commitment_type end as commitment_discount_type,
    {{ no_value('varchar') }} as commitment_discount_status,
    Currency as vendor_currency,
    case
        when charge_category in ('Usage', 'Purchase') then coalesce({{ given_text('UnitType') }}, 'Licenses')
    end as unit,
    case when charge_category in ('Usage', 'Purchase') then billable_quantity end as quantity,
    case when charge_category = 'Usage' then {{ given_text('UnitType') }} end as consumed_unit,
    case when charge_category = 'Usage' then billable_quantity end as consumed_quantity,
    case when charge_category in ('Usage', 'Purchase') then list_unit_price end as list_unit_price,
    case when charge_category = 'Usage' then list_unit_price end as contracted_unit_price,
    list_amount as list_cost,
    case when charge_category = 'Usage' then list_amount else amount end as contracted_cost,
    amount as billed_cost,
    amount as effective_cost,
    partner_credit,
    {{ no_value('varchar') }} as tags
from {{ rows }}
{%- endmacro %}
