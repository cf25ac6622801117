{{ config(materialized='view') }}

-- What the lines and the tax of each document that is not issued yet add up to.
with lines as (
    select
        lines.customer_id,
        lines.billing_period,
        sum(lines.amount) as net_amount,
        string_agg(
            distinct case when lines.tax_rate is null then lines.tax_category end, ', '
            order by case when lines.tax_rate is null then lines.tax_category end
        ) as untaxed
    from {{ ref('int_invoice__draft_lines') }} as lines
    group by lines.customer_id, lines.billing_period
),

taxes as (
    select
        customer_id,
        billing_period,
        sum(tax_amount) as tax_amount
    from {{ ref('int_invoice__draft_tax') }}
    group by customer_id, billing_period
)

select
    lines.customer_id,
    lines.billing_period,
    lines.untaxed,
    cast(lines.net_amount as {{ document_money_type() }}) as net_amount,
    cast(coalesce(taxes.tax_amount, 0) as {{ document_money_type() }}) as tax_amount,
    cast(lines.net_amount + coalesce(taxes.tax_amount, 0) as {{ document_money_type() }}) as gross_amount
from lines
left join taxes
    on lines.customer_id = taxes.customer_id
    and lines.billing_period = taxes.billing_period
