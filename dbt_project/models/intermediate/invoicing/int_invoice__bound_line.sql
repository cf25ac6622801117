-- Lines whose amount a rule's minimum or maximum has changed: they say so, and print no unit price.
select
    charges.line_id,
    min(
        bounded.bound || ' of ' || {{ plain_number('bounded.bound_amount') }} || ' per billing period'
    ) as detail
from {{ ref('int_rating__bounded') }} as bounded
inner join {{ ref('int_invoice__open_charges') }} as charges
    on bounded.charge_id = charges.charge_id
    and bounded.customer_id = charges.customer_id
where bounded.difference <> 0
group by charges.line_id
