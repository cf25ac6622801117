{{ config(materialized='view') }}

-- The documents in force (issued, not voided, and not the credit note of a void) by the customers' months that they bill.
-- A month before the document's own period is one that it only corrects.
-- A view: it must be true from the moment of issue, not from the next build.
select
    billed.document_number,
    billed.customer_id,
    billed.billing_period,
    billed.billing_period < documents.period_start as is_correction
from {{ source('ledger', 'document_period') }} as billed
inner join {{ source('ledger', 'document') }} as documents
    on billed.document_number = documents.document_number
left join {{ source('ledger', 'void') }} as voided
    on billed.document_number in (voided.document_number, voided.credit_note_number)
where voided.document_number is null
