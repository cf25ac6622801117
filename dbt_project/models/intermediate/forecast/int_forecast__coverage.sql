{{ config(materialized='view') }}

-- From when to when each source has delivered, by what its deliveries say of themselves and not by where a customer's use
-- stops: a final period is covered to its end, none beyond today.
with delivered as (
    select
        in_force.source,
        delivery.landed_at,
        delivery.is_final,
        delivery.billing_period,
        greatest(coalesce(delivery.first_day, delivery.billing_period), delivery.billing_period) as first_day,
        least(
            case when delivery.is_final then last_day(delivery.billing_period) else delivery.last_day end,
            last_day(delivery.billing_period), today.as_of
        ) as last_day
    from {{ source('ops', 'partition_in_force') }} as in_force
    inner join {{ source('ops', 'delivery') }} as delivery
        on in_force.delivery_id = delivery.delivery_id
    cross join {{ ref('int_today') }} as today
    where
        delivery.billing_period <= today.as_of
        and (delivery.is_final or delivery.last_day is not null)
)

select
    source,
    min(first_day) as covered_from,
    max(last_day) as covered_until,
    max(landed_at) as last_delivery
from delivered
group by source
