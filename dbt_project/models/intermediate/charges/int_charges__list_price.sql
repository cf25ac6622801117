-- The list cost of charges whose vendor states none: quantity × the list price of the charge's day (price_list.csv).
-- A commitment's purchase and what has no quantity to price are left alone. Not baked into the daily charges: prices
-- are config, and a change of config rebuilds periods, not deliveries.
with lacking as (
    select
        charge_id,
        billing_period,
        charge_day,
        {{ match_key('vendor') }} as vendor_key,
        {{ match_key('service') }} as service_key,
        {{ match_key('sku') }} as sku_key,
        {{ match_key('region') }} as region_key,
        {{ match_key('unit') }} as unit_key,
        vendor_currency,
        quantity
    from {{ ref('int_charges__daily') }}
    where list_cost is null
        and quantity is not null
        and charge_category in ('Usage', 'Purchase')
        and not (charge_category = 'Purchase' and commitment_discount_id is not null)
        and billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

prices as (
    select
        {{ match_key('vendor') }} as vendor_key,
        {{ match_key('service') }} as service_key,
        {{ match_key('sku') }} as sku_key,
        {{ match_key('region') }} as region_key,
        {{ match_key('unit') }} as unit_key,
        currency,
        list_price,
        valid_from,
        valid_to
    from {{ source('config', 'price_list') }}
),

-- A price for the charge's region beats one for everywhere, then the service's own beats others.
candidates as (
    select
        lacking.charge_id,
        lacking.billing_period,
        lacking.quantity,
        prices.list_price,
        rank() over (
            partition by lacking.charge_id
            order by
                case when prices.region_key = '' then 1 else 0 end,
                case when prices.service_key = lacking.service_key then 0 else 1 end
        ) as place
    from lacking
    inner join prices
        on lacking.vendor_key = prices.vendor_key
        and lacking.sku_key = prices.sku_key
        and lacking.unit_key = prices.unit_key
        and lacking.vendor_currency = prices.currency
        and prices.region_key in ('', lacking.region_key)
        and {{ valid_on('prices', 'lacking.charge_day') }}
)

-- Rows that differ only in services that are not the charge's, at different prices, decide nothing: no guess.
select
    charge_id,
    billing_period,
    {{ money_mul('max(quantity)', 'max(list_price)') }} as list_cost
from candidates
where place = 1
group by charge_id, billing_period
having min(list_price) = max(list_price)
