{%- set columns = [
    'line_number', 'line_id', 'parent_line_id', 'customer_id', 'billing_period', 'used_by_customer_id', 'used_in_period',
    'line_type',
    'source', 'vendor', 'publisher', 'service', 'sku', 'charge_category',
    'description', 'detail', 'charge_period_start', 'charge_period_end', 'quantity', 'unit',
    'unit_price', 'amount', 'exact_amount', 'currency', 'tax_category', 'tax_code',
    'tax_rate', 'rule_id', 'discount_id', 'discount_kind', 'subscription_id', 'reference_document',
    'vendor_currency', 'fx_rate', 'fx_date', 'fx_source', 'cost', 'purchase_order'
] -%}
{%- set line_columns = 'line.' ~ columns | join(',\n        line.') -%}

-- Draft lines of customers' months that have no invoice yet, and every line of every issued document.
with drafts as (
    select
        cast(null as varchar) as document_number,
        draft.document_type,
        'draft' as status,
        {{ line_columns }}
    from {{ ref('int_invoice__draft_lines') }} as line
    inner join {{ ref('int_invoice__draft') }} as draft
        on line.customer_id = draft.customer_id
        and line.billing_period = draft.billing_period
    inner join {{ ref('int_invoice__document_period') }} as periods
        on line.used_by_customer_id = periods.customer_id
        and line.used_in_period = periods.billing_period
),

documents as (
    select
        line.document_number,
        document.document_type,
        case when voided.document_number is null then 'issued' else 'void' end as status,
        {{ line_columns }}
    from {{ source('ledger', 'document_line') }} as line
    inner join {{ source('ledger', 'document') }} as document
        on line.document_number = document.document_number
    left join {{ source('ledger', 'void') }} as voided
        on line.document_number = voided.document_number
)

select * from drafts
union all
select * from documents
