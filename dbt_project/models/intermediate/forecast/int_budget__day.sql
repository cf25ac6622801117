{{ config(materialized='view') }}

-- What had been spent of each budget by the end of each day so far: charges count on their own day of the month, those of
-- days before it on the first, those of days after it on the last.
with scopes as (
    select
        *,
        {{ match_key('vendor') }} as vendor_key,
        {{ match_key('service') }} as service_key
    from {{ ref('int_budget__scope') }}
),

days as (
    select
        * exclude (newest_day),
        cast(unnest(range(billing_period, newest_day + 1, interval 1 day)) as date) as day,
        newest_day
    from (
        select distinct
            budget_id, customer_id, vendor, service, budget_amount, currency, thresholds, billing_period, newest_day
        from scopes
    ) as budgets
),

charged as (
    select
        customer_id,
        billing_period,
        {{ match_key('vendor') }} as vendor_key,
        {{ match_key('service') }} as service_key,
        least(greatest(day, billing_period), last_day(billing_period)) as day,
        sum(revenue) as amount
    from {{ ref('int_margin__daily') }}
    where (customer_id, billing_period) in (select scopes.member_id, scopes.billing_period from scopes)
    group by all
),

spent as (
    select
        scopes.budget_id,
        scopes.billing_period,
        charged.day,
        sum(charged.amount) as amount
    from scopes
    inner join charged
        on scopes.member_id = charged.customer_id
        and scopes.billing_period = charged.billing_period
        and scopes.vendor_key in ('', charged.vendor_key)
        and scopes.service_key in ('', charged.service_key)
    group by scopes.budget_id, scopes.billing_period, charged.day
)

select
    days.* exclude (newest_day),
    days.day = days.newest_day as is_latest,
    cast(sum(coalesce(spent.amount, 0)) over (
        partition by days.budget_id, days.billing_period
        order by days.day
        rows between unbounded preceding and current row
    ) as {{ money_type() }}) as spent_to_date
from days
left join spent
    on days.budget_id = spent.budget_id
    and days.billing_period = spent.billing_period
    and days.day = spent.day
