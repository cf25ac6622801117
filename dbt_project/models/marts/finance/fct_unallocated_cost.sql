with summed as (
    select
        billing_period,
        source,
        account_id,
        min(account_name) as account_name,
        vendor,
        service,
        day,
        min(reason) as reason,
        {{ money_sum('cost') }} as cost,
        {{ money_sum('list_cost') }} as list_cost,
        currency,
        {{ money_sum('cost_base') }} as cost_base,
        base_currency
    from {{ ref('int_margin__at_risk') }}
    where disposition = 'unallocated'
    group by billing_period, source, account_id, vendor, service, day, currency, base_currency
)

select
    *,
    min(day) over (partition by source, account_id, service) as first_seen
from summed
