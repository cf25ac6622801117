-- Draft lines of customer-periods that have no invoice yet, and every line of every issued document.
with issued as (
    select distinct customer_id, billing_period from {{ ref('int_invoice__issued') }}
),

drafts as (
    select
        cast(null as varchar) as document_number,
        draft.document_type,
        'draft' as status,
        line.line_number,
        line.line_id,
        line.parent_line_id,
        line.customer_id,
        line.billing_period,
        line.line_type,
        line.source,
        line.vendor,
        line.publisher,
        line.service,
        line.sku,
        line.charge_category,
        line.description,
        line.detail,
        line.charge_period_start,
        line.charge_period_end,
        line.quantity,
        line.unit,
        line.unit_price,
        line.amount,
        line.exact_amount,
        line.currency,
        line.tax_category,
        line.tax_code,
        line.tax_rate,
        line.rule_id,
        line.discount_id,
        line.discount_kind,
        line.subscription_id,
        line.reference_document,
        line.vendor_currency,
        line.fx_rate,
        line.fx_date,
        line.cost,
        line.purchase_order
    from {{ ref('int_invoice__draft_lines') }} as line
    inner join {{ ref('int_invoice__draft') }} as draft
        on line.customer_id = draft.customer_id
        and line.billing_period = draft.billing_period
    left join issued
        on line.customer_id = issued.customer_id
        and line.billing_period = issued.billing_period
    where issued.customer_id is null
),

documents as (
    select
        line.document_number,
        document.document_type,
        case when voided.document_number is null then 'issued' else 'void' end as status,
        line.line_number,
        line.line_id,
        line.parent_line_id,
        line.customer_id,
        line.billing_period,
        line.line_type,
        line.source,
        line.vendor,
        line.publisher,
        line.service,
        line.sku,
        line.charge_category,
        line.description,
        line.detail,
        line.charge_period_start,
        line.charge_period_end,
        line.quantity,
        line.unit,
        line.unit_price,
        line.amount,
        line.exact_amount,
        line.currency,
        line.tax_category,
        line.tax_code,
        line.tax_rate,
        line.rule_id,
        line.discount_id,
        line.discount_kind,
        line.subscription_id,
        line.reference_document,
        line.vendor_currency,
        line.fx_rate,
        line.fx_date,
        line.cost,
        line.purchase_order
    from {{ source('ledger', 'document_line') }} as line
    inner join {{ source('ledger', 'document') }} as document
        on line.document_number = document.document_number
    left join {{ source('ledger', 'void') }} as voided
        on line.document_number = voided.document_number
)

select * from drafts
union all
select * from documents
