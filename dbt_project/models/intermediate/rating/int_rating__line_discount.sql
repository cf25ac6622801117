-- R7.1, sequential, never additive: each percentage works on what those before it left (two 10 % make 19 %).
with recursive applied as (
    select
        steps.*,
        steps.amount_before_discount as base,
        {{ percent_of('steps.amount_before_discount', 'steps.percent') }} as amount
    from {{ ref('int_rating__discount_step') }} as steps
    where steps.sequence = 1
    union all
    select
        steps.*,
        cast(applied.base - applied.amount as {{ money_type() }}) as base,
        {{ percent_of('applied.base - applied.amount', 'steps.percent') }} as amount
    from applied
    inner join {{ ref('int_rating__discount_step') }} as steps
        on applied.charge_id = steps.charge_id
        and applied.customer_id = steps.customer_id
        and applied.sequence + 1 = steps.sequence
)

select
    charge_id,
    customer_id,
    billing_period,
    line_id,
    discount_id,
    discount_kind,
    sequence,
    base,
    percent,
    amount
from applied
