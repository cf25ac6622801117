{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- R9.3: what should have been billed minus what documents in force have billed, line by line of the original month. A month
-- whose amounts are all right to the cent has no lines. Columns: those of int_invoice__open_line, and the tax of the original.
{%- set described = [
    'source', 'vendor', 'publisher', 'service', 'sku', 'charge_category', 'description', 'charge_period_start',
    'charge_period_end', 'currency', 'tax_category', 'rule_id', 'discount_id', 'discount_kind', 'subscription_id',
    'vendor_currency', 'fx_rate', 'fx_date', 'fx_source'
] %}
with should as (
    select rerated.*
    from {{ source('rerated', 'line') }} as rerated
    inner join {{ ref('int_correction__month') }} as months
        on rerated.customer_id = months.customer_id
        and rerated.billing_period = months.billing_period
    where months.is_issued and not (rerated.line_type = 'adjustment' and rerated.source is null)
),

compared as (
    select
        coalesce(should.customer_id, billed.customer_id) as customer_id,
        coalesce(should.billing_period, billed.billing_period) as billing_period,
        coalesce(should.line_id, billed.line_id) as corrected_line_id,
        coalesce(should.parent_line_id, billed.parent_line_id) as parent_line_id,
        coalesce(should.line_type, billed.line_type) as line_type,
        {% for column in described %}coalesce(should.{{ column }}, billed.{{ column }}) as {{ column }},
        {% endfor %}coalesce(should.unit, billed.unit) as unit,
        coalesce(should.unit_price, billed.unit_price) as unit_price,
        -- Units only where both sides count and price the same ones.
        (should.line_id is null or should.quantity is not null)
        and (billed.line_id is null or billed.quantity is not null)
        and (
            should.line_id is null or billed.line_id is null
            or (should.unit is not distinct from billed.unit and should.unit_price is not distinct from billed.unit_price)
        ) as counts_units,
        coalesce(should.quantity, 0) - coalesce(billed.quantity, 0) as quantity,
        coalesce(should.amount, 0) as should_amount,
        coalesce(billed.amount, 0) as billed_amount,
        coalesce(should.exact_amount, 0) - coalesce(billed.exact_amount, 0) as exact_amount,
        coalesce(should.cost, 0) - coalesce(billed.cost, 0) as cost,
        billed.tax_code as billed_tax_code,
        billed.tax_rate as billed_tax_rate,
        coalesce(should.sequence, 0) as sequence
    from should
    full outer join {{ ref('int_correction__billed_line') }} as billed
        on should.customer_id = billed.customer_id
        and should.billing_period = billed.billing_period
        and should.line_id = billed.line_id
),

differing as (
    select
        *,
        max(abs(should_amount - billed_amount)) over (partition by customer_id, billing_period) > 0 as is_due
    from compared
    where should_amount <> billed_amount or exact_amount <> 0
),

-- A discount stands under the line that it reduces, also where that itself is right.
parents as (
    select distinct parent_line_id from differing
    where is_due and parent_line_id is not null
),

due as (
    select * exclude (is_due) from differing
    where is_due
    union all
    select compared.* from compared
    inner join parents
        on compared.corrected_line_id = parents.parent_line_id
    where compared.should_amount = compared.billed_amount and compared.exact_amount = 0
)

select
    due.customer_id,
    due.billing_period,
    {{ correction_id('due.corrected_line_id', 'months.documents') }} as line_id,
    case
        when due.parent_line_id is not null then {{ correction_id('due.parent_line_id', 'months.documents') }}
    end as parent_line_id,
    due.corrected_line_id,
    case when due.line_type in ('discount', 'true_up', 'cap') then due.line_type else 'correction' end as line_type,
    {% for column in described %}due.{{ column }},
    {% endfor %}{{ plain_number('due.should_amount') }} || ' instead of ' || {{ plain_number('due.billed_amount') }} as detail,
    case when due.counts_units then cast(due.quantity as {{ money_type() }}) end as quantity,
    case when due.counts_units then due.unit end as unit,
    case when due.counts_units then due.unit_price end as unit_price,
    cast(due.should_amount - due.billed_amount as {{ document_money_type() }}) as amount,
    cast(due.exact_amount as {{ money_type() }}) as exact_amount,
    cast(due.cost as {{ money_type() }}) as cost,
    months.reference_document,
    due.billed_tax_code,
    due.billed_tax_rate,
    2 as part_order,
    due.sequence,
    {{ correction_id('coalesce(due.parent_line_id, due.corrected_line_id)', 'months.documents') }} as group_line_id
from due
inner join {{ ref('int_correction__month') }} as months
    on due.customer_id = months.customer_id
    and due.billing_period = months.billing_period
