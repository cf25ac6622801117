{{ config(materialized='view') }}

-- What tax the issued documents and open drafts add, by code and rate.
{% for place in ['issued', 'draft'] %}
select
    document.document_id,
    document.customer_id,
    document.billing_period,
    document.document_id || '/' || tax.tax_code || '-' || {{ plain_number('tax.tax_rate') }} as invoice_detail_id,
    'Tax ' || tax.tax_code || ' ' || {{ plain_number('tax.tax_rate') }} || ' %' as description,
    tax.tax_code,
    tax.tax_rate,
    tax.taxable_amount,
    tax.tax_amount
from {{ ref('int_customer_file__document') }} as document
{% if place == 'issued' -%}
inner join {{ source('ledger', 'document_tax') }} as tax
    on document.document_id = tax.document_number
where document.status <> 'Open'
union all
{%- else -%}
inner join {{ ref('int_invoice__draft_tax') }} as tax
    on document.customer_id = tax.customer_id
    and document.billing_period = tax.billing_period
where document.status = 'Open'
{%- endif %}
{% endfor %}
