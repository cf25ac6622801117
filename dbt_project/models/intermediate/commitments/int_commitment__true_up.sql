{{ config(materialized='view') }}

-- What is missing to a minimum commitment in the period in which it falls due (R7). The minimums of a month's contracts
-- add up; a year's stand alone. Without an exchange rate there is no amount, but the reason.
with converted as (
    select
        due.*,
        customers.currency,
        currencies.minor_units,
        rates.fx_rate,
        rates.fx_date,
        {{ days_share(money_mul('due.minimum_commitment', 'rates.fx_rate'), 'due.days', 'due.cycle_days') }} as share
    from {{ ref('int_commitment__due') }} as due
    inner join {{ source('config', 'customers') }} as customers
        on due.customer_id = customers.customer_id
    inner join {{ source('config', 'currencies') }} as currencies
        on customers.currency = currencies.code
    left join {{ ref('int_fx__rate') }} as rates
        on due.commitment_currency = rates.from_currency
        and customers.currency = rates.to_currency
        and due.on_date = rates.on_date
),

committed as (
    select
        customer_id,
        billing_period,
        commitment_interval,
        case when commitment_interval = 'year' then contract_id end as contract_id,
        currency,
        minor_units,
        count(*) as contracts,
        min(starts) as starts,
        max(ends) as ends,
        sum(days) as days,
        max(cycle_days) as cycle_days,
        min(minimum_commitment) as minimum_commitment,
        case when min(commitment_currency) = max(commitment_currency) then min(commitment_currency) end as commitment_currency,
        case when min(commitment_currency) = max(commitment_currency) then min(fx_rate) end as fx_rate,
        case when min(commitment_currency) = max(commitment_currency) then min(fx_date) end as fx_date,
        {{ round_to_minor_unit(sum_if_complete('share'), 'minor_units') }} as committed,
        min(
            case
                when fx_rate is null
                    then 'no exchange rate ' || commitment_currency || ' to ' || currency || ' for '
                        || cast(on_date as varchar) || ' (minimum commitment)'
            end
        ) as reason
    from converted
    group by
        customer_id, billing_period, commitment_interval,
        case when commitment_interval = 'year' then contract_id end, currency, minor_units
)

select
    committed.*,
    coalesce(years.spent, months.spent, 0) as spent,
    cast(
        committed.committed - coalesce(years.spent, months.spent, 0) as {{ document_money_type() }}
    ) as amount
from committed
left join {{ ref('int_commitment__year_spent') }} as years
    on committed.contract_id = years.contract_id
    and committed.billing_period = years.billing_period
left join {{ ref('int_commitment__spent') }} as months
    on committed.commitment_interval = 'month'
    and committed.customer_id = months.customer_id
    and committed.billing_period = months.billing_period
where committed.reason is not null or committed.committed > coalesce(years.spent, months.spent, 0)
