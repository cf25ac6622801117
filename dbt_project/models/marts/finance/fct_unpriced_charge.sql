select
    risk.billing_period,
    risk.source,
    risk.customer_id,
    customers.legal_name as customer_name,
    risk.account_id,
    risk.account_name,
    risk.vendor,
    risk.service,
    risk.sku,
    risk.day,
    risk.reason,
    risk.quantity,
    risk.unit,
    risk.cost,
    risk.currency,
    risk.cost_base,
    risk.base_currency,
    min(risk.day) over (partition by risk.source, risk.account_id, risk.service) as first_seen
from {{ ref('int_margin__at_risk') }} as risk
left join {{ source('config', 'customers') }} as customers
    on risk.customer_id = customers.customer_id
where risk.disposition = 'unpriced'
