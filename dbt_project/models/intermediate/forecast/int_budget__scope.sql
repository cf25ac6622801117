{{ config(materialized='view') }}

-- Which charges each budget counts: those of its customer and of the customers that it pays for, of the vendor and service
-- that it names, in the running month and in every one that is not invoiced.
with budgets as (
    select
        customer_id,
        vendor,
        service,
        amount as budget_amount,
        currency,
        thresholds,
        {{ stable_id(['customer_id', match_key('vendor'), match_key('service')]) }} as budget_id
    from {{ source('config', 'budgets') }}
),

members as (
    select
        budgets.*,
        customers.customer_id as member_id
    from budgets
    inner join {{ source('config', 'customers') }} as customers
        on budgets.customer_id in (customers.customer_id, customers.parent_customer_id)
),

months as (
    select
        budgets.budget_id,
        cast(date_trunc('month', today.as_of) as date) as billing_period
    from budgets
    cross join {{ ref('int_today') }} as today
    union
    select
        members.budget_id,
        months.billing_period
    from members
    inner join {{ ref('int_forecast__month') }} as months
        on members.member_id = months.customer_id
)

select
    members.*,
    months.billing_period,
    today.as_of,
    least(last_day(months.billing_period), today.as_of) as newest_day
from members
inner join months
    on members.budget_id = months.budget_id
cross join {{ ref('int_today') }} as today
