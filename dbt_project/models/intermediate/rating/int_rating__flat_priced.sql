{{ config(materialized='view') }}

-- flat: the price once per customer, rule and billing period in which anything matched, spread over the charges in
-- proportion to their quantity (R5.2); each takes the difference of two cumulative shares, so the parts sum exactly.
with charges as (
    select
        *,
        min(coalesce(quantity, -1)) over (partition by customer_id, rule_id, billing_period) as least_quantity,
        sum(quantity) over (partition by customer_id, rule_id, billing_period) as whole_quantity
    from {{ ref('int_rating__based') }}
    where disposition = 'sold' and model = 'flat' and not is_credit
),

weighted as (
    select
        *,
        -- Refunds, missing quantities and counts beyond exact division (bytes) spread evenly instead.
        case
            when least_quantity >= 0 and whole_quantity > 0 and whole_quantity < 10000000000000 then quantity
            else 1
        end as weight
    from charges
),

running as (
    select
        *,
        sum(weight) over (
            partition by customer_id, rule_id, billing_period
            order by charge_day, charge_id
            rows between unbounded preceding and current row
        ) as weight_after,
        sum(weight) over (partition by customer_id, rule_id, billing_period) as weight_whole
    from weighted
)

select
    charge_id,
    customer_id,
    cast(
        {{ money_mul('unit_price', exact_ratio('weight_after', 'weight_whole')) }}
        - {{ money_mul('unit_price', exact_ratio('weight_after - weight', 'weight_whole')) }}
        as {{ money_type() }}
    ) as amount
from running
