{{ config(materialized='view') }}

-- Which document bills a customer's month that is not billed yet: its payer's (the parent at the end of the chain, else
-- itself), of the calendar month, quarter or year of the payer's billing frequency, named by its last month. A view: it
-- must be true from the moment of issue, not from the next build.
with months as (
    select
        customer_id,
        billing_period,
        bool_and(is_open) as is_open,
        bool_or(is_due) as is_due
    from (
        select customer_id, billing_period, true as is_open, due_count > 0 as is_due
        from {{ ref('int_invoice__open_part') }}
        union all
        select customer_id, billing_period, false as is_open, false as is_due
        from {{ ref('int_invoice__issued') }}
    )
    group by customer_id, billing_period
),

spans as (
    select
        months.*,
        coalesce(customers.parent_customer_id, customers.customer_id) as payer_id,
        cast(case customers.billing_frequency
            when 'annual' then date_trunc('year', months.billing_period)
            when 'quarterly' then date_trunc('quarter', months.billing_period)
            else months.billing_period
        end as date) as starts,
        case customers.billing_frequency when 'annual' then 12 when 'quarterly' then 3 else 1 end as month_count
    from months
    inner join {{ source('config', 'customers') }} as customers
        on months.customer_id = customers.customer_id
),

-- What follows an issued document of the same quarter or year starts with its first open month.
documents as (
    select
        payer_id,
        starts,
        case when bool_or(not is_open) then min(case when is_open then billing_period end) else starts end as period_start
    from spans
    group by payer_id, starts
)

select
    spans.customer_id,
    spans.billing_period,
    spans.payer_id,
    cast(spans.starts + to_months(spans.month_count - 1) as date) as document_period,
    documents.period_start,
    cast(spans.starts + to_months(spans.month_count) as date) as period_end,
    spans.is_due
from spans
inner join documents
    on spans.payer_id = documents.payer_id
    and spans.starts = documents.starts
where spans.is_open
