{{ config(materialized='view') }}

-- FOCUS 1.4 Billing Period: the span of time that a customer's documents of a period are for; closed once nothing of it waits
-- for issue and its last invoice is not void. The first columns place a row; the rest are the file's.
select
    customer_id,
    billing_period,
    cast(period_start as timestamp) as BillingPeriodCreated,
    cast(period_end as timestamp) as BillingPeriodEnd,
    max(updated_at) as BillingPeriodLastUpdated,
    cast(period_start as timestamp) as BillingPeriodStart,
    case
        when bool_and(status <> 'Open') and bool_or(status = 'Issued' and charges_sign > 0) then 'Closed'
        else 'Open'
    end as BillingPeriodStatus,
    issuer_name as InvoiceIssuerName
from {{ ref('int_customer_file__document') }}
group by customer_id, billing_period, period_start, period_end, issuer_name
