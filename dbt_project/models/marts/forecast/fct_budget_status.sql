-- Budgets day by day, with what the month comes to as a whole as it stands today. A threshold is crossed on the first day
-- that reaches it; what is given back later does not take that back.
with matched as (
    select
        scope.budget_id, scope.billing_period, scope.budget_amount, forecast.net_to_date, forecast.net_forecast
    from {{ ref('int_budget__scope') }} as scope
    inner join {{ ref('fct_forecast') }} as forecast
        on scope.member_id = forecast.customer_id
        and scope.billing_period = forecast.billing_period
        and {{ match_key('scope.vendor') }} in ('', {{ match_key('forecast.vendor') }})
        and {{ match_key('scope.service') }} in ('', {{ match_key('forecast.service') }})
    union all
    -- Budgets of which nothing is used.
    select budget_id, billing_period, budget_amount, 0 as net_to_date, 0 as net_forecast
    from {{ ref('int_budget__scope') }}
),

summed as (
    select
        budget_id,
        billing_period,
        budget_amount,
        {{ money_sum('net_to_date') }} as net_to_date,
        {{ money_sum('net_forecast') }} as net_forecast
    from matched
    group by budget_id, billing_period, budget_amount
),

expected as (
    select
        *,
        {{ percent_share('net_to_date', 'budget_amount') }} as net_to_date_percent,
        {{ percent_share('net_forecast', 'budget_amount') }} as forecast_percent
    from summed
),

measured as (
    select
        days.*,
        expected.net_to_date,
        expected.net_to_date_percent,
        expected.net_forecast,
        expected.forecast_percent
    from {{ ref('int_budget__day') }} as days
    inner join expected
        using (budget_id, billing_period)
),

limits as (
    select
        *,
        {{ percent_of('budget_amount', 'threshold') }} as limit_amount
    from (
        select
            *,
            cast(unnest(string_split(thresholds, ';')) as {{ percent_type() }}) as threshold
        from measured
    ) as listed
),

crossed as (
    select
        *,
        min(case when spent_to_date >= limit_amount then day end) over (
            partition by budget_id, billing_period, threshold
        ) as crossed_on
    from limits
),

reached as (
    select
        budget_id,
        billing_period,
        day,
        max(case when spent_to_date >= limit_amount then threshold end) as threshold_reached,
        max(case when net_forecast >= limit_amount then threshold end) as threshold_forecast,
        string_agg(
            case when crossed_on = day then {{ plain_number('threshold') }} end, ';' order by threshold
        ) as thresholds_crossed
    from crossed
    group by budget_id, billing_period, day
)

select
    measured.customer_id,
    customers.legal_name as customer_name,
    measured.vendor,
    measured.service,
    billing_period,
    day,
    measured.is_latest,
    measured.budget_amount,
    measured.spent_to_date,
    {{ percent_share('measured.spent_to_date', 'measured.budget_amount') }} as spent_percent,
    measured.net_to_date,
    measured.net_to_date_percent,
    measured.net_forecast,
    measured.forecast_percent,
    measured.currency,
    measured.thresholds,
    reached.threshold_reached,
    reached.thresholds_crossed,
    reached.threshold_forecast
from measured
inner join {{ source('config', 'customers') }} as customers
    on measured.customer_id = customers.customer_id
left join reached
    using (budget_id, billing_period, day)
