{{ config(materialized='view') }}

-- package: whole packages of what is left after the free units; the charge that starts a package carries its price.
select
    charge_id,
    customer_id,
    cast({{ package_price('quantity_after') }} - {{ package_price('quantity_before') }} as {{ money_type() }}) as amount
from {{ ref('int_rating__accumulated') }}
where model = 'package'
