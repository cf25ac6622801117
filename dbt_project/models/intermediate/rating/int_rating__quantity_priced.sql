{{ config(materialized='view') }}

-- unit_price: the cumulative quantity is priced and what was priced before is subtracted, so that splitting a row or
-- refunding a quantity changes nothing but the place where it is counted (R5, R5.3). Below zero (a refund of what an
-- earlier period billed) the price mirrors itself: it gives back what the same quantity would have cost.
with charges as (
    select *
    from {{ ref('int_rating__based') }}
    where disposition = 'sold' and model = 'unit_price' and not is_credit
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
        {{ billable_quantity('quantity_after', 'included_quantity') }} as billable_after,
        {{ billable_quantity('quantity_after - quantity', 'included_quantity') }} as billable_before
    from running
)

select
    charge_id,
    customer_id,
    cast(
        {{ money_mul('billable_after', 'unit_price') }} - {{ money_mul('billable_before', 'unit_price') }}
        as {{ money_type() }}
    ) as amount
from billable
