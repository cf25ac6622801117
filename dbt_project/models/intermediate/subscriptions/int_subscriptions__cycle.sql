{{ config(materialized='view') }}

-- R6.1: the cycles of recurring products that touch the billing periods being rebuilt. Each is counted from the first
-- one, so that the 31st falls on shorter months' last day and returns (R2.3). Without part cycles (proration none) a
-- cycle that was begun is used whole.
with horizon as (
    select
        min(billing_period) as first_day,
        cast(max(billing_period) + interval 1 month as date) as end_day
    from {{ source('ops', 'dirty_period') }}
),

subscribed as (
    select distinct subscription_id, customer_id, product_id, started_on, ended_on
    from {{ ref('int_subscriptions__state') }}
),

recurring as (
    select
        subscribed.*,
        products.timing,
        coalesce(products.proration, 'daily') = 'daily' as is_daily,
        case products.interval when 'month' then 1 when 'year' then 12 else 36 end as months,
        coalesce(products.alignment, 'anniversary') = 'calendar' as is_calendar,
        cast(date_trunc('year', subscribed.started_on) as date) + coalesce(customers.billing_day, 1) - 1 as january,
        cast(date_trunc('year', subscribed.started_on) - interval 1 year as date)
        + coalesce(customers.billing_day, 1) - 1 as january_before
    from subscribed
    inner join {{ source('config', 'products') }} as products
        on subscribed.product_id = products.product_id
        and products.charge_type = 'recurring'
    inner join {{ source('config', 'customers') }} as customers
        on subscribed.customer_id = customers.customer_id
),

anchored as (
    select
        *,
        case
            when not is_calendar then started_on
            when january <= started_on then january
            else january_before
        end as anchor
    from recurring
),

numbered as (
    select
        anchored.*,
        horizon.first_day as first_period,
        unnest(range(
            greatest(date_diff('month', anchored.anchor, horizon.first_day) // anchored.months - 1, 0),
            date_diff('month', anchored.anchor, horizon.end_day - 1) // anchored.months + 1
        )) as nth
    from anchored
    cross join horizon
),

cycles as (
    select
        *,
        cast(anchor + nth * months * interval 1 month as date) as cycle_start,
        cast(anchor + (nth + 1) * months * interval 1 month as date) as cycle_end
    from numbered
),

used as (
    select
        *,
        greatest(cycle_start, started_on) as used_from,
        least(cycle_end, coalesce(case when is_daily then ended_on end, cycle_end)) as used_to
    from cycles
    where
        cycle_end > greatest(started_on, first_period)
        and (ended_on is null or cycle_start < ended_on)
),

timed as (
    select
        used.*,
        coalesce(used.timing, case contracts.payment_scheme when 'advance' then 'advance' end, 'arrears') = 'advance'
            as is_advance
    from used
    left join {{ source('config', 'contracts') }} as contracts
        on used.customer_id = contracts.customer_id
        and {{ valid_on('contracts', 'used.used_from') }}
),

billed as (
    select
        *,
        cast(date_trunc('month', case when is_advance then used_from else used_to - 1 end) as date) as billing_period
    from timed
)

select
    billed.subscription_id,
    billed.cycle_start,
    billed.cycle_end,
    billed.used_from,
    billed.used_to,
    billed.is_daily,
    billed.is_advance,
    billed.billing_period,
    case when policy.fx_policy = 'charge_date' then billed.used_from else billed.billing_period end as fx_day,
    case when billed.is_daily then billed.cycle_start else billed.used_from end as counted_from,
    {{ days_between('case when billed.is_daily then billed.cycle_start else billed.used_from end', 'billed.cycle_end') }}
        as cycle_days
from billed
cross join {{ source('config', 'reseller') }} as policy
