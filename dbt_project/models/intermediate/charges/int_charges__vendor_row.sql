{{ config(materialized='view') }}

-- The way back: which row of which vendor file a daily charge adds up. Read with a filter on delivery_id.
select
    {{ stable_id(charge_grain()) }} as charge_id,
    delivery_id,
    source,
    billing_period,
    service,
    file_name,
    row_number_in_file,
    charge_period_start,
    charge_period_end,
    charge_description,
    quantity,
    unit,
    list_cost,
    billed_cost,
    effective_cost,
    vendor_currency
from {{ ref('int_charges__vendor') }}
