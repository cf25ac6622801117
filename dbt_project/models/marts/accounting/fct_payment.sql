-- Money received and paid back, what of it settles documents, and what is not as payments.csv says.
with allocated as (
    select item_id, sum(amount) as amount
    from (
        select credit_id as item_id, amount from {{ ref('fct_receivable_allocation') }}
        union all
        select debit_id as item_id, -amount as amount from {{ ref('fct_receivable_allocation') }}
    ) as sides
    group by item_id
)

select
    item.reference,
    item.item_id as entry_id,
    item.customer_id,
    item.customer_name,
    item.item_date as payment_date,
    item.settles as document_number,
    cast(-item.amount as {{ document_money_type() }}) as amount,
    cast(coalesce(allocated.amount, 0) as {{ document_money_type() }}) as allocated_amount,
    cast(-item.amount - coalesce(allocated.amount, 0) as {{ document_money_type() }}) as unallocated_amount,
    item.currency,
    item.finding
from {{ ref('int_receivable__item') }} as item
left join allocated
    on item.item_id = allocated.item_id
where item.item_type in ('payment', 'refund')
