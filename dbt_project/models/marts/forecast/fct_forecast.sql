-- Open months as they stand, and as they will come to when usage goes on as on the last covered days.
with known as (
    select
        margin.customer_id,
        margin.billing_period,
        coalesce(margin.vendor, '') as vendor,
        coalesce(margin.service, '') as service,
        margin.currency,
        sum(margin.revenue) as net_to_date
    from {{ ref('int_margin__daily') }} as margin
    inner join {{ ref('int_forecast__month') }} as months
        on margin.customer_id = months.customer_id
        and margin.billing_period = months.billing_period
    group by
        margin.customer_id, margin.billing_period, coalesce(margin.vendor, ''), coalesce(margin.service, ''),
        margin.currency
),

continued as (
    select
        customer_id,
        billing_period,
        coalesce(vendor, '') as vendor,
        coalesce(service, '') as service,
        currency,
        net_rest,
        covered_until,
        open_days,
        case when open_days = 0 then 'complete' else 'daily_mean' end as method
    from {{ ref('int_forecast__rest') }}
    union all by name
    select *, 'commitment' as method
    from {{ ref('int_forecast__bound') }}
)

select
    months.customer_id,
    customers.legal_name as customer_name,
    months.billing_period,
    nullif(vendor, '') as vendor,
    nullif(service, '') as service,
    months.as_of,
    cast(coalesce(known.net_to_date, 0) as {{ money_type() }}) as net_to_date,
    cast(coalesce(continued.net_rest, 0) as {{ money_type() }}) as net_rest,
    cast(coalesce(known.net_to_date, 0) + coalesce(continued.net_rest, 0) as {{ money_type() }}) as net_forecast,
    currency,
    coalesce(continued.method, 'known') as method,
    continued.covered_until,
    case
        when continued.covered_until is not null then months.days_in_month - continued.open_days
    end as days_covered,
    months.days_in_month
from known
full outer join continued
    using (customer_id, billing_period, vendor, service, currency)
inner join {{ ref('int_forecast__month') }} as months
    using (customer_id, billing_period)
inner join {{ source('config', 'customers') }} as customers
    on months.customer_id = customers.customer_id
where known.net_to_date is not null or continued.net_rest <> 0
