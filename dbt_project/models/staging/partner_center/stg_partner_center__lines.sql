-- Grain: one row per reconciliation line in force, sorted into usage, purchase and credit, with its list price.
-- A part cycle's list price is UnitPrice × days / days of the month in which the cycle starts (Microsoft's rule), but
-- never below what is billed, and what is billed where the cycle cannot be told.
with daily_keys as (
    select distinct delivery_id, usage_key from {{ ref('stg_partner_center__usage') }}
),

lines as (
    select
        raw.*,
        {{ usage_key('raw') }} as usage_key,
        lower(coalesce({{ given_text('raw.ChargeType') }}, '')) as charge_type,
        {{ exchange_rate('raw', 'raw.Currency') }} as exchange_rate,
        coalesce(raw.BillableQuantity, raw.Quantity) as billable_quantity,
        cast(raw.ChargeStartDate as date) as first_day,
        cast(cast(raw.ChargeEndDate as date) + interval 1 day as date) as end_day
    from {{ source('raw', 'partner_center_reconciliation') }} as raw
),

sorted as (
    select
        lines.*,
        case
            when charge_type like '%credit%' then 'Credit'
            when {{ given_text('MeterDescription') }} is not null or daily_keys.usage_key is not null then 'Usage'
            else 'Purchase'
        end as line_kind,
        case
            when lower(BillingFrequency) like '%triennial%' or lower(BillingFrequency) like '%3%year%' then 36
            when lower(BillingFrequency) like '%month%' then 1
            when lower(BillingFrequency) like '%annual%' or lower(BillingFrequency) like '%year%' then 12
            when {{ given_text('BillingFrequency') }} is not null then 0
            when {{ days_between('first_day', 'end_day') }} <= 31 then 1
            when {{ days_between('first_day', 'end_day') }} <= 366 then 12
            else 0
        end as cycle_months
    from lines
    left join daily_keys
        on lines.x_delivery_id = daily_keys.delivery_id and lines.usage_key = daily_keys.usage_key
),

part as (
    select
        sorted.*,
        case
            when line_kind <> 'Purchase' then cast(1 as {{ money_type() }})
            when cycle_months = 1 then least({{ exact_ratio(
                days_between('first_day', 'end_day'), days_in_month('end_day - interval 1 month')) }}, 1)
            when cycle_months = 12 then least({{ exact_ratio(
                days_between('first_day', 'end_day'),
                days_between('cast(end_day - interval 12 month as date)', 'end_day')) }}, 1)
            else cast(1 as {{ money_type() }})
        end as part_of_cycle
    from sorted
),

listed as (
    select
        part.*,
        {{ money_mul('UnitPrice', 'cast(part_of_cycle as ' ~ money_type() ~ ')') }} as full_price
    from part
)

select
    listed.*,
    case
        when EffectiveUnitPrice is null or line_kind = 'Usage' then full_price
        when full_price < EffectiveUnitPrice then EffectiveUnitPrice
        when EffectiveUnitPrice > 0 and full_price > EffectiveUnitPrice * 4 then EffectiveUnitPrice
        else full_price
    end as list_price
from listed
