-- R8.1: the last rate published up to the day that counts, at most 10 days before the day that it is needed for. The newest
-- day wins; of one day a rate of the pair, then its inverse, then two rates over a third currency, EUR before others.
with needed as (
    select * from {{ ref('int_fx__needed') }}
),

published as (
    select date as fx_date, base, quote, rate, source as fx_source
    from {{ source('config', 'fx_rates') }}
    where date between (select min(on_date) - 10 from needed) and (select max(last_date) from needed)
),

-- Every rate read both ways, as a fraction: the inverse is divided once, with whatever it is crossed with.
legs as (
    select
        fx_date, base as from_currency, quote as to_currency, rate as numerator,
        cast(1 as {{ fx_type() }}) as denominator, 1 as preference, fx_source
    from published
    union all
    select
        fx_date, quote as from_currency, base as to_currency, cast(1 as {{ fx_type() }}) as numerator,
        rate as denominator, 2 as preference, fx_source
    from published
),

found as (
    select
        needed.from_currency, needed.to_currency, needed.on_date,
        legs.fx_date, legs.numerator, legs.denominator, legs.preference, '' as via, legs.fx_source
    from needed
    inner join legs
        on needed.from_currency = legs.from_currency
        and needed.to_currency = legs.to_currency
        and legs.fx_date between needed.on_date - 10 and needed.last_date
    union all
    select
        needed.from_currency, needed.to_currency, needed.on_date, leg_from.fx_date,
        {{ money_mul('leg_from.numerator', 'leg_to.numerator') }} as numerator,
        {{ money_mul('leg_from.denominator', 'leg_to.denominator') }} as denominator,
        3 as preference,
        leg_from.to_currency as via,
        case
            when leg_from.fx_source = leg_to.fx_source then leg_from.fx_source
            else concat_ws(', ', leg_from.fx_source, leg_to.fx_source)
        end as fx_source
    from needed
    inner join legs as leg_from
        on needed.from_currency = leg_from.from_currency
        and leg_from.fx_date between needed.on_date - 10 and needed.last_date
    inner join legs as leg_to
        on leg_from.to_currency = leg_to.from_currency
        and needed.to_currency = leg_to.to_currency
        and leg_from.fx_date = leg_to.fx_date
    where needed.from_currency <> needed.to_currency
),

ranked as (
    select
        *,
        row_number() over (
            partition by from_currency, to_currency, on_date
            order by fx_date desc, preference, case when via = 'EUR' then 0 else 1 end, via
        ) as place
    from found
)

select
    from_currency,
    to_currency,
    on_date,
    cast({{ exact_ratio('numerator', 'denominator') }} as {{ fx_type() }}) as fx_rate,
    fx_date,
    fx_source
from ranked
where place = 1
union all
select
    from_currency,
    to_currency,
    on_date,
    cast(1 as {{ fx_type() }}) as fx_rate,
    on_date as fx_date,
    'same currency' as fx_source
from needed
where from_currency = to_currency
