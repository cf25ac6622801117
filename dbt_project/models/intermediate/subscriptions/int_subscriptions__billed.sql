{{ config(materialized='view') }}

-- The days of own products that invoices in force have billed, with the discounts that they had: what a refund of these
-- days gives back, whatever the book of business says by now.
select
    frozen.charge_id,
    frozen.customer_id,
    frozen.billing_period,
    frozen.document_number,
    frozen.vendor_currency,
    frozen.customer_currency,
    frozen.fx_rate,
    frozen.fx_date,
    frozen.billed_cost,
    frozen.cost,
    frozen.amount_before_discount,
    coalesce(frozen.discount_line, 0) as discount_line,
    coalesce(frozen.discount_bundle, 0) as discount_bundle,
    coalesce(frozen.discount_volume, 0) as discount_volume,
    coalesce(frozen.discount_relationship, 0) as discount_relationship,
    coalesce(frozen.discount_promotion, 0) as discount_promotion
from {{ source('ledger', 'rated_charge') }} as frozen
inner join {{ ref('int_invoice__issued') }} as issued
    on frozen.document_number = issued.document_number
    and frozen.customer_id = issued.customer_id
    and frozen.billing_period = issued.billing_period
where frozen.source = 'own' and frozen.disposition = 'sold'
