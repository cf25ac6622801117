-- Open items by how long they are overdue on the pipeline's day; credit that settles nothing yet stands by itself.
with aged as (
    select
        item.*,
        today.as_of,
        {{ days_between('item.due_date', 'today.as_of') }} as days_overdue
    from {{ ref('fct_open_item') }} as item
    cross join {{ ref('int_today') }} as today
)

select
    customer_id,
    customer_name,
    currency,
    as_of,
    case
        when open_amount < 0 then 'credit'
        when days_overdue <= 0 then 'not due'
        when days_overdue <= 30 then '1-30'
        when days_overdue <= 60 then '31-60'
        when days_overdue <= 90 then '61-90'
        else 'over 90'
    end as age_bucket,
    count(*) as items,
    cast(sum(open_amount) as {{ document_money_type() }}) as open_amount
from (
    select * replace (max(customer_name) over (partition by customer_id) as customer_name) from aged
) as named
group by customer_id, customer_name, currency, as_of, age_bucket
