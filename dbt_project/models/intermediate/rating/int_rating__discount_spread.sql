-- Period discounts on the charges that they reduced, in proportion to their amounts, remainder to the largest (R7), so
-- that the margin of every service stays exact.
with reduced as (
    select distinct customer_id, billing_period, line_id from {{ ref('int_rating__period_discount') }}
),

taken as (
    {{ line_discounts_of('reduced', ['line_id']) }}
),

charges as (
    select
        rated.charge_id,
        rated.customer_id,
        rated.billing_period,
        rated.charge_day,
        rated.line_id,
        {{ match_key('described.sku') }} as sku_key,
        cast(rated.amount_before_discount - coalesce(taken.amount, 0) as {{ money_type() }}) as net
    from {{ ref('int_rating__open') }} as rated
    inner join reduced
        on rated.line_id = reduced.line_id
        and rated.customer_id = reduced.customer_id
        and rated.billing_period = reduced.billing_period
    inner join {{ ref('int_charges__described') }} as described
        on rated.charge_id = described.charge_id
    left join taken
        on rated.charge_id = taken.charge_id
        and rated.customer_id = taken.customer_id
    where rated.disposition = 'sold'
),

shares as (
    select
        charges.*,
        applied.discount_id,
        applied.discount_kind,
        applied.percent,
        applied.sequence,
        applied.amount as whole,
        {{ money_mul(exact_ratio('applied.amount', 'applied.first_net'), 'charges.net') }} as part,
        row_number() over (
            partition by charges.line_id, charges.sku_key, applied.sequence
            order by charges.net desc, charges.charge_day, charges.charge_id
        ) as size_place
    from charges
    inner join {{ ref('int_rating__period_discount') }} as applied
        on charges.line_id = applied.line_id
        and charges.sku_key = applied.sku_key
),

spread as (
    select
        *,
        cast(
            part + case
                when size_place = 1
                    then whole - sum(part) over (partition by line_id, sku_key, sequence)
                else 0
            end as {{ money_type() }}
        ) as amount
    from shares
)

select
    charge_id,
    customer_id,
    billing_period,
    line_id,
    discount_id,
    discount_kind,
    1000 + sequence as sequence,
    cast(
        net - coalesce(sum(amount) over (
            partition by charge_id, customer_id
            order by sequence rows between unbounded preceding and 1 preceding
        ), 0) as {{ money_type() }}
    ) as base,
    percent,
    amount
from spread
