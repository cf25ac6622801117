{{ config(materialized='view') }}

-- What a draft adds up: the sold charges of the periods being rebuilt whose customer has no invoice for them yet. What
-- corrects a month has its lines already (int_correction__line).
select *
from {{ ref('int_rated') }}
where
    disposition = 'sold'
    and not is_frozen
    and corrected_charge_id is null
    and billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
