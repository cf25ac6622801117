{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- What is printed of a line: quantities and prices only where they make its amount, else how much it covers.
with printed as (
    select
        lines.*,
        tiered.line_id is not null as is_tiered,
        tiered.detail as tier_detail,
        tiered.quantity as tier_quantity,
        tiered.unit as tier_unit,
        tiered.rule_price as tier_price,
        bounded.detail as bound_detail,
        lines.model = 'unit_price' and not lines.is_credit as prints_units,
        lines.model = 'flat' and not lines.is_credit as is_flat,
        -- A flat price whose charges fall into several lines is nobody's price alone.
        lines.model = 'flat' and not lines.is_credit
        and count(*) over (partition by lines.customer_id, lines.billing_period, lines.rule_id, lines.is_credit) = 1
            as prints_flat
    from {{ ref('int_invoice__line') }} as lines
    left join {{ ref('int_invoice__tier_line') }} as tiered
        on lines.line_id = tiered.line_id
    left join {{ ref('int_invoice__bound_line') }} as bounded
        on lines.line_id = bounded.line_id
),

charge_lines as (
    select
        line_id,
        line_id as group_line_id,
        cast(null as varchar) as parent_line_id,
        0 as sequence,
        line_type,
        description,
        case
            when is_tiered then tier_detail
            when prints_units and included_quantity > 0
                then {{ plain_number('included_quantity') }} || ' ' || unit || ' included'
            when prints_flat then 'once per billing period with any use'
            when is_flat then 'part of a price per billing period'
            else resources || case when resources = 1 then ' resource in ' else ' resources in ' end
                || accounts || case when accounts = 1 then ' account' else ' accounts' end
        end || coalesce('; ' || bound_detail, '') as detail,
        case when is_tiered then tier_quantity when prints_units then quantity when prints_flat then 1 end as quantity,
        case when is_tiered then tier_unit when prints_units then unit when prints_flat then 'period' end as unit,
        case when bound_detail is not null then null when is_tiered then tier_price when prints_units or prints_flat then rule_unit_price end as rule_price,
        amount,
        exact_amount,
        cost,
        cast(null as varchar) as discount_id,
        cast(null as varchar) as discount_kind
    from printed
),

discount_lines as (
    select
        line_id,
        parent_line_id as group_line_id,
        parent_line_id,
        sequence,
        'discount' as line_type,
        description,
        {{ plain_number('percent') }} || ' % of ' || {{ plain_number('base') }} as detail,
        {{ no_value(money_type()) }} as quantity,
        cast(null as varchar) as unit,
        {{ no_value(money_type()) }} as rule_price,
        amount,
        exact_amount,
        cast(0 as {{ money_type() }}) as cost,
        discount_id,
        discount_kind
    from {{ ref('int_invoice__discount_line') }}
),

all_lines as (
    select * from charge_lines
    union all
    select * from discount_lines
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
),

complete as (
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
        treatments.tax_code,
        treatments.tax_rate,
        parents.rule_id,
        all_lines.discount_id,
        all_lines.discount_kind,
        cast(null as varchar) as subscription_id,
        cast(null as varchar) as reference_document,
        parents.vendor_currency,
        parents.fx_rate,
        parents.fx_date,
        all_lines.cost,
        customers.purchase_order,
        case when parents.line_type = 'correction' then 2 else 0 end as part_order,
        parents.exact_amount as weight,
        all_lines.group_line_id,
        all_lines.sequence
    from all_lines
    inner join {{ ref('int_invoice__line') }} as parents
        on all_lines.group_line_id = parents.line_id
    inner join {{ source('config', 'customers') }} as customers
        on parents.customer_id = customers.customer_id
    left join price_rates
        on all_lines.group_line_id = price_rates.line_id
    left join {{ ref('int_tax__line_category') }} as categories
        on all_lines.group_line_id = categories.line_id
    left join {{ ref('int_tax__treatment') }} as treatments
        on parents.customer_id = treatments.customer_id
        and parents.billing_period = treatments.billing_period
        and categories.tax_category = treatments.tax_category
    union all
    select
        whole.customer_id,
        whole.billing_period,
        whole.line_id,
        {{ no_value('varchar') }} as parent_line_id,
        'discount' as line_type,
        {{ no_value('varchar') }} as source,
        whole.vendor,
        {{ no_value('varchar') }} as publisher,
        whole.service,
        {{ no_value('varchar') }} as sku,
        {{ no_value('varchar') }} as charge_category,
        whole.description,
        whole.detail,
        whole.billing_period as charge_period_start,
        cast(whole.billing_period + interval 1 month as date) as charge_period_end,
        {{ no_value(money_type()) }} as quantity,
        {{ no_value('varchar') }} as unit,
        {{ no_value(money_type()) }} as unit_price,
        whole.amount,
        whole.exact_amount,
        whole.currency,
        whole.tax_category,
        treatments.tax_code,
        treatments.tax_rate,
        {{ no_value('varchar') }} as rule_id,
        whole.discount_id,
        whole.discount_kind,
        {{ no_value('varchar') }} as subscription_id,
        {{ no_value('varchar') }} as reference_document,
        {{ no_value('varchar') }} as vendor_currency,
        {{ no_value(fx_type()) }} as fx_rate,
        {{ no_value('date') }} as fx_date,
        cast(0 as {{ money_type() }}) as cost,
        customers.purchase_order,
        case when whole.vendor is null then 1 else 0 end as part_order,
        {{ no_value(money_type()) }} as weight,
        whole.line_id as group_line_id,
        whole.sequence
    from {{ ref('int_invoice__period_discount_line') }} as whole
    inner join {{ source('config', 'customers') }} as customers
        on whole.customer_id = customers.customer_id
    left join {{ ref('int_tax__treatment') }} as treatments
        on whole.customer_id = treatments.customer_id
        and whole.billing_period = treatments.billing_period
        and whole.tax_category = treatments.tax_category
)

select
    customer_id, billing_period, line_id, parent_line_id,
    cast(row_number() over (
        partition by customer_id, billing_period
        order by
            part_order, vendor nulls last, service nulls last, charge_category desc nulls last,
            weight desc nulls last, case when weight is null then sequence else 0 end, group_line_id, sequence, line_id
    ) as integer) as line_number,
    line_type, source, vendor, publisher, service, sku, charge_category, description, detail, charge_period_start,
    charge_period_end, quantity, unit, unit_price, amount, exact_amount, currency, tax_category, tax_code, tax_rate,
    rule_id, discount_id, discount_kind, subscription_id, reference_document, vendor_currency, fx_rate, fx_date, cost,
    purchase_order
from complete
