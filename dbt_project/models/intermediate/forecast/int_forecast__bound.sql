{{ config(materialized='view') }}

-- What more usage does to the bounds of the month: a cap takes off what passes it, and a true-up shrinks.
with rest as (
    select customer_id, billing_period, currency, sum(net_rest) as net_rest
    from {{ ref('int_forecast__rest') }}
    group by customer_id, billing_period, currency
    having sum(net_rest) <> 0
),

nets as (
    select customer_id, billing_period, sum(amount) as net
    from {{ ref('int_commitment__net') }}
    group by customer_id, billing_period
),

capped as (
    select
        rest.*,
        coalesce(
            greatest(nets.net - {{ round_to_minor_unit('allowed.cap', 'currencies.minor_units') }}, 0)
            - greatest(
                nets.net + rest.net_rest - {{ round_to_minor_unit('allowed.cap', 'currencies.minor_units') }}, 0
            ), 0
        ) as cap_change
    from rest
    inner join {{ source('config', 'currencies') }} as currencies
        on rest.currency = currencies.code
    left join nets
        on rest.customer_id = nets.customer_id
        and rest.billing_period = nets.billing_period
    left join {{ ref('int_commitment__allowed') }} as allowed
        on rest.customer_id = allowed.customer_id
        and rest.billing_period = allowed.billing_period
),

changed as (
    select customer_id, billing_period, currency, 'Spend cap' as service, cap_change as net_rest from capped
    union all
    select
        capped.customer_id,
        capped.billing_period,
        capped.currency,
        'Minimum commitment' as service,
        -sum(least(lines.amount, greatest(capped.net_rest + capped.cap_change, 0))) as net_rest
    from capped
    inner join {{ ref('int_invoice__open_line') }} as lines
        on capped.customer_id = lines.customer_id
        and capped.billing_period = lines.billing_period
        and lines.line_type = 'true_up'
    group by capped.customer_id, capped.billing_period, capped.currency
)

select
    changed.customer_id,
    changed.billing_period,
    changed.currency,
    reseller.legal_name as vendor,
    changed.service,
    cast(changed.net_rest as {{ money_type() }}) as net_rest
from changed
cross join {{ source('config', 'reseller') }} as reseller
where changed.net_rest <> 0
