-- R6.2 and R6.3: what is billed in the periods being rebuilt, each piece an invoice line. In arrears: each state's days of
-- a cycle. In advance: from the first day of each state to the cycle's end, and where the state ends earlier, the rest
-- back. Without part cycles: the whole cycle as it was on its first day. One-off items: once.
with used as (
    select
        cycles.*,
        states.customer_id,
        states.product_id,
        states.quantity,
        states.unit_price,
        states.extended_percent,
        states.description,
        greatest(states.from_day, cycles.used_from) as from_day,
        least(coalesce(states.to_day, cycles.used_to), cycles.used_to) as to_day
    from {{ ref('int_subscriptions__cycle') }} as cycles
    inner join {{ ref('int_subscriptions__state') }} as states
        on cycles.subscription_id = states.subscription_id
        and states.from_day < cycles.used_to
        and (states.to_day is null or states.to_day > cycles.used_from)
),

pieces as (
    select
        *,
        false as is_refund,
        from_day as first_day,
        case when is_advance or not is_daily then cycle_end else to_day end as end_day,
        case
            when is_advance and is_daily then cast(date_trunc('month', from_day) as date)
            else billing_period
        end as billed_in
    from used
    where is_daily or from_day = used_from
    union all
    select
        *,
        true as is_refund,
        to_day as first_day,
        cycle_end as end_day,
        cast(date_trunc('month', to_day) as date) as billed_in
    from used
    where is_daily and is_advance and to_day < cycle_end
    union all
    select
        states.subscription_id,
        states.from_day as cycle_start,
        states.from_day + 1 as cycle_end,
        states.from_day as used_from,
        states.from_day + 1 as used_to,
        false as is_daily,
        true as is_advance,
        cast(date_trunc('month', states.from_day) as date) as billing_period,
        case
            when policy.fx_policy = 'charge_date' then states.from_day
            else cast(date_trunc('month', states.from_day) as date)
        end as fx_day,
        states.from_day as counted_from,
        1 as cycle_days,
        states.customer_id,
        states.product_id,
        states.quantity,
        states.unit_price,
        states.extended_percent,
        states.description,
        states.from_day,
        states.from_day + 1 as to_day,
        false as is_refund,
        states.from_day as first_day,
        states.from_day + 1 as end_day,
        cast(date_trunc('month', states.from_day) as date) as billed_in
    from {{ ref('int_subscriptions__state') }} as states
    inner join {{ source('config', 'products') }} as products
        on states.product_id = products.product_id
        and products.charge_type = 'one_off'
    cross join {{ source('config', 'reseller') }} as policy
)

select
    {{ stable_id(['subscription_id', 'cycle_start', 'is_refund', 'first_day']) }} as piece_id,
    case when is_refund then {{ stable_id(['subscription_id', 'cycle_start', 'false', 'from_day']) }} end as refunded_piece_id,
    subscription_id,
    customer_id,
    product_id,
    billed_in as billing_period,
    is_refund,
    cycle_start,
    cycle_end,
    first_day,
    end_day,
    quantity,
    unit_price,
    extended_percent,
    description,
    fx_day,
    counted_from,
    cast(cycle_days as integer) as cycle_days
from pieces
where
    quantity > 0
    and billed_in in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    and billed_in >= date_trunc('month', {{ billing_starts() }})
