{{ config(materialized='view') }}

-- What documents in force have frozen of each charge of a month that is compared, by the line that billed it: the original
-- with its corrections.
{%- set sums = rated_columns('costs') + ['cost', 'list_amount', 'amount_before_discount'] + rated_columns('discounts') %}
{%- set named = rated_columns('described') + ['contract_id', 'rule_id', 'model', 'customer_currency', 'fx_rate', 'fx_date'] %}
select
    coalesce(frozen.corrected_charge_id, frozen.charge_id) as charge_id,
    coalesce(frozen.corrected_line_id, frozen.line_id) as line_id,
    frozen.customer_id,
    frozen.billing_period,
    {% for column in named %}min(frozen.{{ column }}) as {{ column }},
    {% endfor %}{% for column in sums %}sum(frozen.{{ column }}) as {{ column }},
    {% endfor %}min(frozen.charge_day) as charge_day
from {{ source('ledger', 'rated_charge') }} as frozen
inner join {{ ref('int_correction__month') }} as months
    on frozen.customer_id = months.customer_id
    and frozen.billing_period = months.billing_period
where frozen.document_number in (select issued.document_number from {{ ref('int_invoice__issued') }} as issued)
group by
    coalesce(frozen.corrected_charge_id, frozen.charge_id), coalesce(frozen.corrected_line_id, frozen.line_id),
    frozen.customer_id, frozen.billing_period
