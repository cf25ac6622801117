{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- Sold charges, and what the reseller keeps of a customer's charges (credits not passed on, commitment purchases):
-- both are margin. The vendor's tax is not. Lines without a charge behind them count as they are billed.
with policy as (
    select fx_policy, base_currency from {{ source('config', 'reseller') }}
),

charges as (
    select
        rated.*,
        coalesce(rounding.rounding_difference, 0) as rounding_difference,
        coalesce(
            rated.fx_day, case when policy.fx_policy = 'charge_date' then rated.charge_day else rated.billing_period end
        ) as on_date,
        policy.base_currency
    from {{ ref('int_rated') }} as rated
    cross join policy
    left join {{ ref('int_margin__rounding') }} as rounding
        on rated.charge_id = rounding.charge_id
        and rated.customer_id = rounding.customer_id
        and rated.billing_period = rounding.billing_period
    where
        rated.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
        and rated.customer_id is not null
        and (rated.disposition = 'sold' or (rated.disposition = 'kept' and rated.charge_category <> 'Tax'))
),

measured as (
    select * from charges
    union all by name
    select
        lines.customer_id,
        lines.billing_period,
        lines.vendor,
        lines.service,
        lines.day as charge_day,
        lines.on_date,
        lines.currency as customer_currency,
        policy.base_currency,
        lines.amount as amount_before_discount,
        lines.cost
    from {{ ref('int_margin__line') }} as lines
    cross join policy
),

summed as (
    select
        customer_id,
        billing_period,
        vendor,
        service,
        charge_day as day,
        on_date,
        customer_currency as currency,
        base_currency,
        {{ money_sum("case when charge_category in ('Usage', 'Purchase') then list_amount end") }} as list_amount,
        {{ money_sum('amount_before_discount') }} as revenue_before_discount,
        {{ money_sum('discount_line') }} as discount_line,
        {{ money_sum('discount_bundle') }} as discount_bundle,
        {{ money_sum('discount_volume') }} as discount_volume,
        {{ money_sum('discount_relationship') }} as discount_relationship,
        {{ money_sum('discount_promotion') }} as discount_promotion,
        {{ money_sum('rounding_difference') }} as rounding_difference,
        {{ money_sum('cost') }} as cost,
        {{ money_sum(money_mul('partner_credit', 'fx_rate')) }} as partner_credit
    from measured
    group by customer_id, billing_period, vendor, service, charge_day, on_date, customer_currency, base_currency
),

totalled as (
    select
        *,
        cast(
            revenue_before_discount - discount_line - discount_bundle - discount_volume - discount_relationship
            - discount_promotion + rounding_difference as {{ money_type() }}
        ) as revenue
    from summed
)

select
    totalled.customer_id,
    totalled.billing_period,
    totalled.vendor,
    totalled.service,
    totalled.day,
    totalled.currency,
    totalled.list_amount,
    totalled.revenue_before_discount,
    totalled.discount_line,
    totalled.discount_bundle,
    totalled.discount_volume,
    totalled.discount_relationship,
    totalled.discount_promotion,
    totalled.revenue,
    totalled.cost,
    totalled.partner_credit,
    cast(totalled.revenue - totalled.cost as {{ money_type() }}) as margin,
    totalled.rounding_difference,
    totalled.base_currency,
    rates.fx_rate as fx_rate_base,
    {{ money_mul('totalled.list_amount', 'rates.fx_rate') }} as list_amount_base,
    {{ money_mul('totalled.revenue', 'rates.fx_rate') }} as revenue_base,
    {{ money_mul('totalled.cost', 'rates.fx_rate') }} as cost_base,
    cast(
        {{ money_mul('totalled.revenue', 'rates.fx_rate') }} - {{ money_mul('totalled.cost', 'rates.fx_rate') }}
        as {{ money_type() }}
    ) as margin_base
from totalled
left join {{ ref('int_fx__rate') }} as rates
    on totalled.currency = rates.from_currency
    and totalled.base_currency = rates.to_currency
    and totalled.on_date = rates.on_date
