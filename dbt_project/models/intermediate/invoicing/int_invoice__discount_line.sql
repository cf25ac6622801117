-- Every discount is a line of its own under the line that it reduces, rounded as a line (R7).
with discounted as (
    select
        applied.line_id as parent_line_id,
        applied.discount_id,
        applied.discount_kind,
        applied.percent,
        min(applied.sequence) as sequence,
        {{ money_sum('applied.base') }} as base,
        {{ money_sum('-applied.amount') }} as exact_amount
    from {{ ref('int_rated__discount') }} as applied
    where
        -- Without a percentage: what a refund takes back of discounts of every kind.
        (applied.discount_kind = 'line' or applied.percent is null)
        and applied.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    group by applied.line_id, applied.discount_id, applied.discount_kind, applied.percent
)

select
    {{ stable_id(['discounted.parent_line_id', 'discounted.discount_id']) }} as line_id,
    discounted.parent_line_id,
    discounted.discount_id,
    discounted.discount_kind,
    discounted.percent,
    discounted.sequence,
    coalesce(discounts.description, 'Discount') as description,
    {{ round_to_minor_unit('discounted.base', 'lines.minor_units') }} as base,
    discounted.exact_amount,
    {{ round_to_minor_unit('discounted.exact_amount', 'lines.minor_units') }} as amount,
    lines.minor_units
from discounted
inner join {{ ref('int_invoice__line') }} as lines
    on discounted.parent_line_id = lines.line_id
left join {{ source('config', 'discounts') }} as discounts
    on discounted.discount_id = discounts.discount_id
