{{ config(materialized='view') }}

-- How a line of an own product reads: units × the price of a whole cycle in the customer's currency, and how much of the
-- cycle its amount is (R6.2). The price of what an invoice has billed is that invoice's.
with priced as (
    select
        line_id,
        piece_id,
        max(fx_rate) as fx_rate,
        max(refunded_document) as refunded_document,
        {{ money_sum('abs(amount_before_discount)') }} as billed
    from {{ ref('int_subscriptions__charge') }}
    where line_id is not null
    group by line_id, piece_id
),

pieces as (
    select
        priced.line_id,
        priced.fx_rate,
        priced.refunded_document,
        priced.billed,
        pieces.*,
        {{ days_between('pieces.first_day', 'pieces.end_day') }} as days,
        case products.interval
            when 'month' then 'one month' when 'year' then 'one year' when 'three_years' then 'three years' else 'once'
        end as whole
    from priced
    inner join {{ ref('int_subscriptions__piece') }} as pieces
        on priced.piece_id = pieces.piece_id
    inner join {{ source('config', 'products') }} as products
        on pieces.product_id = products.product_id
)

select
    line_id,
    case when is_refund then 'refund of ' else '' end
    || case when days = cycle_days then whole else days || ' of ' || cycle_days || ' days' end
    || coalesce('; extended term, +' || {{ plain_number('extended_percent') }} || ' %', '') as detail,
    cast(case when is_refund then -quantity else quantity end as {{ money_type() }}) as quantity,
    'unit' as unit,
    case
        when refunded_document is null then {{ money_mul('unit_price', 'fx_rate') }}
        else {{ exact_ratio('billed * cycle_days', 'quantity * days') }}
    end as unit_price,
    first_day,
    end_day
from pieces
