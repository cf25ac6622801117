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
),

rounded as (
    select
        discounted.*,
        lines.minor_units,
        lines.amount as parent_amount,
        {{ round_to_minor_unit('discounted.exact_amount', 'lines.minor_units') }} as wanted
    from discounted
    inner join {{ ref('int_invoice__line') }} as lines
        on discounted.parent_line_id = lines.line_id
),

-- The rounded discounts of a line leave nothing of it or more, never less: two halves of one cent are not two cents.
run as (
    select
        *,
        sum(wanted) over (
            partition by parent_line_id order by sequence, discount_id rows between unbounded preceding and current row
        ) as so_far
    from rounded
)

select
    {{ stable_id(['run.parent_line_id', 'run.discount_id']) }} as line_id,
    run.parent_line_id,
    run.discount_id,
    run.discount_kind,
    run.percent,
    run.sequence,
    coalesce(discounts.description, 'Discount') as description,
    {{ round_to_minor_unit('run.base', 'run.minor_units') }} as base,
    run.exact_amount,
    cast(
        case
            when run.parent_amount < 0
                then least(run.so_far, -run.parent_amount) - least(run.so_far - run.wanted, -run.parent_amount)
            else greatest(run.so_far, -run.parent_amount) - greatest(run.so_far - run.wanted, -run.parent_amount)
        end as {{ document_money_type() }}
    ) as amount,
    run.minor_units
from run
left join {{ source('config', 'discounts') }} as discounts
    on run.discount_id = discounts.discount_id
