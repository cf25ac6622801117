-- Drafts that still wait for issue, and every issued document.
with issued as (
    select distinct customer_id, billing_period from {{ ref('int_invoice__issued') }}
)

select
    draft.customer_id,
    draft.billing_period,
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
    cast(null as varchar) as reference_document,
    draft.blocked_reason,
    draft.force_reason_needed,
    draft.purchase_order
from {{ ref('int_invoice__draft') }} as draft
left join issued
    on draft.customer_id = issued.customer_id
    and draft.billing_period = issued.billing_period
where issued.customer_id is null
union all
select
    document.customer_id,
    document.billing_period,
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
