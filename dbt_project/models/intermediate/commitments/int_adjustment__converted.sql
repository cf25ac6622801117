{{ config(materialized='view') }}

-- Adjustments in the customer's currency (R8.1): without a rate there is no amount, but the reason.
select
    due.adjustment_id,
    due.customer_id,
    due.billing_period,
    due.line_id,
    due.day,
    due.description,
    due.tax_category,
    due.currency as adjustment_currency,
    customers.currency,
    currencies.minor_units,
    rates.fx_rate,
    rates.fx_date,
    {{ money_mul('due.amount', 'rates.fx_rate') }} as exact_amount,
    {{ money_mul('due.cost', 'rates.fx_rate') }} as cost,
    case
        when rates.fx_rate is null
            then 'no exchange rate ' || due.currency || ' to ' || customers.currency || ' for '
                || cast(due.on_date as varchar) || ' (adjustment ' || due.adjustment_id || ')'
    end as reason
from {{ ref('int_adjustment__due') }} as due
inner join {{ source('config', 'customers') }} as customers
    on due.customer_id = customers.customer_id
inner join {{ source('config', 'currencies') }} as currencies
    on customers.currency = currencies.code
left join {{ ref('int_fx__rate') }} as rates
    on due.currency = rates.from_currency
    and customers.currency = rates.to_currency
    and due.on_date = rates.on_date
