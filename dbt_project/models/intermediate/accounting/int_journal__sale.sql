{{ config(materialized='view') }}
-- What issued documents post, debits positive: the part to be paid is owed by the customer, the rest is taken from the
-- prepaid balance; against them stand revenue and tax. A credit note's own signs reverse all of it.
with documents as (
    select
        document_number,
        document_type,
        customer_id,
        billing_period,
        issue_date,
        due_date,
        currency,
        payable_amount,
        prepaid_drawn,
        reference_document,
        {{ json_field('buyer_json', 'legal_name') }} as customer_name,
        {{ json_field('buyer_json', 'country') }} as country
    from {{ source('ledger', 'document') }}
),

revenue as (
    select document_number, vendor, service, tax_code, tax_rate, currency, sum(amount) as amount
    from {{ source('ledger', 'document_line') }}
    group by document_number, vendor, service, tax_code, tax_rate, currency
),

-- Each revenue's own tax, rounded; the largest takes what is left of the document's tax of that code and rate.
taxed as (
    select
        revenue.*,
        {{ round_to_minor_unit(percent_of('revenue.amount', 'revenue.tax_rate'), 'currencies.minor_units') }} as tax_part,
        row_number() over (
            partition by revenue.document_number, revenue.tax_code, revenue.tax_rate
            order by abs(revenue.amount) desc, revenue.vendor, revenue.service
        ) as place
    from revenue
    left join {{ source('config', 'currencies') }} as currencies
        on revenue.currency = currencies.code
),

revenue_postings as (
    select
        taxed.document_number,
        'revenue' as posting_type,
        taxed.vendor,
        taxed.service,
        taxed.tax_code,
        taxed.tax_rate,
        -taxed.amount as amount,
        -case
            when taxed.place > 1 then taxed.tax_part
            else taxed.tax_part + coalesce(tax.tax_amount, 0) - sum(taxed.tax_part) over (
                    partition by taxed.document_number, taxed.tax_code, taxed.tax_rate
                )
        end as tax_amount
    from taxed
    left join {{ source('ledger', 'document_tax') }} as tax
        on taxed.document_number = tax.document_number
        and taxed.tax_code = tax.tax_code
        and taxed.tax_rate = tax.tax_rate
),

postings as (
    select * from revenue_postings
    union all by name
    select document_number, 'tax' as posting_type, tax_code, tax_rate, -tax_amount as amount
    from {{ source('ledger', 'document_tax') }}
    union all by name
    select document_number, 'receivable' as posting_type, payable_amount as amount from documents
    union all by name
    select document_number, 'prepaid' as posting_type, prepaid_drawn as amount from documents
)

select
    postings.document_number as entry_id,
    documents.document_type as entry_type,
    documents.issue_date as posting_date,
    postings.document_number,
    documents.reference_document as reference,
    documents.customer_id,
    documents.customer_name,
    documents.country,
    documents.billing_period,
    documents.due_date,
    postings.posting_type,
    postings.vendor,
    postings.service,
    postings.tax_code,
    postings.tax_rate,
    cast(postings.amount as {{ document_money_type() }}) as amount,
    cast(postings.tax_amount as {{ document_money_type() }}) as tax_amount,
    documents.currency
from postings
inner join documents
    on postings.document_number = documents.document_number
