{{ config(materialized='view') }}

-- graduated: the cumulative quantity is priced tier by tier and what was priced before is subtracted: a charge across a
-- bound is split exactly there, and a refund walks back down the tiers that it came from (R5.3).
select
    charges.charge_id,
    charges.customer_id,
    cast(
        {{ tier_price('tier_after', 'charges.quantity_after') }} - {{ tier_price('tier_before', 'charges.quantity_before') }}
        as {{ money_type() }}
    ) as amount
from {{ ref('int_rating__accumulated') }} as charges
left join {{ ref('int_rating__tier') }} as tier_after
    on charges.rule_id = tier_after.rule_id
    and {{ falls_in_tier('tier_after', 'charges.quantity_after') }}
left join {{ ref('int_rating__tier') }} as tier_before
    on charges.rule_id = tier_before.rule_id
    and {{ falls_in_tier('tier_before', 'charges.quantity_before') }}
where charges.model = 'graduated'
