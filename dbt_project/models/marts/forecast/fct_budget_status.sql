-- Budgets day by day, with what the month comes to as a whole as it stands today.
with budgets as (
    select distinct
        budget_id, customer_id, vendor, service, budget_amount, currency, thresholds, billing_period, as_of
    from {{ ref('int_budget__scope') }}
),

expected as (
    select
        scope.budget_id,
        scope.billing_period,
        sum(forecast.net_to_date) as net_to_date,
        sum(forecast.net_rest) as net_rest
    from {{ ref('int_budget__scope') }} as scope
    inner join {{ ref('fct_forecast') }} as forecast
        on scope.member_id = forecast.customer_id
        and scope.billing_period = forecast.billing_period
        and {{ match_key('scope.vendor') }} in ('', {{ match_key('forecast.vendor') }})
        and {{ match_key('scope.service') }} in ('', {{ match_key('forecast.service') }})
    group by scope.budget_id, scope.billing_period
),

measured as (
    select
        budgets.*,
        days.day,
        days.is_latest,
        days.spent_to_date,
        coalesce(expected.net_to_date, 0) as net_to_date,
        coalesce(expected.net_to_date, 0) + coalesce(expected.net_rest, 0) as net_forecast
    from budgets
    inner join {{ ref('int_budget__day') }} as days
        on budgets.budget_id = days.budget_id
        and budgets.billing_period = days.billing_period
    left join expected
        on budgets.budget_id = expected.budget_id
        and budgets.billing_period = expected.billing_period
),

reached as (
    select
        measured.budget_id,
        measured.billing_period,
        measured.day,
        max(case when measured.spent_to_date >= crossed.limit_amount then crossed.threshold end) as threshold_reached,
        max(case when measured.net_forecast >= crossed.limit_amount then crossed.threshold end) as threshold_forecast,
        string_agg(
            case when crossed.crossed_on = measured.day then {{ plain_number('crossed.threshold') }} end, ';'
            order by crossed.threshold
        ) as thresholds_crossed
    from measured
    inner join {{ ref('int_budget__crossed') }} as crossed
        on measured.budget_id = crossed.budget_id
        and measured.billing_period = crossed.billing_period
    group by measured.budget_id, measured.billing_period, measured.day
)

select
    measured.customer_id,
    customers.legal_name as customer_name,
    measured.vendor,
    measured.service,
    measured.billing_period,
    measured.day,
    measured.is_latest,
    measured.budget_amount,
    measured.spent_to_date,
    {{ percent_share('measured.spent_to_date', 'measured.budget_amount') }} as spent_percent,
    cast(measured.net_to_date as {{ money_type() }}) as net_to_date,
    {{ percent_share('measured.net_to_date', 'measured.budget_amount') }} as net_to_date_percent,
    cast(measured.net_forecast as {{ money_type() }}) as net_forecast,
    {{ percent_share('measured.net_forecast', 'measured.budget_amount') }} as forecast_percent,
    measured.currency,
    measured.thresholds,
    reached.threshold_reached,
    reached.thresholds_crossed,
    reached.threshold_forecast
from measured
inner join {{ source('config', 'customers') }} as customers
    on measured.customer_id = customers.customer_id
left join reached
    on measured.budget_id = reached.budget_id
    and measured.billing_period = reached.billing_period
    and measured.day = reached.day
