{{ config(materialized='view') }}

-- The issued documents and open drafts of the files being written, as they name them. A draft has a provisional number that
-- tells its month, and is of the day on which the files are written. The credit note of a void takes back the charges of
-- the document that it voids: its own are none.
select
    document.document_number as document_id,
    document.customer_id,
    document.billing_period,
    document.period_start,
    document.period_end,
    json_extract_string(document.buyer_json, '$.legal_name') as customer_name,
    json_extract_string(document.seller_json, '$.legal_name') as issuer_name,
    document.currency,
    document.issue_date,
    document.due_date,
    date_diff('day', document.issue_date, document.due_date) as payment_days,
    document.purchase_order,
    document.reference_document,
    case when voided.document_number is null then 'Issued' else 'Voided' end as status,
    document.issued_at as created_at,
    coalesce(voided.voided_at, document.issued_at) as updated_at,
    coalesce(voids.document_number, document.document_number) as charges_document,
    case when voids.document_number is null then 1 else -1 end as charges_sign
from {{ source('ops', 'customer_file') }} as wanted
inner join {{ source('ledger', 'document') }} as document
    on wanted.customer_id = document.customer_id
    and wanted.billing_period = document.billing_period
left join {{ source('ledger', 'void') }} as voided
    on document.document_number = voided.document_number
left join {{ source('ledger', 'void') }} as voids
    on document.document_number = voids.credit_note_number
union all
select
    strftime(draft.billing_period, 'DRAFT-%Y-%m') as document_id,
    draft.customer_id,
    draft.billing_period,
    draft.period_start,
    draft.period_end,
    customers.legal_name as customer_name,
    reseller.legal_name as issuer_name,
    draft.currency,
    {{ no_value('date') }} as issue_date,
    {{ no_value('date') }} as due_date,
    draft.payment_terms_days as payment_days,
    draft.purchase_order,
    {{ no_value('varchar') }} as reference_document,
    'Open' as status,
    cast(wanted.as_of as timestamp) as created_at,
    cast(wanted.as_of as timestamp) as updated_at,
    {{ no_value('varchar') }} as charges_document,
    1 as charges_sign
from {{ source('ops', 'customer_file') }} as wanted
inner join {{ ref('int_invoice__draft') }} as draft
    on wanted.customer_id = draft.customer_id
    and wanted.billing_period = draft.billing_period
inner join (
    select distinct payer_id, document_period from {{ ref('int_invoice__document_period') }}
    where is_due
) as open_documents
    on draft.customer_id = open_documents.payer_id
    and draft.billing_period = open_documents.document_period
inner join {{ source('config', 'customers') }} as customers
    on draft.customer_id = customers.customer_id
cross join {{ source('config', 'reseller') }} as reseller
