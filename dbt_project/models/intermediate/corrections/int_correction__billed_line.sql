{{ config(materialized='view') }}

-- What documents in force have billed of each line of a month that is compared: the original line with its corrections.
{%- set described = [
    'line_type', 'source', 'vendor', 'publisher', 'service', 'sku', 'charge_category', 'description', 'charge_period_start',
    'charge_period_end', 'unit', 'unit_price', 'currency', 'tax_category', 'tax_code', 'tax_rate', 'rule_id', 'discount_id',
    'discount_kind', 'subscription_id', 'vendor_currency', 'fx_rate', 'fx_date', 'fx_source'
] %}
with lines as (
    select
        line.*,
        months.customer_id as user_id,
        coalesce(line.corrected_line_id, line.line_id) as original_line_id,
        coalesce(parent.corrected_line_id, line.parent_line_id) as original_parent_id,
        -- The line as first billed describes it, a correction only where nothing was billed before.
        case when line.corrected_line_id is null then '0' else '1' end || line.document_number as age
    from {{ source('ledger', 'document_line') }} as line
    inner join {{ ref('int_correction__month') }} as months
        on line.used_by_customer_id = months.customer_id
        and line.used_in_period = months.billing_period
    left join {{ source('ledger', 'document_line') }} as parent
        on line.document_number = parent.document_number
        and line.parent_line_id = parent.line_id
    where
        line.document_number in (select issued.document_number from {{ ref('int_invoice__issued') }} as issued)
        and not (line.line_type = 'adjustment' and line.source is null)
)

select
    user_id as customer_id,
    used_in_period as billing_period,
    original_line_id as line_id,
    min_by(original_parent_id, age) as parent_line_id,
    {% for column in described %}min_by({{ column }}, age) as {{ column }},
    {% endfor %}case when count(quantity) = count(*) then {{ money_sum('quantity') }} end as quantity,
    cast(sum(amount) as {{ document_money_type() }}) as amount,
    {{ money_sum('exact_amount') }} as exact_amount,
    {{ money_sum('cost') }} as cost
from lines
group by user_id, used_in_period, original_line_id
