{{ config(materialized='view') }}

-- The customers' months that a document in force bills as its own: closed until that document is voided. A view, like
-- int_invoice__issued.
select
    customer_id,
    billing_period,
    max(document_number) as document_number
from {{ ref('int_invoice__issued') }}
where not is_correction
group by customer_id, billing_period
