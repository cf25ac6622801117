{{ config(materialized='view') }}

-- The lines that add up no charges of their own but belong to a customer's whole billing period: discounts on it, minimum
-- commitments and caps, adjustments.
-- Columns: those of every line of a document before tax and number, the same as in int_invoice__charge_line.
select
    customer_id,
    billing_period,
    line_id,
    {{ no_value('varchar') }} as parent_line_id,
    'discount' as line_type,
    {{ no_value('varchar') }} as source,
    vendor,
    {{ no_value('varchar') }} as publisher,
    service,
    {{ no_value('varchar') }} as sku,
    {{ no_value('varchar') }} as charge_category,
    description,
    detail,
    billing_period as charge_period_start,
    cast(billing_period + interval 1 month as date) as charge_period_end,
    {{ no_value(money_type()) }} as quantity,
    {{ no_value('varchar') }} as unit,
    {{ no_value(money_type()) }} as unit_price,
    amount,
    exact_amount,
    currency,
    tax_category,
    {{ no_value('varchar') }} as rule_id,
    discount_id,
    discount_kind,
    {{ no_value('varchar') }} as subscription_id,
    {{ no_value('varchar') }} as reference_document,
    {{ no_value('varchar') }} as vendor_currency,
    {{ no_value(fx_type()) }} as fx_rate,
    {{ no_value('date') }} as fx_date,
    cast(0 as {{ money_type() }}) as cost,
    -- Discounts under a vendor stand with its lines, those under the whole after all of them.
    case when vendor is null then 1 else 0 end as part_order,
    {{ no_value(money_type()) }} as weight,
    line_id as group_line_id,
    sequence
from {{ ref('int_invoice__period_discount_line') }}
union all by name
select * from {{ ref('int_invoice__commitment_line') }}
union all by name
select * from {{ ref('int_invoice__adjustment_line') }}
