select
    margin.customer_id,
    customers.legal_name as customer_name,
    margin.billing_period,
    margin.vendor,
    margin.service,
    margin.day,
    margin.currency,
    margin.list_amount,
    margin.revenue_before_discount,
    margin.discount_line,
    margin.discount_bundle,
    margin.discount_volume,
    margin.discount_relationship,
    margin.discount_promotion,
    margin.revenue,
    margin.cost,
    margin.partner_credit,
    margin.margin,
    margin.rounding_difference,
    margin.base_currency,
    margin.fx_rate_base,
    margin.list_amount_base,
    margin.revenue_base,
    margin.cost_base,
    margin.margin_base
from {{ ref('int_margin__daily') }} as margin
left join {{ source('config', 'customers') }} as customers
    on margin.customer_id = customers.customer_id
