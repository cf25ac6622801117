{{ config(materialized='view') }}

-- What a customer's billing period may come to at most (R7), by the days of its contracts. A contract without a cap has no
-- bound, so neither has a month that it shares.
with periods as (
    select distinct
        customer_id,
        billing_period,
        cast(billing_period + interval 1 month as date) as period_ends
    from {{ ref('int_commitment__net') }}
),

terms as (
    select
        periods.customer_id,
        periods.billing_period,
        contracts.spend_cap,
        {{ days_between('periods.billing_period', 'periods.period_ends') }} as cycle_days,
        {{ days_between(
            'greatest(periods.billing_period, coalesce(contracts.valid_from, periods.billing_period))',
            'least(periods.period_ends, coalesce(contracts.valid_to, periods.period_ends))'
        ) }} as days
    from periods
    inner join {{ source('config', 'contracts') }} as contracts
        on periods.customer_id = contracts.customer_id
        and coalesce(contracts.valid_from, periods.billing_period) < periods.period_ends
        and coalesce(contracts.valid_to, periods.period_ends) > periods.billing_period
)

select
    customer_id,
    billing_period,
    sum(days) as days,
    max(cycle_days) as cycle_days,
    min(spend_cap) as spend_cap,
    count(*) as contracts,
    {{ money_sum(days_share('spend_cap', 'days', 'cycle_days')) }} as cap
from terms
group by customer_id, billing_period
having count(*) = count(spend_cap)
