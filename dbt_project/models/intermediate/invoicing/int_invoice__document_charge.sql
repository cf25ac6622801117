{{ config(materialized='view') }}

-- The rated charges that each document that waits would freeze: what its lines add up, and what the reseller keeps of the
-- same months. A view, like int_invoice__document_period.
select
    rated.*,
    periods.payer_id,
    periods.document_period
from {{ ref('int_rated') }} as rated
inner join {{ ref('int_invoice__document_period') }} as periods
    on rated.customer_id = periods.customer_id
    and rated.billing_period = periods.billing_period
where
    rated.disposition in ('sold', 'kept')
    and not rated.is_frozen
    and (rated.corrected_charge_id is not null or not periods.is_correction)
