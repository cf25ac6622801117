{{ config(materialized='view') }}
-- Money in the bank: a top-up is owed back until documents draw it, a payment lowers what the customer owes, also where
-- no document is left to settle. Money paid back is the reverse.
with movements as (
    select
        'TOP-' || {{ short_id(['customer_id', 'date', 'reference']) }} as entry_id,
        'top_up' as entry_type,
        customer_id, date, amount, currency, reference,
        {{ no_value('varchar') }} as document_number,
        'prepaid' as posting_type
    from {{ source('config', 'prepaid') }}
    union all
    select
        'PAY-' || {{ short_id(['reference']) }} as entry_id,
        case when amount < 0 then 'refund' else 'payment' end as entry_type,
        customer_id, date, amount, currency, reference, document_number,
        'receivable' as posting_type
    from {{ source('config', 'payments') }}
),

postings as (
    select * replace ('bank' as posting_type) from movements
    union all
    select * replace (-amount as amount) from movements
)

select
    postings.entry_id,
    postings.entry_type,
    postings.date as posting_date,
    postings.document_number,
    postings.reference,
    postings.customer_id,
    customers.legal_name as customer_name,
    customers.country,
    postings.posting_type,
    cast(postings.amount as {{ document_money_type() }}) as amount,
    postings.currency
from postings
left join {{ source('config', 'customers') }} as customers
    on postings.customer_id = customers.customer_id
