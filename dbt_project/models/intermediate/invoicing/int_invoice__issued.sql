{{ config(materialized='view') }}

-- The documents in force (issued, not voided, and not the credit note of a void) by the customers' months that they bill.
-- A view: it must be true from the moment of issue, not from the next build.
select
    billed.document_number,
    billed.customer_id,
    billed.billing_period
from {{ source('ledger', 'document_period') }} as billed
left join {{ source('ledger', 'void') }} as voided
    on billed.document_number in (voided.document_number, voided.credit_note_number)
where voided.document_number is null
