-- Double entry of everything issued, topped up and paid. Each entry has one currency and adds up to nothing.
with placed as (
    select
        posting.*,
        account.account,
        account.account_name,
        account.cost_center,
        account.tax_type,
        row_number() over (
            partition by posting.entry_id
            order by
                list_position(
                    ['bank', 'receivable', 'prepaid', 'revenue', 'tax', 'cost', 'accrual'], posting.posting_type
                ),
                posting.vendor, posting.service, posting.tax_code, posting.tax_rate
        ) as line_number
    from {{ ref('int_journal__posting') }} as posting
    left join {{ ref('int_journal__account') }} as account
        on posting.posting_date = account.posting_date
        and posting.posting_type = account.posting_type
        and posting.vendor is not distinct from account.vendor
        and posting.service is not distinct from account.service
        and posting.tax_code is not distinct from account.tax_code
        and posting.tax_rate is not distinct from account.tax_rate
        and posting.country is not distinct from account.country
        and posting.currency = account.currency
)

select
    entry_id,
    cast(line_number as integer) as line_number,
    cast(date_trunc('month', posting_date) as date) as accounting_period,
    posting_date,
    entry_type,
    posting_type,
    account,
    account_name,
    cost_center,
    customer_id,
    customer_name,
    document_number,
    reference,
    billing_period,
    due_date,
    vendor,
    service,
    tax_code,
    tax_rate,
    tax_type,
    greatest(amount, 0) as debit,
    greatest(-amount, 0) as credit,
    amount,
    tax_amount,
    currency,
    concat_ws(
        ' ',
        case entry_type
            when 'invoice' then 'Invoice'
            when 'credit_note' then 'Credit note'
            when 'cost' then 'Cost of'
            when 'top_up' then 'Prepaid top-up'
            when 'payment' then 'Payment'
            else 'Paid back'
        end,
        case when entry_type in ('top_up', 'payment', 'refund') then reference else document_number end,
        nullif('(' || concat_ws(', ', vendor, service, tax_code || ' ' || {{ plain_number('tax_rate') }} || ' %') || ')', '()')
    ) as description
from placed
