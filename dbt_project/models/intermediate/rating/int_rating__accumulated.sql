-- What tiers and packages price: quantities as they accumulate per customer, rule and billing period, by day and then
-- by charge id (R5). Only charges of such rules, so that a book without any costs nothing.
{%- set period = 'partition by customer_id, rule_id, billing_period' %}

with charges as (
    select *
    from {{ ref('int_rating__based') }}
    where disposition = 'sold' and model in {{ accumulating_models() }} and not is_credit
),

running as (
    select
        *,
        sum(quantity) over (
            {{ period }} order by charge_day, charge_id rows between unbounded preceding and current row
        ) as quantity_after,
        sum(quantity) over ({{ period }}) as quantity_whole,
        min(quantity) over ({{ period }}) as least_quantity,
        row_number() over ({{ period }} order by charge_day, charge_id) as place,
        count(*) over ({{ period }}) as places
    from charges
)

select
    charge_id,
    customer_id,
    billing_period,
    rule_id,
    model,
    unit_price,
    included_quantity,
    package_size,
    cast(quantity_after - quantity as {{ money_type() }}) as quantity_before,
    cast(quantity_after as {{ money_type() }}) as quantity_after,
    cast(quantity_whole as {{ money_type() }}) as quantity_whole,
    least_quantity,
    place,
    places
from running
