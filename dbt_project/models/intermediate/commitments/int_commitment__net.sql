{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- What a customer's charges of a billing period come to on the invoice after every discount (R7): sums of rounded lines.
-- Kept for every period that was ever drafted, because a year's commitment looks back at those that are still open.
with bound as (
    select distinct customer_id
    from {{ source('config', 'contracts') }}
    where minimum_commitment is not null or spend_cap is not null
),

lines as (
    select
        lines.line_id,
        lines.customer_id,
        lines.billing_period,
        categories.tax_category,
        lines.customer_currency as currency,
        lines.amount
    from {{ ref('int_invoice__line') }} as lines
    inner join bound
        on lines.customer_id = bound.customer_id
    inner join {{ ref('int_tax__line_category') }} as categories
        on lines.line_id = categories.line_id
),

amounts as (
    select customer_id, billing_period, tax_category, currency, amount from lines
    union all
    select lines.customer_id, lines.billing_period, lines.tax_category, lines.currency, discounts.amount
    from {{ ref('int_invoice__discount_line') }} as discounts
    inner join lines
        on discounts.parent_line_id = lines.line_id
    union all
    select discounts.customer_id, discounts.billing_period, discounts.tax_category, discounts.currency, discounts.amount
    from {{ ref('int_invoice__period_discount_line') }} as discounts
    inner join bound
        on discounts.customer_id = bound.customer_id
)

select
    customer_id,
    billing_period,
    tax_category,
    currency,
    cast(sum(amount) as {{ document_money_type() }}) as amount
from amounts
group by customer_id, billing_period, tax_category, currency
