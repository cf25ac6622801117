{{ config(materialized='view') }}

-- From when to when a subscription has which quantity at which price. A term that is over and not renewed goes on at
-- the product's surcharge (R6.5). Days on which nothing is different in the end make no new state.
with events as (
    select
        events.*,
        coalesce(products.extended_term_percent, 0) as extended_percent,
        min(events.ends_on) over (partition by events.subscription_id) as ended_on
    from {{ ref('int_subscriptions__event') }} as events
    inner join {{ source('config', 'products') }} as products
        on events.product_id = products.product_id
),

days as (
    select
        *,
        event_day as from_day,
        coalesce(extended_percent > 0 and event_day >= term_end, false) as is_extended
    from events
    union all
    select
        *,
        term_end as from_day,
        true as is_extended
    from events
    where extended_percent > 0 and event_day < term_end and term_end < coalesce(next_event_day, term_end + 1)
),

priced as (
    select
        *,
        case
            when is_extended then cast(unit_price + {{ percent_of('unit_price', 'extended_percent') }} as {{ money_type() }})
            else unit_price
        end as price
    from days
    where ended_on is null or from_day < ended_on
),

compared as (
    select
        *,
        coalesce(
            quantity = lag(quantity) over in_order and price = lag(price) over in_order, false
        ) as is_same
    from priced
    window in_order as (partition by subscription_id order by from_day)
)

select
    subscription_id,
    customer_id,
    product_id,
    started_on,
    ended_on,
    from_day,
    coalesce(lead(from_day) over (partition by subscription_id order by from_day), ended_on) as to_day,
    quantity,
    price as unit_price,
    case when is_extended then extended_percent end as extended_percent,
    description
from compared
where not is_same
