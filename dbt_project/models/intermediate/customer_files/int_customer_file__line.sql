{{ config(materialized='view') }}

{%- set columns = [
    'line_number', 'line_id', 'parent_line_id', 'used_by_customer_id', 'used_in_period', 'line_type', 'vendor', 'publisher',
    'service', 'sku', 'charge_category', 'description', 'detail', 'charge_period_start', 'charge_period_end', 'quantity',
    'unit', 'unit_price', 'amount', 'exact_amount', 'tax_code', 'tax_rate', 'discount_kind', 'reference_document'
] %}

-- The lines of issued documents and open drafts; of what the reseller pays, nothing.
select
    document.document_id,
    document.customer_id,
    document.billing_period,
    lines.{{ columns | join(', lines.') }}
from {{ ref('int_customer_file__document') }} as document
inner join {{ source('ledger', 'document_line') }} as lines
    on document.document_id = lines.document_number
where document.status <> 'Open'
union all
select
    document.document_id,
    document.customer_id,
    document.billing_period,
    lines.{{ columns | join(', lines.') }}
from {{ ref('int_customer_file__document') }} as document
inner join {{ ref('int_invoice__draft_lines') }} as lines
    on document.customer_id = lines.customer_id
    and document.billing_period = lines.billing_period
where document.status = 'Open'
