-- margin_pct is a percentage of revenue, rounded to six decimals for reading; it never enters a sum.
with monthly as (
    select
        customer_id,
        customer_name,
        billing_period,
        vendor,
        service,
        cast(date_trunc('month', day) as date) as month,
        currency,
        base_currency,
        {{ money_sum('list_amount') }} as list_amount,
        {{ money_sum('revenue_before_discount') }} as revenue_before_discount,
        {{ money_sum('discount_line') }} as discount_line,
        {{ money_sum('discount_bundle') }} as discount_bundle,
        {{ money_sum('discount_volume') }} as discount_volume,
        {{ money_sum('discount_relationship') }} as discount_relationship,
        {{ money_sum('discount_promotion') }} as discount_promotion,
        {{ money_sum('revenue') }} as revenue,
        {{ money_sum('cost') }} as cost,
        {{ money_sum('partner_credit') }} as partner_credit,
        {{ money_sum('margin') }} as margin,
        {{ money_sum('rounding_difference') }} as rounding_difference,
        {{ money_sum('list_amount_base') }} as list_amount_base,
        {{ money_sum('revenue_base') }} as revenue_base,
        {{ money_sum('cost_base') }} as cost_base,
        {{ money_sum('margin_base') }} as margin_base
    from {{ ref('fct_margin_daily') }}
    group by
        customer_id, customer_name, billing_period, vendor, service, cast(date_trunc('month', day) as date), currency,
        base_currency
)

select
    *,
    case
        when revenue > 0 and abs(margin) < revenue * 100000000
            then cast(sign(margin) * {{ exact_ratio('abs(margin) * 100', 'revenue') }} as {{ money_type() }})
    end as margin_pct
from monthly
