-- By the customer and month of use, whoever pays for it and on whatever document.
with issued as (
    select customer_id, billing_period from {{ ref('int_invoice__issued_month') }}
)

select
    margin.customer_id,
    margin.customer_name,
    margin.billing_period,
    margin.vendor,
    margin.service,
    margin.currency,
    {{ money_sum('margin.revenue') }} as revenue,
    case when count(issued.customer_id) > 0 then 'issued' else 'draft' end as status,
    {{ money_sum('margin.revenue_base') }} as revenue_base,
    margin.base_currency
from {{ ref('fct_margin_daily') }} as margin
left join issued
    on margin.customer_id = issued.customer_id
    and margin.billing_period = issued.billing_period
group by
    margin.customer_id, margin.customer_name, margin.billing_period, margin.vendor, margin.service, margin.currency,
    margin.base_currency
