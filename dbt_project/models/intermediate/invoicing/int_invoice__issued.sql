{{ config(materialized='view') }}

-- The documents in force: issued, not voided, and not the credit note of a void. A view: it must be true from the
-- moment of issue, not from the next build.
select
    document.document_number,
    document.customer_id,
    document.billing_period
from {{ source('ledger', 'document') }} as document
left join {{ source('ledger', 'void') }} as voided
    on document.document_number in (voided.document_number, voided.credit_note_number)
where voided.document_number is null
