-- unit_price: the cumulative quantity is priced and what was priced before is subtracted, so that splitting a row or
-- refunding a quantity changes nothing but the place where it is counted (R5, R5.3).
with charges as (
    select *
    from {{ ref('int_rating__based') }}
    where disposition = 'sold' and prices_quantity and not is_credit
),

running as (
    select
        *,
        sum(quantity) over (
            partition by customer_id, rule_id, billing_period
            order by charge_day, charge_id
            rows between unbounded preceding and current row
        ) as quantity_after
    from charges
),

billable as (
    select
        *,
        cast(greatest(quantity_after - coalesce(included_quantity, 0), 0) as {{ money_type() }}) as billable_after,
        cast(greatest(quantity_after - quantity - coalesce(included_quantity, 0), 0) as {{ money_type() }}) as billable_before
    from running
)

select
    charge_id,
    customer_id,
    cast({{ money_mul('billable_after', 'unit_price') }} - {{ money_mul('billable_before', 'unit_price') }} as {{ money_type() }}) as amount
from billable
