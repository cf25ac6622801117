{{ config(materialized='view') }}

-- What a draft adds up: the sold charges of the periods being rebuilt whose customer has no invoice for them yet.
select *
from {{ ref('int_rated') }}
where
    disposition = 'sold'
    and not is_frozen
    and billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
