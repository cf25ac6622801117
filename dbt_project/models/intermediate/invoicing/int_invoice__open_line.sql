{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- Every line of each customer's month, and what corrects it once it is invoiced, before it is known which document bills
-- it, under which tax and number. Kept month by month, so that a document over several months is put together without rating
-- the others again.
with all_lines as (
    select * from {{ ref('int_invoice__charge_line') }}
    union all by name
    select * from {{ ref('int_invoice__whole_line') }}
),

-- R8.1: who published the rate of that day.
published as (
    select distinct from_currency, to_currency, fx_date, fx_source
    from {{ ref('int_fx__rate') }}
    where from_currency <> to_currency
)

select
    lines.*,
    published.fx_source,
    {{ no_value('varchar') }} as corrected_line_id,
    {{ no_value('varchar') }} as billed_tax_code,
    {{ no_value(percent_type()) }} as billed_tax_rate
from all_lines as lines
left join published
    on lines.vendor_currency = published.from_currency
    and lines.currency = published.to_currency
    and lines.fx_date = published.fx_date
union all by name
select *, amount as weight
from {{ ref('int_correction__line') }}
where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
