{{ config(materialized='view') }}

-- The customers' months that have begun and are not invoiced: where something is charged, and the running one also where
-- there was usage the month before.
with today as (
    select
        as_of,
        cast(date_trunc('month', as_of) as date) as running
    from {{ ref('int_today') }}
),

found as (
    select customer_id, billing_period from {{ ref('int_margin__daily') }}
    union
    select
        usage.customer_id,
        today.running as billing_period
    from {{ ref('int_forecast__usage') }} as usage
    inner join today
        on usage.billing_period = today.running - interval 1 month
)

select
    found.customer_id,
    found.billing_period,
    last_day(found.billing_period) as last_day,
    cast({{ days_in_month('found.billing_period') }} as integer) as days_in_month,
    today.as_of,
    customers.currency
from found
cross join today
inner join {{ source('config', 'customers') }} as customers
    on found.customer_id = customers.customer_id
left join {{ ref('int_invoice__issued_month') }} as issued
    on found.customer_id = issued.customer_id
    and found.billing_period = issued.billing_period
where issued.customer_id is null and found.billing_period <= today.as_of
