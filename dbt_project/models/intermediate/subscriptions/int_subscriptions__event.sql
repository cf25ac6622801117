{{ config(materialized='view') }}

-- R6: what a subscription is at the end of each day that has events: they apply in file order, the last one counts
-- (R6.3). A term keeps the price of its start; a cancel after the window of a term waits for its end (R6.4).
with events as (
    select
        subscriptions.*,
        products.unit_price as product_price,
        products.term_months,
        products.cancellable_anytime,
        coalesce(products.cancel_window_days, 0) as window_days,
        subscriptions.event in ('start', 'renew') as starts_term
    from {{ source('config', 'subscriptions') }} as subscriptions
    inner join {{ source('config', 'products') }} as products
        on subscriptions.product_id = products.product_id
),

running as (
    select
        *,
        last_value(case when event = 'start' then coalesce(quantity, 1) else quantity end ignore nulls) over so_far as units,
        last_value(case when starts_term then coalesce(unit_price, product_price) else unit_price end ignore nulls)
            over so_far as price,
        last_value(description ignore nulls) over so_far as said,
        max(case when starts_term then effective_date end) over so_far as term_start,
        min(effective_date) over (partition by subscription_id) as started_on,
        row_number() over (
            partition by subscription_id, effective_date order by config_line desc
        ) as place
    from events
    window so_far as (
        partition by subscription_id order by effective_date, config_line
        rows between unbounded preceding and current row
    )
),

termed as (
    select
        *,
        cast(term_start + term_months * interval 1 month as date) as term_end
    from running
    where place = 1
)

select
    subscription_id,
    customer_id,
    product_id,
    started_on,
    effective_date as event_day,
    lead(effective_date) over (partition by subscription_id order by effective_date) as next_event_day,
    cast(units as {{ money_type() }}) as quantity,
    cast(price as {{ money_type() }}) as unit_price,
    said as description,
    term_start,
    term_end,
    case
        when event <> 'cancel' then null
        when effective_date < term_end and effective_date > term_start + window_days and not cancellable_anytime
            then term_end
        else effective_date
    end as ends_on
from termed
