{{ config(materialized='view') }}

-- The first day on which each threshold of a budget was reached; what is given back later does not take that back.
with thresholds as (
    select
        *,
        {{ percent_of('budget_amount', 'threshold') }} as limit_amount
    from (
        select distinct
            budget_id,
            billing_period,
            budget_amount,
            cast(unnest(string_split(thresholds, ';')) as {{ percent_type() }}) as threshold
        from {{ ref('int_budget__scope') }}
    ) as listed
)

select
    thresholds.budget_id,
    thresholds.billing_period,
    thresholds.threshold,
    thresholds.limit_amount,
    min(days.day) as crossed_on
from thresholds
left join {{ ref('int_budget__day') }} as days
    on thresholds.budget_id = days.budget_id
    and thresholds.billing_period = days.billing_period
    and days.spent_to_date >= thresholds.limit_amount
group by thresholds.budget_id, thresholds.billing_period, thresholds.threshold, thresholds.limit_amount
