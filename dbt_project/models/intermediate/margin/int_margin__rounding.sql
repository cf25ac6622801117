-- R1.5: what rounding each invoice line (with its discounts) added, put on the charge that weighs most in it.
with lines as (
    select coalesce(parent_line_id, line_id) as line_id, customer_id, billing_period, amount, exact_amount
    from {{ ref('int_invoice__draft_lines') }}
    union all
    select
        coalesce(line.parent_line_id, line.line_id) as line_id,
        line.customer_id,
        line.billing_period,
        line.amount,
        line.exact_amount
    from {{ source('ledger', 'document_line') }} as line
    inner join {{ ref('int_invoice__issued') }} as issued
        on line.document_number = issued.document_number
),

differences as (
    select
        line_id,
        customer_id,
        billing_period,
        cast(sum(amount - exact_amount) as {{ money_type() }}) as rounding_difference
    from lines
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    group by line_id, customer_id, billing_period
),

ranked as (
    select
        charge_id,
        customer_id,
        billing_period,
        line_id,
        row_number() over (
            partition by line_id, customer_id, billing_period
            order by abs(amount_before_discount - discount_line) desc, charge_day, charge_id
        ) as place
    from {{ ref('int_rated') }}
    where
        disposition = 'sold'
        and billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
)

select
    ranked.charge_id,
    ranked.customer_id,
    ranked.billing_period,
    differences.rounding_difference
from differences
inner join ranked
    on differences.line_id = ranked.line_id
    and differences.customer_id = ranked.customer_id
    and differences.billing_period = ranked.billing_period
where ranked.place = 1
