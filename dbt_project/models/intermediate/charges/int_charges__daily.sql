{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_deliveries() }}"
) }}

{%- set grain = charge_grain() %}

with daily as (
    select
        {{ grain | join(', ') }},
        max(delivery_id) as delivery_id,
        max(charge_period_end) as charge_period_end,
        min(billing_account_name) as billing_account_name,
        min(sub_account_name) as sub_account_name,
        min(host_provider) as host_provider,
        min(invoice_issuer) as invoice_issuer,
        min(vendor_invoice_id) as vendor_invoice_id,
        min(service_category) as service_category,
        min(sku_price_id) as sku_price_id,
        min(charge_description) as charge_description,
        min(region_name) as region_name,
        min(resource_name) as resource_name,
        min(resource_type) as resource_type,
        min(charge_frequency) as charge_frequency,
        -- Rows of one charge that are tagged differently have no tags together.
        case when count(tags) = count(*) and min(tags) = max(tags) then min(tags) end as tags,
        {{ sum_if_complete('quantity') }} as quantity,
        {{ sum_if_complete('list_cost') }} as list_cost,
        {{ sum_if_complete('contracted_cost') }} as contracted_cost,
        cast(sum(billed_cost) as {{ money_type() }}) as billed_cost,
        {{ sum_if_complete('effective_cost') }} as effective_cost,
        {{ money_sum('partner_credit') }} as partner_credit,
        count(*) as row_count
    from {{ ref('int_charges__vendor') }}
    {% if is_incremental() %}
    where delivery_id in ({{ dirty_deliveries() }})
    {% endif %}
    group by {{ grain | join(', ') }}
)

select
    {{ stable_id(grain) }} as charge_id,
    daily.*
from daily
