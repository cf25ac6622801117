{{ config(materialized='view') }}
-- What customers owe and what reduces it, debits positive: documents with anything to pay, payments, money paid back.
-- `settles` is the document that an item reduces first; a credit note whose lines refer to one document alone settles that.
with referred as (
    select
        document_number,
        case when count(distinct reference_document) = 1 then min(reference_document) end as reference_document
    from {{ source('ledger', 'document_line') }}
    group by document_number
),

documents as (
    select
        document.document_number as item_id,
        document.document_type as item_type,
        document.customer_id,
        {{ json_field('document.buyer_json', 'legal_name') }} as customer_name,
        document.issue_date as item_date,
        document.due_date,
        document.currency,
        document.document_number,
        cast(document.payable_amount as {{ document_money_type() }}) as amount,
        case
            when document.payable_amount < 0 then coalesce(document.reference_document, referred.reference_document)
        end as named,
        -- A void takes its own invoice back, whatever was paid for it before.
        case when voided.credit_note_number is null then 1 else 0 end as precedence
    from {{ source('ledger', 'document') }} as document
    left join referred
        on document.document_number = referred.document_number
    left join {{ source('ledger', 'void') }} as voided
        on document.document_number = voided.credit_note_number
    where document.payable_amount <> 0
),

payments as (
    select
        'PAY-' || {{ short_id(['payment.reference']) }} as item_id,
        case when payment.amount < 0 then 'refund' else 'payment' end as item_type,
        payment.customer_id,
        customers.legal_name as customer_name,
        payment.date as item_date,
        payment.date as due_date,
        payment.currency,
        payment.reference,
        cast(-payment.amount as {{ document_money_type() }}) as amount,
        payment.document_number as named,
        -- Money paid back takes from credit before any invoice does.
        case when payment.amount < 0 then 0 else 1 end as precedence
    from {{ source('config', 'payments') }} as payment
    left join {{ source('config', 'customers') }} as customers
        on payment.customer_id = customers.customer_id
),

items as (
    select * from documents
    union all by name
    select * from payments
)

select
    items.* exclude (named),
    invoice.document_number as settles,
    case
        when items.item_type <> 'payment' or items.named is null or invoice.document_number is not null then null
        when known.document_number is null then items.named || ' is no document in the ledger'
        when known.customer_id <> items.customer_id then items.named || ' is a document of ' || known.customer_id
        when known.currency <> items.currency then items.named || ' is in ' || known.currency
        else items.named || ' has nothing to pay'
    end as finding
from items
left join {{ source('ledger', 'document') }} as known
    on lower(items.named) = lower(known.document_number)
left join {{ source('ledger', 'document') }} as invoice
    on lower(items.named) = lower(invoice.document_number)
    and items.customer_id = invoice.customer_id
    and items.currency = invoice.currency
    and invoice.payable_amount > 0
