{{ config(materialized='view') }}

-- What had been spent of each budget by the end of each day so far: charges count on their own day of the month, those of
-- days before it on the first, those of days after it on the last.
with days as (
    select
        budget_id,
        billing_period,
        newest_day,
        cast(unnest(range(billing_period, newest_day + 1, interval 1 day)) as date) as day
    from (select distinct budget_id, billing_period, newest_day from {{ ref('int_budget__scope') }}) as months
),

spent as (
    select
        scope.budget_id,
        scope.billing_period,
        least(greatest(margin.day, scope.billing_period), last_day(scope.billing_period)) as day,
        sum(margin.revenue) as amount
    from {{ ref('int_budget__scope') }} as scope
    inner join {{ ref('int_margin__daily') }} as margin
        on scope.member_id = margin.customer_id
        and scope.billing_period = margin.billing_period
        and {{ match_key('scope.vendor') }} in ('', {{ match_key('margin.vendor') }})
        and {{ match_key('scope.service') }} in ('', {{ match_key('margin.service') }})
    group by
        scope.budget_id, scope.billing_period,
        least(greatest(margin.day, scope.billing_period), last_day(scope.billing_period))
)

select
    days.budget_id,
    days.billing_period,
    days.day,
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
