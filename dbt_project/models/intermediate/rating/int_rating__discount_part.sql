{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- What discounts on a whole billing period can reduce: a line's net after its own discounts, by SKU. Only of customers
-- who may earn such a discount, so that nothing is added up where there is none. What is given back as it was invoiced
-- stands outside: it takes its own discounts back.
with wanted as (
    select distinct customer_id, billing_period
    from {{ ref('int_rating__discount_candidate') }}
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

taken as (
    {{ line_discounts_of('wanted', ['customer_id', 'billing_period']) }}
)

select
    rated.customer_id,
    rated.billing_period,
    rated.line_id,
    {{ match_key('described.sku') }} as sku_key,
    {{ match_key('described.vendor') }} as vendor_key,
    {{ match_key('described.service') }} as service_key,
    {{ money_sum('rated.amount_before_discount - coalesce(taken.amount, 0)') }} as net
from {{ ref('int_rating__open') }} as rated
inner join wanted
    on rated.customer_id = wanted.customer_id
    and rated.billing_period = wanted.billing_period
inner join {{ ref('int_charges__described') }} as described
    on rated.charge_id = described.charge_id
left join taken
    on rated.charge_id = taken.charge_id
    and rated.customer_id = taken.customer_id
where rated.disposition = 'sold' and described.refunded_document is null
group by
    rated.customer_id, rated.billing_period, rated.line_id,
    {{ match_key('described.sku') }}, {{ match_key('described.vendor') }}, {{ match_key('described.service') }}
