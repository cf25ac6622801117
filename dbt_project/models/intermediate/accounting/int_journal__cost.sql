{{ config(materialized='view') }}
-- What issued documents cost, accrued with their revenue until the vendor's own invoice comes: in the vendor's currency,
-- from the charges frozen with them; a line without charges (an adjustment) in its own. Rounded once per document, vendor,
-- service and currency, on both sides alike. A void takes back what its invoice accrued.
with charges as (
    select document_number, line_id, vendor, service, vendor_currency as currency, billed_cost as cost
    from {{ source('ledger', 'rated_charge') }}
    where disposition = 'sold'
    union all
    select
        voided.credit_note_number as document_number,
        charge.line_id, charge.vendor, charge.service, charge.vendor_currency as currency, -charge.billed_cost as cost
    from {{ source('ledger', 'rated_charge') }} as charge
    inner join {{ source('ledger', 'void') }} as voided
        on charge.document_number = voided.document_number
    where charge.disposition = 'sold'
),

with_charges as (
    select distinct document_number, line_id from charges
),

bare_lines as (
    select line.document_number, line.vendor, line.service, line.currency, line.cost
    from {{ source('ledger', 'document_line') }} as line
    left join with_charges
        on line.document_number = with_charges.document_number
        and line.line_id = with_charges.line_id
    where with_charges.line_id is null and line.discount_kind is null and line.cost <> 0
),

costs as (
    select document_number, vendor, service, currency, sum(cost) as cost
    from (
        select document_number, vendor, service, currency, cost from charges
        union all by name
        select * from bare_lines
    ) as every
    group by document_number, vendor, service, currency
),

rounded as (
    select
        costs.document_number,
        costs.vendor,
        costs.service,
        costs.currency,
        {{ round_to_minor_unit('costs.cost', 'currencies.minor_units') }} as cost
    from costs
    left join {{ source('config', 'currencies') }} as currencies
        on costs.currency = currencies.code
),

postings as (
    select document_number, currency, vendor, service, 'cost' as posting_type, cost as amount from rounded
    union all by name
    select document_number, currency, vendor, 'accrual' as posting_type, -sum(cost) as amount
    from rounded
    group by document_number, currency, vendor
)

select
    postings.document_number || '-C-' || postings.currency as entry_id,
    'cost' as entry_type,
    document.issue_date as posting_date,
    postings.document_number,
    document.reference_document as reference,
    document.customer_id,
    {{ json_field('document.buyer_json', 'legal_name') }} as customer_name,
    document.billing_period,
    postings.posting_type,
    postings.vendor,
    postings.service,
    cast(postings.amount as {{ document_money_type() }}) as amount,
    postings.currency
from postings
inner join {{ source('ledger', 'document') }} as document
    on postings.document_number = document.document_number
