{{ config(materialized='view') }}

-- Adjustments that no invoice in force has, each in the billing period whose invoice takes it: the month of its date, or,
-- where that one is invoiced already, the first month after it that is not. So none is lost, and none is taken twice.
with invoiced as (
    select distinct line_id
    from {{ source('ledger', 'document_line') }}
    where
        line_type = 'adjustment'
        and source is null
        and document_number in (select in_force.document_number from {{ ref('int_invoice__issued') }} as in_force)
),

waiting as (
    select
        adjustments.*,
        {{ stable_id(["'adjustment'", 'adjustments.adjustment_id']) }} as line_id,
        cast(date_trunc('month', adjustments.date) as date) as month
    from {{ source('config', 'adjustments') }} as adjustments
    where adjustments.date >= date_trunc('month', {{ billing_starts() }})
),

months as (
    select customer_id, billing_period from {{ ref('int_invoice__issued_month') }}
),

candidates as (
    select customer_id, adjustment_id, month from waiting
    union all
    select waiting.customer_id, waiting.adjustment_id, cast(months.billing_period + interval 1 month as date) as month
    from waiting
    inner join months
        on waiting.customer_id = months.customer_id
        and waiting.month <= months.billing_period
),

placed as (
    select candidates.adjustment_id, min(candidates.month) as billing_period
    from candidates
    left join months
        on candidates.customer_id = months.customer_id
        and candidates.month = months.billing_period
    where months.customer_id is null
    group by candidates.adjustment_id
)

select
    waiting.adjustment_id,
    waiting.customer_id,
    placed.billing_period,
    waiting.line_id,
    waiting.date as day,
    waiting.description,
    waiting.amount,
    coalesce(waiting.cost, 0) as cost,
    waiting.currency,
    coalesce(waiting.tax_category, 'standard') as tax_category,
    case when policy.fx_policy = 'charge_date' then waiting.date else placed.billing_period end as on_date
from waiting
inner join placed
    on waiting.adjustment_id = placed.adjustment_id
left join invoiced
    on waiting.line_id = invoiced.line_id
cross join {{ source('config', 'reseller') }} as policy
where
    invoiced.line_id is null
    and placed.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
