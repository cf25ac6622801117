-- Each tier with where it starts and what everything below it costs: a quantity is then priced by one tier (R5.1).
with bounded as (
    select
        rule_id,
        up_to,
        unit_price,
        coalesce(flat_fee, 0) as flat_fee,
        coalesce(lag(up_to) over (partition by rule_id order by up_to nulls last), 0) as starts_after
    from {{ source('config', 'price_tiers') }}
)

select
    rule_id,
    cast(row_number() over (partition by rule_id order by starts_after) as integer) as tier,
    cast(starts_after as {{ money_type() }}) as starts_after,
    up_to,
    unit_price,
    cast(flat_fee as {{ money_type() }}) as flat_fee,
    cast(coalesce(
        sum({{ money_mul('up_to - starts_after', 'unit_price') }} + flat_fee) over (
            partition by rule_id order by starts_after rows between unbounded preceding and 1 preceding
        ), 0
    ) as {{ money_type() }}) as amount_below
from bounded
