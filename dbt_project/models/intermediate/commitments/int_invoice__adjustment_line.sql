{{ config(materialized='view') }}

-- One line per adjustment, outside discounts, commitments and caps. Columns: those of int_invoice__whole_line that have a
-- value. No `source`: that tells it from a vendor's credits, whose lines are of the same type.
select
    converted.customer_id,
    converted.billing_period,
    converted.line_id,
    'adjustment' as line_type,
    reseller.legal_name as vendor,
    'Adjustments' as service,
    converted.description,
    converted.day as charge_period_start,
    converted.day + 1 as charge_period_end,
    {{ round_to_minor_unit('converted.exact_amount', 'converted.minor_units') }} as amount,
    converted.exact_amount,
    converted.currency,
    converted.tax_category,
    converted.adjustment_currency as vendor_currency,
    converted.fx_rate,
    converted.fx_date,
    converted.cost,
    5 as part_order,
    converted.line_id as group_line_id,
    row_number() over (
        partition by converted.customer_id, converted.billing_period order by converted.day, converted.adjustment_id
    ) as sequence
from {{ ref('int_adjustment__converted') }} as converted
cross join {{ source('config', 'reseller') }} as reseller
where converted.reason is null
