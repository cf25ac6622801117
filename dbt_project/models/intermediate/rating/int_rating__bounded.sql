-- A rule's minimum and maximum bound its amount per customer and billing period, before discounts (R5). The difference
-- is spread over the charges in proportion to their amounts, as differences of cumulative shares, so that it sums
-- exactly. Vendor credits that are passed on are outside. Only charges of rules that have a bound.
{%- set period = 'partition by customer_id, rule_id, billing_period' %}

with charges as (
    select
        converted.charge_id,
        converted.customer_id,
        converted.billing_period,
        converted.charge_day,
        converted.rule_id,
        converted.customer_currency,
        converted.amount_before_discount as amount,
        books.currency as book_currency,
        rules.minimum,
        rules.maximum
    from {{ ref('int_rating__converted') }} as converted
    inner join {{ source('config', 'price_rules') }} as rules
        on converted.rule_id = rules.rule_id
    inner join {{ source('config', 'price_books') }} as books
        on rules.price_book = books.price_book
    where
        (rules.minimum is not null or rules.maximum is not null)
        and converted.disposition = 'sold'
        and not converted.is_credit
),

totalled as (
    select
        *,
        sum(amount) over ({{ period }}) as whole,
        min(amount) over ({{ period }}) >= 0 or max(amount) over ({{ period }}) <= 0 as is_one_way,
        sum(abs(amount)) over (
            {{ period }} order by charge_day, charge_id rows between unbounded preceding and current row
        ) as weight_after,
        row_number() over ({{ period }} order by charge_day, charge_id) as place,
        count(*) over ({{ period }}) as places,
        max(charge_day) over ({{ period }}) as last_day
    from charges
),

limited as (
    select
        totalled.*,
        case when policy.fx_policy = 'charge_date' then totalled.last_day else totalled.billing_period end as on_date,
        rates.fx_rate is null as lacks_rate,
        {{ money_mul('totalled.minimum', 'rates.fx_rate') }} as least_amount,
        {{ money_mul('totalled.maximum', 'rates.fx_rate') }} as most_amount,
        -- Refunds beyond use, mixed signs and amounts beyond exact division share the difference evenly.
        totalled.is_one_way and totalled.whole <> 0 and abs(totalled.whole) < 10000000000000 as by_amount
    from totalled
    cross join {{ source('config', 'reseller') }} as policy
    left join {{ ref('int_fx__rate') }} as rates
        on totalled.book_currency = rates.from_currency
        and totalled.customer_currency = rates.to_currency
        and rates.on_date
        = case when policy.fx_policy = 'charge_date' then totalled.last_day else totalled.billing_period end
),

bound as (
    select
        *,
        cast(case
            when whole < 0 then greatest(whole, -coalesce(most_amount, -whole))
            when whole < least_amount then least_amount
            when whole > most_amount then most_amount
            else whole
        end - whole as {{ money_type() }}) as difference,
        case when by_amount then weight_after else place end as share_after,
        case when by_amount then weight_after - abs(amount) else place - 1 end as share_before,
        case when by_amount then abs(whole) else places end as share_whole
    from limited
)

select
    charge_id,
    customer_id,
    lacks_rate,
    case
        when lacks_rate
            then 'no exchange rate ' || book_currency || ' to ' || customer_currency || ' for ' || cast(on_date as varchar)
    end as reason,
    case when whole + difference = least_amount then 'minimum' when difference <> 0 then 'maximum' end as bound,
    case when whole + difference = least_amount then least_amount when difference <> 0 then most_amount end as bound_amount,
    cast(
        {{ money_mul('difference', exact_ratio('share_after', 'share_whole')) }}
        - {{ money_mul('difference', exact_ratio('share_before', 'share_whole')) }}
        as {{ money_type() }}
    ) as difference
from bound
where difference <> 0 or lacks_rate
