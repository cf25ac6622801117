{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- Cost that nobody pays for yet: no customer claims it, or nothing prices it.
with policy as (
    select fx_policy, base_currency from {{ source('config', 'reseller') }}
),

summed as (
    select
        rated.disposition,
        rated.billing_period,
        rated.source,
        rated.customer_id,
        coalesce(rated.sub_account_id, rated.billing_account_id) as account_id,
        min(rated.sub_account_name) as account_name,
        rated.vendor,
        rated.service,
        rated.sku,
        rated.charge_day as day,
        rated.fx_day,
        rated.reason,
        rated.unit,
        rated.vendor_currency as currency,
        {{ sum_if_complete('rated.quantity') }} as quantity,
        {{ money_sum('rated.billed_cost') }} as cost,
        {{ money_sum('rated.list_cost') }} as list_cost
    from {{ ref('int_rated') }} as rated
    where
        rated.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
        and rated.disposition in ('unallocated', 'unpriced')
    group by
        rated.disposition, rated.billing_period, rated.source, rated.customer_id,
        coalesce(rated.sub_account_id, rated.billing_account_id), rated.vendor, rated.service, rated.sku,
        rated.charge_day, rated.fx_day, rated.reason, rated.unit, rated.vendor_currency
)

select
    summed.* exclude (fx_day),
    policy.base_currency,
    {{ money_mul('summed.cost', 'rates.fx_rate') }} as cost_base
from summed
cross join policy
left join {{ ref('int_fx__rate') }} as rates
    on summed.currency = rates.from_currency
    and policy.base_currency = rates.to_currency
    and rates.on_date = coalesce(
        summed.fx_day, case when policy.fx_policy = 'charge_date' then summed.day else summed.billing_period end
    )
