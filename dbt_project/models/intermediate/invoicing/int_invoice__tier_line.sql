-- How a line that tiers or packages price reads. A unit price is printed only where quantity × price makes the amount;
-- where one rule's charges fall into several lines, none of them has a price of its own.
with lines as (
    select
        lines.*,
        rules.package_size,
        count(*) over (partition by lines.customer_id, lines.billing_period, lines.rule_id) = 1 as is_whole
    from {{ ref('int_invoice__line') }} as lines
    inner join {{ source('config', 'price_rules') }} as rules
        on lines.rule_id = rules.rule_id
    where lines.model in {{ accumulating_models() }} and not lines.is_credit
),

filled as (
    select
        lines.line_id,
        tiers.starts_after,
        tiers.unit_price,
        tiers.flat_fee,
        case when lines.quantity < 0 then -1 else 1 end
        * (least(abs(lines.quantity), coalesce(tiers.up_to, abs(lines.quantity))) - tiers.starts_after) as units
    from lines
    inner join {{ ref('int_rating__tier') }} as tiers
        on lines.rule_id = tiers.rule_id
        and abs(lines.quantity) > tiers.starts_after
    where lines.model = 'graduated' and lines.is_whole
),

graduated as (
    select
        line_id,
        string_agg(
            {{ plain_number('units') }} || ' × ' || {{ plain_number('unit_price') }}
            || case when flat_fee > 0 then ' + ' || {{ plain_number('flat_fee') }} else '' end,
            ' + ' order by starts_after
        ) as parts
    from filled
    group by line_id
),

priced as (
    select
        lines.*,
        graduated.parts,
        coalesce(tiers.unit_price, 0) as tier_price,
        coalesce(tiers.flat_fee, 0) as tier_fee,
        case when lines.book_currency = lines.customer_currency then '' else ' in ' || lines.book_currency end as in_currency,
        case when lines.quantity < 0 then -1 else 1 end
        * {{ whole_packages('abs(' ~ billable_quantity('lines.quantity', 'lines.included_quantity') ~ ')', 'lines.package_size') }}
            as packages
    from lines
    left join graduated
        on lines.line_id = graduated.line_id
    left join {{ ref('int_rating__tier') }} as tiers
        on lines.rule_id = tiers.rule_id
        and lines.model = 'volume'
        and {{ falls_in_tier('tiers', 'lines.quantity') }}
)

select
    line_id,
    case
        when not is_whole then 'priced together with other lines of this invoice'
        when model = 'graduated' then 'tiers' || in_currency || ': ' || coalesce(parts, '0')
        when model = 'package' and included_quantity > 0
            then {{ plain_number('quantity') }} || ' ' || unit || ' less ' || {{ plain_number('included_quantity') }}
                || ' included, in packages of ' || {{ plain_number('package_size') }}
        when model = 'package'
            then {{ plain_number('quantity') }} || ' ' || unit || ' in packages of ' || {{ plain_number('package_size') }}
        when tier_fee > 0
            then 'volume price' || in_currency || ': ' || {{ plain_number('quantity') }} || ' × '
                || {{ plain_number('tier_price') }} || ' + ' || {{ plain_number('tier_fee') }}
        else 'volume price'
    end as detail,
    case when is_whole and model = 'package' then packages else quantity end as quantity,
    case when is_whole and model = 'package' then 'package' else unit end as unit,
    case
        when not is_whole then {{ no_value(money_type()) }}
        when model = 'package' then rule_unit_price
        when model = 'volume' and tier_fee = 0 then tier_price
    end as rule_price
from priced
