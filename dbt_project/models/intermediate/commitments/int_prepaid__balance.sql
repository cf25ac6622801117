{{ config(materialized='view') }}

-- What is left of each top-up after the documents in force, on the pipeline's day; nothing from the day that it expires.
select
    top_ups.customer_id,
    top_ups.top_up_date,
    top_ups.top_up_reference,
    top_ups.expires,
    top_ups.currency,
    top_ups.remaining
from {{ ref('int_prepaid__top_up') }} as top_ups
cross join {{ ref('int_today') }} as today
where top_ups.top_up_date <= today.as_of and coalesce(top_ups.expires > today.as_of, true)
