{{ config(materialized='view') }}

-- What a customer's open billing period exceeds its cap by (R7), per tax category, because tax is due on lines: in
-- proportion to their nets, the largest takes the remainder.
with issued as (
    select customer_id, billing_period from {{ ref('int_invoice__issued_month') }}
),

nets as (
    select
        nets.*,
        currencies.minor_units,
        sum(nets.amount) over periods as net,
        sum(greatest(nets.amount, 0)) over periods as positive_net
    from {{ ref('int_commitment__net') }} as nets
    inner join {{ source('config', 'currencies') }} as currencies
        on nets.currency = currencies.code
    left join issued
        on nets.customer_id = issued.customer_id
        and nets.billing_period = issued.billing_period
    where issued.customer_id is null
    window periods as (partition by nets.customer_id, nets.billing_period)
),

exceeded as (
    select
        nets.*,
        caps.days,
        caps.cycle_days,
        caps.spend_cap,
        caps.contracts,
        {{ round_to_minor_unit('caps.cap', 'nets.minor_units') }} as cap
    from nets
    inner join {{ ref('int_commitment__allowed') }} as caps
        on nets.customer_id = caps.customer_id
        and nets.billing_period = caps.billing_period
    where nets.amount > 0
),

parted as (
    select
        *,
        net - cap as excess,
        {{ round_to_minor_unit(
            money_mul('net - cap', exact_ratio('amount', 'positive_net')), 'minor_units'
        ) }} as part,
        row_number() over (partition by customer_id, billing_period order by amount desc, tax_category) as size_place
    from exceeded
    where net > cap
)

select
    customer_id,
    billing_period,
    tax_category,
    currency,
    cap,
    net as spent,
    spend_cap,
    contracts,
    days,
    cycle_days,
    size_place,
    cast(
        -part - case
            when size_place = 1 then excess - sum(part) over (partition by customer_id, billing_period)
            else 0
        end as {{ document_money_type() }}
    ) as amount
from parted
