{{ config(materialized='view') }}

-- cost_plus and list_minus: a percentage on or off one of the vendor's own amounts; also credits that are passed on.
select
    charge_id,
    customer_id,
    case
        when model = 'cost_plus' then cast(basis_amount + {{ percent_of('basis_amount', 'percent') }} as {{ money_type() }})
        when model = 'list_minus' then cast(basis_amount - {{ percent_of('basis_amount', 'percent') }} as {{ money_type() }})
        else basis_amount
    end as amount
from {{ ref('int_rating__based') }}
where disposition = 'sold' and (model in {{ cost_models() }} or is_credit)
