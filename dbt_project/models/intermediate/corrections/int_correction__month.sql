{{ config(materialized='view') }}

-- Customers' months, of those being rebuilt, in which what should have been billed is compared with what documents in force
-- have billed (R9.3): issued ones that were rated again, and reopened ones (void) that a later document has corrected, of
-- which nothing but the correction is left to compare.
with in_force as (
    select
        customer_id,
        billing_period,
        string_agg(document_number, ',' order by document_number) as documents,
        max(case when not is_correction then document_number end) as original_document,
        max(document_number) as newest_document
    from {{ ref('int_invoice__issued') }}
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    group by customer_id, billing_period
)

select
    in_force.customer_id,
    in_force.billing_period,
    in_force.documents,
    coalesce(in_force.original_document, in_force.newest_document) as reference_document,
    in_force.original_document is not null as is_issued
from in_force
left join {{ source('rerated', 'month') }} as rerated
    on in_force.customer_id = rerated.customer_id
    and in_force.billing_period = rerated.billing_period
where
    in_force.original_document is null
    or (rerated.customer_id is not null and rerated.held_reason is null)
