{{ config(materialized='view') }}

-- The days of own products that invoices in force have billed, corrections included, with the discounts that they had: what
-- a refund of these days gives back, whatever the book of business says by now. A reopened month (void) has billed nothing,
-- though a correction of it be in force: its draft takes that back.
{%- set sums = ['billed_cost', 'cost', 'amount_before_discount'] + rated_columns('discounts') %}
select
    coalesce(frozen.corrected_charge_id, frozen.charge_id) as charge_id,
    frozen.customer_id,
    frozen.billing_period,
    frozen.vendor_currency,
    frozen.customer_currency,
    min(frozen.fx_rate) as fx_rate,
    min(frozen.fx_date) as fx_date,
    {% for column in sums %}{{ money_sum('frozen.' ~ column) }} as {{ column }},
    {% endfor %}min(frozen.document_number) as document_number
from {{ source('ledger', 'rated_charge') }} as frozen
inner join {{ ref('int_invoice__issued') }} as issued
    on frozen.document_number = issued.document_number
    and frozen.customer_id = issued.customer_id
    and frozen.billing_period = issued.billing_period
inner join {{ ref('int_invoice__issued_month') }} as months
    on frozen.customer_id = months.customer_id
    and frozen.billing_period = months.billing_period
where frozen.source = 'own' and frozen.disposition = 'sold'
group by
    coalesce(frozen.corrected_charge_id, frozen.charge_id), frozen.customer_id, frozen.billing_period,
    frozen.vendor_currency, frozen.customer_currency
