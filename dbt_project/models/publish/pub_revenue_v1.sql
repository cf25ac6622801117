with statuses as (
    select
        customer_id,
        billing_period,
        case when max(case when status = 'issued' then 1 else 0 end) = 1 then 'issued' else 'draft' end as status
    from {{ ref('fct_invoice') }}
    group by customer_id, billing_period
)

select
    margin.customer_id,
    margin.customer_name,
    margin.billing_period,
    margin.vendor,
    margin.service,
    margin.currency,
    {{ money_sum('margin.revenue') }} as revenue,
    coalesce(min(statuses.status), 'draft') as status,
    {{ money_sum('margin.revenue_base') }} as revenue_base,
    margin.base_currency
from {{ ref('fct_margin_daily') }} as margin
left join statuses
    on margin.customer_id = statuses.customer_id
    and margin.billing_period = statuses.billing_period
group by
    margin.customer_id, margin.customer_name, margin.billing_period, margin.vendor, margin.service, margin.currency,
    margin.base_currency
