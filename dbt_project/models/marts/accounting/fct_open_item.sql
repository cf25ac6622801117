-- Documents not settled wholly, and credit that settles nothing yet (negative).
with allocated as (
    select item_id, sum(amount) as amount
    from (
        select debit_id as item_id, amount from {{ ref('fct_receivable_allocation') }}
        union all
        select credit_id as item_id, -amount as amount from {{ ref('fct_receivable_allocation') }}
    ) as sides
    group by item_id
)

select
    item.item_id,
    item.item_type,
    item.customer_id,
    item.customer_name,
    item.document_number,
    item.reference,
    item.item_date,
    item.due_date,
    item.amount,
    cast(coalesce(allocated.amount, 0) as {{ document_money_type() }}) as settled_amount,
    cast(item.amount - coalesce(allocated.amount, 0) as {{ document_money_type() }}) as open_amount,
    item.currency
from {{ ref('int_receivable__item') }} as item
left join allocated
    on item.item_id = allocated.item_id
where item.amount <> coalesce(allocated.amount, 0)
