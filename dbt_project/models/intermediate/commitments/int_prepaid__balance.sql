{{ config(materialized='view') }}

-- What is left of each top-up after the documents in force, on the pipeline's day; nothing from the day that it expires.
select
    prepaid.customer_id,
    prepaid.date as top_up_date,
    coalesce(prepaid.reference, '') as top_up_reference,
    prepaid.expires,
    prepaid.currency,
    cast(
        greatest(prepaid.amount - coalesce(sum(draws.amount), 0), 0) as {{ document_money_type() }}
    ) as remaining
from {{ source('config', 'prepaid') }} as prepaid
cross join {{ ref('int_today') }} as today
left join {{ source('ledger', 'prepaid_draw') }} as draws
    on prepaid.customer_id = draws.customer_id
    and prepaid.date = draws.top_up_date
    and coalesce(prepaid.reference, '') = draws.top_up_reference
where prepaid.date <= today.as_of and coalesce(prepaid.expires > today.as_of, true)
group by
    prepaid.customer_id, prepaid.date, coalesce(prepaid.reference, ''), prepaid.expires, prepaid.currency, prepaid.amount,
    prepaid.config_line
