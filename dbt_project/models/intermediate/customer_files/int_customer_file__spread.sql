{{ config(materialized='view') }}

{%- set kinds = ['bundle', 'volume', 'relationship', 'promotion'] %}
{%- set part = ['document_id', 'customer_id', 'billing_period', 'used_by_customer_id', 'used_in_period'] %}

-- How the lines of a document reach the customer's file, to the last cent: through their charges, where what rounding has
-- added goes to the charge that weighs most, or, where no charge carries a line (true-ups, caps, adjustments,
-- corrections), as a row of its own.
with charged as materialized (
    select
        {{ part | join(', ') }},
        line_id,
        {{ money_sum('net') }} as net,
        {%- for kind in kinds %}
        bool_or(discount_{{ kind }} <> 0) as has_{{ kind }},
        {%- endfor %}
        max(abs(net)) as weight,
        arg_min(charge_id, row(-abs(net), charge_day, charge_id)) as charge_id
    from {{ ref('int_customer_file__charge') }}
    group by {{ part | join(', ') }}, line_id
),

parts as (
    select
        {{ part | join(', ') }},
        {{ money_sum('net') }} as net,
        concat_ws(
            ' '{% for kind in kinds %}, case when bool_or(has_{{ kind }}) then '{{ kind }}' end{% endfor %}
        ) as discount_kinds,
        arg_min(charge_id, row(-weight, charge_id)) as charge_id
    from charged
    group by {{ part | join(', ') }}
),

-- A discount on the whole month is in its charges, under no line of theirs.
lines as materialized (
    select
        lines.{{ part | join(', lines.') }},
        lines.line_number,
        lines.amount,
        charged.charge_id,
        case when charged.charge_id is null then 0 else lines.amount - lines.exact_amount end as difference,
        case
            when lines.line_type = 'discount' and lines.parent_line_id is null
                then coalesce(contains(parts.discount_kinds, lines.discount_kind), false)
            else charged.charge_id is not null
        end as is_in_charges
    from {{ ref('int_customer_file__line') }} as lines
    left join charged
        on coalesce(lines.parent_line_id, lines.line_id) = charged.line_id
        {%- for column in part %}
        and lines.{{ column }} = charged.{{ column }}
        {%- endfor %}
    left join parts
        on lines.document_id = parts.document_id
        {%- for column in part[1:] %}
        and lines.{{ column }} = parts.{{ column }}
        {%- endfor %}
),

billed as (
    select
        {{ part | join(', ') }},
        {{ money_sum('amount') }} as amount,
        {{ money_sum('difference') }} as difference
    from lines
    where is_in_charges
    group by {{ part | join(', ') }}
),

placed as (
    select {{ part | join(', ') }}, charge_id, difference from lines
    where is_in_charges and charge_id is not null
    union all
    -- Whatever else the lines of a month say than its charges: what rounding its discounts added. So the sum is exact.
    select
        parts.{{ part | join(', parts.') }},
        parts.charge_id,
        coalesce(billed.amount, 0) - coalesce(billed.difference, 0) - parts.net as difference
    from parts
    left join billed
        on parts.document_id = billed.document_id
        {%- for column in part[1:] %}
        and parts.{{ column }} = billed.{{ column }}
        {%- endfor %}
)

select
    {{ part | join(', ') }},
    charge_id,
    {{ no_value('integer') }} as line_number,
    {{ money_sum('difference') }} as amount
from placed
where difference <> 0
group by {{ part | join(', ') }}, charge_id
union all
select
    {{ part | join(', ') }},
    {{ no_value('varchar') }} as charge_id,
    line_number,
    cast(amount as {{ money_type() }}) as amount
from lines
where not is_in_charges
