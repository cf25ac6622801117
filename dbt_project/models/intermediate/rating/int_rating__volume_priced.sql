{{ config(materialized='view') }}

-- volume: every unit at the price of the tier that the period's total falls in; its fee is spread in proportion to the
-- quantity, each charge taking the difference of two cumulative shares, so that the parts sum exactly (R5.2).
with tiered as (
    select
        charges.*,
        coalesce(tier.unit_price, 0) as tier_price,
        case when charges.quantity_whole < 0 then -1 else 1 end * coalesce(tier.flat_fee, 0) as tier_fee,
        -- Refunds and counts beyond exact division (bytes) share the fee evenly instead.
        charges.least_quantity >= 0 and charges.quantity_whole > 0 and charges.quantity_whole < 10000000000000 as by_quantity
    from {{ ref('int_rating__accumulated') }} as charges
    left join {{ ref('int_rating__tier') }} as tier
        on charges.rule_id = tier.rule_id
        and {{ falls_in_tier('tier', 'charges.quantity_whole') }}
    where charges.model = 'volume'
),

weighted as (
    select
        *,
        case when by_quantity then quantity_before else place - 1 end as weight_before,
        case when by_quantity then quantity_after else place end as weight_after,
        case when by_quantity then quantity_whole else places end as weight_whole
    from tiered
)

select
    charge_id,
    customer_id,
    cast(
        {{ money_mul('quantity_after', 'tier_price') }} - {{ money_mul('quantity_before', 'tier_price') }}
        + {{ money_mul('tier_fee', exact_ratio('weight_after', 'weight_whole')) }}
        - {{ money_mul('tier_fee', exact_ratio('weight_before', 'weight_whole')) }}
        as {{ money_type() }}
    ) as amount
from weighted
