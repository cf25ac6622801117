{{ config(materialized='view') }}

-- The lines that add up charges, and under each the discounts that reduce it alone. Columns: those of every line of a
-- document before tax and number, the same as in int_invoice__whole_line.
with all_lines as (
    select
        lines.line_id,
        lines.line_id as group_line_id,
        {{ no_value('varchar') }} as parent_line_id,
        0 as sequence,
        lines.line_type,
        lines.description,
        printed.detail,
        printed.quantity,
        printed.unit,
        printed.rule_price,
        lines.amount,
        lines.exact_amount,
        lines.cost,
        {{ no_value('varchar') }} as discount_id,
        {{ no_value('varchar') }} as discount_kind
    from {{ ref('int_invoice__line') }} as lines
    inner join {{ ref('int_invoice__printed_line') }} as printed
        on lines.line_id = printed.line_id
    union all
    select
        line_id,
        parent_line_id as group_line_id,
        parent_line_id,
        sequence,
        'discount' as line_type,
        description,
        coalesce({{ plain_number('percent') }} || ' % of ' || {{ plain_number('base') }}, 'as invoiced') as detail,
        {{ no_value(money_type()) }} as quantity,
        {{ no_value('varchar') }} as unit,
        {{ no_value(money_type()) }} as rule_price,
        amount,
        exact_amount,
        cast(0 as {{ money_type() }}) as cost,
        discount_id,
        discount_kind
    from {{ ref('int_invoice__discount_line') }}
),

-- With a rate per charge day there is no single price in the customer's currency, so none is printed.
price_rates as (
    select
        lines.line_id,
        case when lines.book_currency = lines.customer_currency then 1 else rates.fx_rate end as price_fx_rate
    from {{ ref('int_invoice__line') }} as lines
    cross join {{ source('config', 'reseller') }} as policy
    left join {{ ref('int_fx__rate') }} as rates
        on lines.book_currency = rates.from_currency
        and lines.customer_currency = rates.to_currency
        and lines.billing_period = rates.on_date
        and policy.fx_policy = 'month'
)

select
    parents.customer_id,
    parents.billing_period,
    all_lines.line_id,
    all_lines.parent_line_id,
    all_lines.line_type,
    parents.source,
    parents.vendor,
    parents.publisher,
    parents.service,
    parents.sku,
    parents.charge_category,
    all_lines.description,
    all_lines.detail,
    parents.first_day as charge_period_start,
    parents.last_day + 1 as charge_period_end,
    cast(all_lines.quantity as {{ money_type() }}) as quantity,
    all_lines.unit,
    {{ money_mul('all_lines.rule_price', 'price_rates.price_fx_rate') }} as unit_price,
    all_lines.amount,
    all_lines.exact_amount,
    parents.customer_currency as currency,
    categories.tax_category,
    parents.rule_id,
    all_lines.discount_id,
    all_lines.discount_kind,
    parents.subscription_id,
    {{ no_value('varchar') }} as reference_document,
    parents.vendor_currency,
    parents.fx_rate,
    parents.fx_date,
    all_lines.cost,
    case when parents.line_type = 'correction' then 2 else 0 end as part_order,
    -- Lines of own products stand by subscription and day, what is given back before what is charged anew.
    case
        when parents.source = 'own'
            then -rank() over (
                    partition by parents.customer_id, parents.billing_period
                    order by parents.subscription_id, parents.first_day, parents.exact_amount, parents.line_id
                )
        else parents.exact_amount
    end as weight,
    all_lines.group_line_id,
    all_lines.sequence
from all_lines
inner join {{ ref('int_invoice__line') }} as parents
    on all_lines.group_line_id = parents.line_id
left join price_rates
    on all_lines.group_line_id = price_rates.line_id
left join {{ ref('int_tax__line_category') }} as categories
    on all_lines.group_line_id = categories.line_id
