{{ config(materialized='view') }}

-- What a commitment year comes to (R7): the lines of its whole months, as issued or as drafted, adjustments left out. Of a
-- month that the year only touches, what was charged on its days, rounded once.
with years as (
    select * from {{ ref('int_commitment__due') }}
    where commitment_interval = 'year'
),

issued as (
    select
        years.contract_id,
        years.billing_period,
        lines.amount
    from years
    inner join {{ source('ledger', 'document_line') }} as lines
        on years.customer_id = lines.used_by_customer_id
        and lines.used_in_period >= years.starts
        and lines.used_in_period + interval 1 month <= years.ends
    -- Of a reopened month (void) only its correction is in force: its draft gives that back.
    inner join {{ ref('int_invoice__issued_month') }} as months
        on lines.used_by_customer_id = months.customer_id
        and lines.used_in_period = months.billing_period
    where
        not (lines.line_type = 'adjustment' and lines.source is null)
        and lines.document_number in (select in_force.document_number from {{ ref('int_invoice__issued') }} as in_force)
),

drafted as (
    select
        years.contract_id,
        years.billing_period,
        spent.spent as amount
    from years
    inner join {{ ref('int_commitment__spent') }} as spent
        on years.customer_id = spent.customer_id
        and spent.billing_period >= years.starts
        and spent.billing_period + interval 1 month <= years.ends
),

edges as (
    select
        years.contract_id,
        years.billing_period,
        {{ round_to_minor_unit(
            money_sum(
                'rated.amount_before_discount - rated.discount_line - rated.discount_bundle - rated.discount_volume '
                ~ '- rated.discount_relationship - rated.discount_promotion'
            ), 'min(currencies.minor_units)'
        ) }} as amount
    from years
    inner join {{ ref('int_rated') }} as rated
        on years.customer_id = rated.customer_id
        and rated.charge_day >= years.starts
        and rated.charge_day < years.ends
        and rated.billing_period + interval 1 month > years.starts
        and rated.billing_period < years.ends
        and (
            rated.billing_period < years.starts
            or rated.billing_period + interval 1 month > years.ends
        )
    inner join {{ source('config', 'currencies') }} as currencies
        on rated.customer_currency = currencies.code
    where rated.disposition = 'sold'
    group by years.contract_id, years.billing_period
),

amounts as (
    select * from issued
    union all
    select * from drafted
    union all
    select * from edges
)

select
    contract_id,
    billing_period,
    cast(sum(amount) as {{ document_money_type() }}) as spent
from amounts
group by contract_id, billing_period
