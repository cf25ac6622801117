{{ config(materialized='view') }}

{%- set part = ['document_id', 'customer_id', 'billing_period', 'used_by_customer_id', 'used_in_period'] %}

-- What is billed, charge by charge, at the customer's own prices; without Tax the rows of a document sum to its net, with Tax
-- to its gross. What refers to another document corrects it. List cost is the reseller's price before discounts, never the
-- vendor's.
with spread as materialized (
    select * from {{ ref('int_customer_file__spread') }}
),

charges as (
    select
        charges.* exclude (
            line_id, charge_day, billing_account_id, tags, price, discount_line, discount_bundle, discount_volume,
            discount_relationship, discount_promotion, net
        ) replace (
            coalesce(charges.charge_class, case when lines.reference_document is not null then 'Correction' end) as charge_class,
            coalesce(charges.charge_description, lines.description) as charge_description,
            coalesce(charges.sub_account_id, charges.billing_account_id) as sub_account_id
        ),
        lines.line_number,
        charges.charge_day as charge_period_start,
        charges.charge_day + 1 as charge_period_end,
        charges.tags as tag_pairs,
        charges.price as list_cost,
        cast(charges.price - charges.discount_line as {{ money_type() }}) as contracted_cost,
        cast(charges.net + coalesce(spread.amount, 0) as {{ money_type() }}) as billed_cost,
        lines.reference_document
    from {{ ref('int_customer_file__charge') }} as charges
    left join {{ ref('int_customer_file__line') }} as lines
        on charges.line_id = lines.line_id
        {%- for column in part %}
        and charges.{{ column }} = lines.{{ column }}
        {%- endfor %}
    left join spread
        on charges.charge_id = spread.charge_id
        {%- for column in part %}
        and charges.{{ column }} = spread.{{ column }}
        {%- endfor %}
),

-- Lines that no charge carries.
own_rows as (
    select
        lines.{{ part | join(', lines.') }},
        lines.line_number,
        lines.charge_period_start,
        lines.charge_period_end,
        coalesce(lines.charge_category, 'Adjustment') as charge_category,
        case when lines.reference_document is not null then 'Correction' end as charge_class,
        lines.description as charge_description,
        lines.vendor,
        lines.publisher,
        lines.service,
        lines.sku,
        lines.quantity,
        lines.unit,
        spread.amount as list_cost,
        spread.amount as contracted_cost,
        spread.amount as billed_cost,
        lines.reference_document
    from spread
    inner join {{ ref('int_customer_file__line') }} as lines
        on spread.line_number = lines.line_number
        {%- for column in part %}
        and spread.{{ column }} = lines.{{ column }}
        {%- endfor %}
),

taxes as (
    select
        tax.document_id,
        tax.customer_id,
        tax.billing_period,
        tax.invoice_detail_id,
        document.period_start as charge_period_start,
        document.period_end as charge_period_end,
        'Tax' as charge_category,
        tax.description as charge_description,
        'Tax' as service,
        cast(tax.tax_amount as {{ money_type() }}) as list_cost,
        cast(tax.tax_amount as {{ money_type() }}) as contracted_cost,
        cast(tax.tax_amount as {{ money_type() }}) as billed_cost
    from {{ ref('int_customer_file__tax') }} as tax
    inner join {{ ref('int_customer_file__document') }} as document
        on tax.document_id = document.document_id
        and tax.customer_id = document.customer_id
        and tax.billing_period = document.billing_period
    where tax.tax_amount <> 0
)

select * from charges
union all by name
select * from own_rows
union all by name
select * from taxes
