{{ config(materialized='view') }}

-- Which document bills a customer's month that is not billed yet: its payer's (the parent at the end of the chain, else
-- itself), of the calendar month, quarter or year of the payer's billing frequency, named by its last month. What corrects
-- an invoiced month goes to the payer's next document. A view: it must be true from the moment of issue, not from the next
-- build.
with months as (
    select
        customer_id,
        billing_period,
        bool_and(is_open) as is_open,
        bool_or(is_due) as is_due,
        false as is_correction
    from (
        select customer_id, billing_period, true as is_open, due_count > 0 as is_due
        from {{ ref('int_invoice__open_part') }}
        where not is_correction
        union all
        select customer_id, billing_period, false as is_open, false as is_due
        from {{ ref('int_invoice__issued_month') }}
    )
    group by customer_id, billing_period
    union all
    select customer_id, billing_period, true as is_open, true as is_due, true as is_correction
    from {{ ref('int_correction__due_month') }}
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
        case when bool_or(not is_open) then min(case when is_open then billing_period end) else starts end as period_start,
        bool_or(is_open and is_due) as is_due,
        bool_or(is_open) as is_open
    from spans
    where not is_correction
    group by payer_id, starts
),

-- The next document that waits, else one with nothing but charges that the reseller keeps; without any, that of the time
-- after the last.
placed as (
    select
        spans.customer_id,
        spans.billing_period,
        coalesce(
            min(case when documents.is_due and documents.starts > spans.starts then documents.starts end),
            min(case when documents.is_open and documents.starts > spans.starts then documents.starts end),
            cast(max(coalesce(documents.starts, spans.starts)) + to_months(max(spans.month_count)) as date)
        ) as starts
    from spans
    left join documents
        on spans.payer_id = documents.payer_id
    where spans.is_correction
    group by spans.customer_id, spans.billing_period
),

billed_by as (
    select
        spans.* exclude (starts),
        coalesce(placed.starts, spans.starts) as starts
    from spans
    left join placed
        on spans.is_correction
        and spans.customer_id = placed.customer_id
        and spans.billing_period = placed.billing_period
    where spans.is_open
)

select
    billed_by.customer_id,
    billed_by.billing_period,
    billed_by.payer_id,
    cast(billed_by.starts + to_months(billed_by.month_count - 1) as date) as document_period,
    coalesce(documents.period_start, billed_by.starts) as period_start,
    cast(billed_by.starts + to_months(billed_by.month_count) as date) as period_end,
    billed_by.is_due,
    billed_by.is_correction
from billed_by
left join documents
    on billed_by.payer_id = documents.payer_id
    and billed_by.starts = documents.starts
