{{ config(materialized='view') }}

-- Usage of the days that no delivery covers yet: the mean of the last seven covered days (of the month before too, as far as
-- the month has fewer), times those days. Without a delivery since a week before the month nothing is continued.
with windows as (
    select
        months.customer_id,
        months.billing_period,
        months.last_day,
        coverage.source,
        least(coverage.covered_until, months.last_day) as to_day,
        greatest(coverage.covered_from, least(coverage.covered_until, months.last_day) - 6) as from_day
    from {{ ref('int_forecast__month') }} as months
    inner join {{ ref('int_forecast__coverage') }} as coverage
        on coverage.covered_from <= months.last_day
        and coverage.covered_until >= months.billing_period - 7
),

measured as (
    select
        windows.*,
        usage.vendor,
        usage.service,
        usage.currency,
        {{ days_between('windows.from_day', 'windows.to_day') }} + 1 as window_days,
        {{ days_between('greatest(windows.to_day, windows.billing_period - 1)', 'windows.last_day') }} as open_days,
        {{ money_sum(
            'case when usage.day between windows.from_day and windows.to_day then usage.amount end'
        ) }} as window_amount
    from windows
    inner join {{ ref('int_forecast__usage') }} as usage
        on windows.customer_id = usage.customer_id
        and windows.source = usage.source
        and usage.billing_period in (
            windows.billing_period, cast(windows.billing_period - interval 1 month as date)
        )
    group by
        windows.customer_id, windows.billing_period, windows.last_day, windows.source, windows.to_day, windows.from_day,
        usage.vendor, usage.service, usage.currency
)

select
    customer_id,
    billing_period,
    vendor,
    service,
    currency,
    min(to_day) as covered_until,
    cast(max(open_days) as integer) as open_days,
    {{ money_sum(
        'sign(window_amount) * ' ~ days_share('abs(window_amount)', 'open_days', 'window_days')
    ) }} as net_rest
from measured
group by customer_id, billing_period, vendor, service, currency
