{{ config(materialized='view') }}

-- Invoiced customers' months with a correction that no document in force has yet. A view, so that what is issued is never
-- due a second time, whether anything was built since or not.
select distinct lines.customer_id, lines.billing_period
from {{ ref('int_correction__line') }} as lines
inner join {{ ref('int_invoice__issued_month') }} as issued
    on lines.customer_id = issued.customer_id
    and lines.billing_period = issued.billing_period
where
    lines.line_id not in (
        select billed.line_id
        from {{ source('ledger', 'document_line') }} as billed
        where
            billed.corrected_line_id is not null
            and billed.document_number in (select in_force.document_number from {{ ref('int_invoice__issued') }} as in_force)
    )
