{{ config(materialized='view') }}

-- What a customer's open billing period comes to after discounts and its cap: what counts towards a minimum (R7).
with issued as (
    select customer_id, billing_period from {{ ref('int_invoice__issued_month') }}
),

amounts as (
    select nets.customer_id, nets.billing_period, nets.amount
    from {{ ref('int_commitment__net') }} as nets
    left join issued
        on nets.customer_id = issued.customer_id
        and nets.billing_period = issued.billing_period
    where issued.customer_id is null
    union all
    select customer_id, billing_period, amount from {{ ref('int_commitment__cap') }}
    union all
    -- What corrects an issued month counts towards its year as well.
    select lines.customer_id, lines.billing_period, lines.amount
    from {{ ref('int_correction__line') }} as lines
    inner join {{ ref('int_correction__due_month') }} as due
        on lines.customer_id = due.customer_id
        and lines.billing_period = due.billing_period
)

select
    customer_id,
    billing_period,
    cast(sum(amount) as {{ document_money_type() }}) as spent
from amounts
group by customer_id, billing_period
