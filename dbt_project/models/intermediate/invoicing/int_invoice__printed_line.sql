{{ config(materialized='view') }}

-- What is printed of a line: quantities and prices only where they make its amount, else how much it covers. An own
-- product's are those of a whole cycle.
with printed as (
    select
        lines.*,
        tiered.line_id is not null as is_tiered,
        tiered.detail as tier_detail,
        tiered.quantity as tier_quantity,
        tiered.unit as tier_unit,
        tiered.rule_price as tier_price,
        bounded.detail as bound_detail,
        own.line_id is not null as is_own,
        own.detail as own_detail,
        own.quantity as own_quantity,
        own.unit as own_unit,
        own.unit_price as own_price,
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
    left join {{ ref('int_invoice__subscription_line') }} as own
        on lines.line_id = own.line_id
)

select
    line_id,
    case
        when is_tiered then tier_detail
        when is_own then own_detail
        when prints_units and included_quantity > 0
            then {{ plain_number('included_quantity') }} || ' ' || unit || ' included'
        when prints_flat then 'once per billing period with any use'
        when is_flat then 'part of a price per billing period'
        else resources || case when resources = 1 then ' resource in ' else ' resources in ' end
            || coalesce('account ' || account, accounts || ' accounts')
    end || coalesce('; ' || bound_detail, '') as detail,
    case
        when is_tiered then tier_quantity when is_own then own_quantity when prints_units then quantity when prints_flat then 1
    end as quantity,
    case
        when is_tiered then tier_unit when is_own then own_unit when prints_units then unit when prints_flat then 'period'
    end as unit,
    case
        when bound_detail is not null then null
        when is_tiered then tier_price
        when is_own then own_price
        when prints_units or prints_flat then rule_unit_price
    end as rule_price
from printed
