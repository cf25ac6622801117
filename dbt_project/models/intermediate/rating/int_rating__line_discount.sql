-- R7.1, sequential, never additive: each percentage works on what those before it left (two 10 % make 19 %). A refund of
-- days that an invoice has billed takes back the discounts of every kind that they had there.
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
),

given_back as (
    {% for kind in discount_kinds() %}
    select
        charge_id, customer_id, billing_period, line_id, '{{ kind }}' as discount_kind, {{ loop.index }} as sequence,
        cast(
            amount_before_discount{% for earlier in discount_kinds()[:loop.index0] %} - discount_{{ earlier }}{% endfor %}
            as {{ money_type() }}
        ) as base,
        cast(discount_{{ kind }} as {{ money_type() }}) as amount
    from {{ ref('int_subscriptions__charge') }}
    where refunded_document is not null and disposition = 'sold' and discount_{{ kind }} <> 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
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
union all
select
    charge_id,
    customer_id,
    billing_period,
    line_id,
    'as invoiced, ' || discount_kind as discount_id,
    discount_kind,
    sequence,
    base,
    {{ no_value(percent_type()) }} as percent,
    amount
from given_back
