-- Amounts in the customer's currency (R8.1) and the invoice line that each charge adds up to (R1.6). A missing rate
-- makes the charge unpriced: there is no silent 1.0.
with policy as (
    select fx_policy from {{ source('config', 'reseller') }}
),

priced as (
    select * from {{ ref('int_rating__cost_priced') }}
    union all
    select * from {{ ref('int_rating__quantity_priced') }}
    union all
    select * from {{ ref('int_rating__flat_priced') }}
    union all
    select * from {{ ref('int_rating__graduated_priced') }}
    union all
    select * from {{ ref('int_rating__volume_priced') }}
    union all
    select * from {{ ref('int_rating__package_priced') }}
),

converted as (
    select
        based.*,
        customers.currency as customer_currency,
        priced.amount,
        cost_fx.fx_rate,
        cost_fx.fx_date,
        price_fx.fx_rate as price_fx_rate,
        (based.disposition in ('sold', 'kept') and based.customer_id is not null and cost_fx.fx_rate is null)
        or (based.disposition = 'sold' and price_fx.fx_rate is null) as lacks_rate,
        case when policy.fx_policy = 'charge_date' then based.charge_day else based.billing_period end as on_date
    from {{ ref('int_rating__based') }} as based
    cross join policy
    left join {{ source('config', 'customers') }} as customers
        on based.customer_id = customers.customer_id
    left join priced
        on based.charge_id = priced.charge_id
        and based.customer_id = priced.customer_id
    left join {{ ref('int_fx__rate') }} as cost_fx
        on based.vendor_currency = cost_fx.from_currency
        and customers.currency = cost_fx.to_currency
        and cost_fx.on_date = case when policy.fx_policy = 'charge_date' then based.charge_day else based.billing_period end
    left join {{ ref('int_fx__rate') }} as price_fx
        on based.charge_currency = price_fx.from_currency
        and customers.currency = price_fx.to_currency
        and price_fx.on_date = case when policy.fx_policy = 'charge_date' then based.charge_day else based.billing_period end
),

keyed as (
    select
        converted.*,
        assigned.billed_cost,
        assigned.list_cost,
        {{ stable_id([
            'converted.customer_id', 'converted.billing_period',
            "case when daily.charge_class = 'Correction' then cast(date_trunc('month', converted.charge_day) as date) end",
            'daily.source', 'daily.vendor', 'daily.publisher', 'daily.service',
            'case when converted.prices_quantity then daily.sku end',
            'daily.charge_category', 'converted.rule_id', "''", 'converted.vendor_currency'
        ]) }} as line_id
    from converted
    inner join {{ ref('int_charges__assigned') }} as assigned
        on converted.charge_id = assigned.charge_id
        and converted.customer_id is not distinct from assigned.customer_id
    inner join {{ ref('int_charges__daily') }} as daily
        on converted.charge_id = daily.charge_id
)

select
    charge_id,
    customer_id,
    billing_period,
    charge_day,
    contract_id,
    rule_id,
    model,
    is_credit,
    case when lacks_rate then 'unpriced' else disposition end as disposition,
    case
        when lacks_rate
            then 'no exchange rate ' || case when fx_rate is null then vendor_currency else charge_currency end
                || ' to ' || customer_currency || ' for ' || cast(on_date as varchar)
        else reason
    end as reason,
    case when disposition = 'sold' and not lacks_rate then line_id end as line_id,
    customer_currency,
    fx_rate,
    fx_date,
    {{ money_mul('billed_cost', 'coalesce(fx_rate, 0)') }} as cost,
    {{ money_mul('list_cost', 'fx_rate') }} as list_amount,
    case
        when disposition = 'sold' and not lacks_rate then {{ money_mul('amount', 'price_fx_rate') }}
        else cast(0 as {{ money_type() }})
    end as amount_before_discount
from keyed
