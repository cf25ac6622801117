-- Grain: one row per reconciliation line that stands for itself, and one Tax row per line with tax.
-- Left out are usage lines that daily usage explains: stg_partner_center__usage_charges has them day by day.
with lines as (
    select
        lines.*,
        coalesce(match.verdict = 'explained' and lines.line_kind = 'Usage', false) as is_explained,
        {{ commitment_kind("concat_ws(' ', lines.ProductName, lines.SkuName)") }} as commitment_type,
        {{ money_mul('lines.list_price', 'lines.exchange_rate') }} as list_unit_price,
        {{ money_mul(money_mul('lines.list_price', 'lines.billable_quantity'), 'lines.exchange_rate') }} as list_cost,
        -- 15 % are told in words, or by a price that is 15 % down but for the cost's rounding to the cent.
        lines.line_kind = 'Usage' and (
            lower(lines.PriceAdjustmentDescription) like '%partner earned credit%'
            or (
                lines.EffectiveUnitPrice > 0
                and lines.EffectiveUnitPrice <= lines.UnitPrice * cast(0.85 as decimal(3, 2)) + 0.000001
                and abs(
                    (lines.UnitPrice * cast(0.85 as decimal(3, 2)) - lines.EffectiveUnitPrice)
                    * cast(lines.billable_quantity as decimal(22, 6))
                ) <= 0.02
            )
        ) as has_partner_credit
    from {{ ref('stg_partner_center__lines') }} as lines
    left join {{ ref('stg_partner_center__usage_match') }} as match
        on lines.x_delivery_id = match.delivery_id and lines.usage_key = match.usage_key
),

described as (
    select
        lines.*,
        coalesce(
            case when line_kind = 'Usage' then {{ given_text("split_part(MeterDescription, ' - ', 1)") }} end,
            {{ given_text('ProductName') }},
            {{ given_text('SkuName') }},
            'Microsoft'
        ) as service_name,
        concat_ws(
            ', ',
            coalesce({{ given_text('MeterDescription') }}, {{ given_text('SkuName') }}, {{ given_text('ProductName') }}),
            {{ given_text('ChargeType') }},
            {{ given_text('TermAndBillingCycle') }},
            {{ given_text('CreditReasonCode') }},
            'promotion ' || {{ given_text('PromotionId') }}
        ) as description,
        -- An open month's usage may already end on the first day of the next one, exclusive.
        case
            when line_kind = 'Usage' and extract(day from first_day) = 1 and extract(day from end_day) = 2
                then cast(end_day - interval 1 day as date)
            else coalesce(end_day, cast(coalesce(first_day, x_billing_period) + interval 1 day as date))
        end as last_day_after
    from lines
),

charged as (
    select
        *,
        line_kind as charge_category,
        Subtotal as amount,
        case
            when line_kind = 'Credit' then Subtotal
            when Subtotal < 0 then -abs(list_cost)
            else list_cost
        end as list_amount,
        case when line_kind = 'Usage' and has_partner_credit then {{ percent_of('list_cost', 15) }} end as partner_credit
    from described
    where not is_explained
    union all
    select
        *,
        'Tax' as charge_category,
        TaxTotal as amount,
        TaxTotal as list_amount,
        {{ no_value(money_type()) }} as partner_credit
    from described
    where TaxTotal <> 0
)

select {{ charge_columns() | join(', ') }} from (
    {{ line_charge_columns('charged') }}
) as named
