{{ config(materialized='view') }}

-- What the documents in force have left of each top-up, the oldest first; a void has given its draws back.
with issued as (
    select customer_id, top_up_date, top_up_reference, sum(amount) as amount
    from {{ source('ledger', 'prepaid_draw') }}
    group by customer_id, top_up_date, top_up_reference
)

select
    prepaid.customer_id,
    prepaid.date as top_up_date,
    coalesce(prepaid.reference, '') as top_up_reference,
    prepaid.expires,
    prepaid.currency,
    row_number() over (partition by prepaid.customer_id order by prepaid.date, prepaid.config_line) as age,
    cast(greatest(prepaid.amount - coalesce(issued.amount, 0), 0) as {{ document_money_type() }}) as remaining
from {{ source('config', 'prepaid') }} as prepaid
left join issued
    on prepaid.customer_id = issued.customer_id
    and prepaid.date = issued.top_up_date
    and coalesce(prepaid.reference, '') = issued.top_up_reference
