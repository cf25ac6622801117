-- Drafts that still wait for issue, and every issued document.
with open_documents as (
    select distinct payer_id, document_period from {{ ref('int_invoice__document_period') }}
    where is_due
)

select
    draft.customer_id,
    draft.billing_period,
    draft.period_start,
    draft.period_end,
    cast(null as varchar) as document_number,
    draft.document_type,
    'draft' as status,
    cast(null as date) as issue_date,
    cast(null as date) as due_date,
    draft.currency,
    draft.net_amount,
    draft.tax_amount,
    draft.gross_amount,
    draft.prepaid_drawn,
    draft.payable_amount,
    draft.prepaid_balance,
    draft.reference_document,
    draft.blocked_reason,
    draft.force_reason_needed,
    draft.purchase_order
from {{ ref('int_invoice__draft') }} as draft
inner join open_documents
    on draft.customer_id = open_documents.payer_id
    and draft.billing_period = open_documents.document_period
union all
select
    document.customer_id,
    document.billing_period,
    document.period_start,
    document.period_end,
    document.document_number,
    document.document_type,
    case when voided.document_number is null then 'issued' else 'void' end as status,
    document.issue_date,
    document.due_date,
    document.currency,
    document.net_amount,
    document.tax_amount,
    document.gross_amount,
    document.prepaid_drawn,
    document.payable_amount,
    document.prepaid_balance,
    document.reference_document,
    cast(null as varchar) as blocked_reason,
    document.forced_reason as force_reason_needed,
    document.purchase_order
from {{ source('ledger', 'document') }} as document
left join {{ source('ledger', 'void') }} as voided
    on document.document_number = voided.document_number
