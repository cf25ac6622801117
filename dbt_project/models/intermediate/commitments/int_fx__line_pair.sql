{{ config(materialized='view') }}

-- The exchange rates that lines without a charge behind them need: of commitments and adjustments to the customer's
-- currency, and from that to the reseller's.
with policy as (
    select fx_policy, base_currency from {{ source('config', 'reseller') }}
),

periods as (
    select distinct billing_period from {{ source('ops', 'dirty_period') }}
),

lines as (
    select due.customer_id, due.commitment_currency as currency, due.on_date
    from {{ ref('int_commitment__due') }} as due
    union
    select due.customer_id, due.currency, due.on_date
    from {{ ref('int_adjustment__due') }} as due
),

converted as (
    select lines.currency, customers.currency as customer_currency, lines.on_date
    from lines
    inner join {{ source('config', 'customers') }} as customers
        on lines.customer_id = customers.customer_id
),

billed as (
    select customer_currency as currency, on_date from converted
    union
    select
        customers.currency,
        case when policy.fx_policy = 'charge_date' then last_day(periods.billing_period) else periods.billing_period end as on_date
    from {{ source('config', 'contracts') }} as contracts
    inner join {{ source('config', 'customers') }} as customers
        on contracts.customer_id = customers.customer_id
    cross join periods
    cross join policy
    where contracts.spend_cap is not null
    union
    -- What was invoiced stays in the margin when the book changes.
    select
        lines.currency,
        case
            when policy.fx_policy <> 'charge_date' then lines.used_in_period
            when lines.line_type = 'adjustment' then lines.charge_period_start
            else last_day(lines.used_in_period)
        end as on_date
    from {{ source('ledger', 'document_line') }} as lines
    inner join periods
        on lines.used_in_period = periods.billing_period
    cross join policy
    where lines.line_type in ('true_up', 'cap') or (lines.line_type = 'adjustment' and lines.source is null)
)

select currency as from_currency, customer_currency as to_currency, on_date from converted
union
select billed.currency as from_currency, policy.base_currency as to_currency, billed.on_date
from billed
cross join policy
