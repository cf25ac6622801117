-- Grain: delivery × usage key. Whether daily usage stands in for the reconciliation lines that it explains, and why.
-- The reconciliation is the money: daily rows take its place only where they add up to it but for rounding.
with invoiced as (
    select
        x_delivery_id as delivery_id,
        usage_key,
        {{ money_sum('Subtotal') }} as subtotal,
        min(x_file) as file_name,
        min_by(x_row, x_file || chr(31) || lpad(cast(x_row as varchar), 12, '0')) as row_number_in_file
    from {{ ref('stg_partner_center__lines') }}
    where line_kind = 'Usage'
    group by x_delivery_id, usage_key
),

by_subscription as (
    select
        delivery_id,
        usage_key,
        entitlement_id,
        min(entitlement_name) as entitlement_name,
        {{ money_sum('billed_cost') }} as daily_total,
        count(*) as daily_rows,
        bool_and(is_open_month) as is_open_month,
        min(service) as first_service,
        max(service) as last_service,
        row_number() over (
            partition by delivery_id, usage_key order by abs(sum(billed_cost)) desc, entitlement_id
        ) as place
    from {{ ref('stg_partner_center__usage') }}
    group by delivery_id, usage_key, entitlement_id
),

daily as (
    select
        delivery_id,
        usage_key,
        {{ money_sum('daily_total') }} as daily_total,
        cast(sum(daily_rows) as bigint) as daily_rows,
        bool_and(is_open_month) as is_open_month,
        -- Rounding goes to the Azure subscription that cost most: it is nobody's in particular.
        max(case when place = 1 then entitlement_id end) as entitlement_id,
        max(case when place = 1 then entitlement_name end) as entitlement_name,
        case when min(first_service) = max(last_service) then min(first_service) end as service
    from by_subscription
    group by delivery_id, usage_key
),

paired as (
    select
        coalesce(invoiced.delivery_id, daily.delivery_id) as delivery_id,
        coalesce(invoiced.usage_key, daily.usage_key) as usage_key,
        invoiced.subtotal,
        daily.daily_total,
        daily.daily_rows,
        daily.is_open_month,
        daily.entitlement_id,
        daily.entitlement_name,
        daily.service,
        invoiced.file_name,
        invoiced.row_number_in_file,
        cast(invoiced.subtotal - daily.daily_total as {{ money_type() }}) as remainder
    from invoiced
    full outer join daily
        on invoiced.delivery_id = daily.delivery_id and invoiced.usage_key = daily.usage_key
)

select
    paired.*,
    case
        when subtotal is null and is_open_month then 'open month'
        when subtotal is null then 'no invoice line'
        when daily_total is null then 'no daily usage'
        when
            abs(remainder) <= 0.01 * (daily_rows + 2) or abs(remainder) <= abs(subtotal) * 0.005
            then 'explained'
        else 'not explained'
    end as verdict
from paired
