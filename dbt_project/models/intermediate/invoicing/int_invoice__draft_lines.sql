{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- Every line of the drafts being rebuilt, with its tax treatment and its place on the document.
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
    lines.customer_id, lines.billing_period, lines.line_id, lines.parent_line_id,
    cast(row_number() over (
        partition by lines.customer_id, lines.billing_period
        order by
            lines.part_order, lines.vendor nulls last, lines.service nulls last, lines.charge_category desc nulls last,
            lines.weight desc nulls last, case when lines.weight is null then lines.sequence else 0 end,
            lines.group_line_id, lines.sequence, lines.line_id
    ) as integer) as line_number,
    lines.line_type, lines.source, lines.vendor, lines.publisher, lines.service, lines.sku, lines.charge_category,
    lines.description, lines.detail, lines.charge_period_start, lines.charge_period_end, lines.quantity, lines.unit,
    lines.unit_price, lines.amount, lines.exact_amount, lines.currency, lines.tax_category, treatments.tax_code,
    treatments.tax_rate, lines.rule_id, lines.discount_id, lines.discount_kind, lines.subscription_id,
    lines.reference_document, lines.vendor_currency, lines.fx_rate, lines.fx_date, published.fx_source, lines.cost,
    customers.purchase_order
from all_lines as lines
inner join {{ source('config', 'customers') }} as customers
    on lines.customer_id = customers.customer_id
left join {{ ref('int_tax__treatment') }} as treatments
    on lines.customer_id = treatments.customer_id
    and lines.billing_period = treatments.billing_period
    and lines.tax_category = treatments.tax_category
left join published
    on lines.vendor_currency = published.from_currency
    and lines.currency = published.to_currency
    and lines.fx_date = published.fx_date
