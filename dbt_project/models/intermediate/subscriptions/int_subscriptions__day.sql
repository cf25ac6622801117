{{ config(materialized='view') }}

-- The pieces day by day (R1.3), in the product's currency and, at one rate per cycle, in the customer's (R8.1): so a
-- refund nets exactly with what it gives back, in whichever period.
with pieces as (
    select
        pieces.*,
        products.charge_type,
        products.name,
        coalesce(products.service, products.name) as service,
        products.currency as vendor_currency,
        products.unit_price as list_price,
        coalesce(products.unit_cost, 0) as unit_cost,
        customers.currency as customer_currency,
        reseller.legal_name,
        rates.fx_rate,
        rates.fx_date,
        case when pieces.is_refund then -1 else 1 end as direction,
        {{ stable_id(["'own'", 'pieces.customer_id', 'pieces.billing_period', 'pieces.piece_id', 'products.currency']) }}
            as line_id
    from {{ ref('int_subscriptions__piece') }} as pieces
    inner join {{ source('config', 'products') }} as products
        on pieces.product_id = products.product_id
    inner join {{ source('config', 'customers') }} as customers
        on pieces.customer_id = customers.customer_id
    cross join {{ source('config', 'reseller') }} as reseller
    left join {{ ref('int_fx__rate') }} as rates
        on products.currency = rates.from_currency
        and customers.currency = rates.to_currency
        and pieces.fx_day = rates.on_date
),

wholes as (
    select
        *,
        {{ money_mul('quantity', 'unit_price') }} as price,
        {{ money_mul('quantity', 'list_price') }} as list,
        {{ money_mul('quantity', 'unit_cost') }} as unit_costs
    from pieces
),

divided as (
    select
        *,
        {{ equal_part('quantity', 'cycle_days') }} as quantity_part,
        {{ equal_part('price', 'cycle_days') }} as price_part,
        {{ equal_part('list', 'cycle_days') }} as list_part,
        {{ equal_part('unit_costs', 'cycle_days') }} as unit_costs_part,
        {{ indivisible_rest('quantity', 'cycle_days') }} as quantity_rest,
        {{ indivisible_rest('price', 'cycle_days') }} as price_rest,
        {{ indivisible_rest('list', 'cycle_days') }} as list_rest,
        {{ indivisible_rest('unit_costs', 'cycle_days') }} as unit_costs_rest,
        unnest(range(
            {{ days_between('counted_from', 'first_day') }}, {{ days_between('counted_from', 'end_day') }}
        )) as nth
    from wholes
),

days as (
    select
        *,
        cast(nth as integer) as day_number,
        counted_from + cast(nth as integer) as charge_day
    from divided
)

select
    * exclude (price, list, unit_costs),
    {{ share_of_cycle('quantity') }} as day_quantity,
    {{ share_of_cycle('list') }} as list_cost,
    {{ share_of_cycle('unit_costs') }} as billed_cost,
    {{ share_of_cycle('list', 'fx_rate') }} as list_amount,
    {{ share_of_cycle('unit_costs', 'fx_rate') }} as cost,
    {{ share_of_cycle('price', 'fx_rate') }} as amount
from days
