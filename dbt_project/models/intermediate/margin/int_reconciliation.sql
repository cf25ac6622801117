-- R10 per source, billing period and currency: what the vendor stated, what was loaded and where each cent of it went.
-- Nobody states anything of the reseller's own products.
with loaded as (
    select
        daily.source,
        daily.billing_period,
        daily.vendor_currency as currency,
        {{ money_sum('daily.billed_cost') }} as cost_loaded
    from {{ ref('int_charges__daily') }} as daily
    group by daily.source, daily.billing_period, daily.vendor_currency
),

placed as (
    select
        source,
        billing_period,
        vendor_currency as currency,
        {{ money_sum("case when disposition = 'sold' then billed_cost end") }} as cost_sold,
        {{ money_sum("case when disposition = 'unpriced' then billed_cost end") }} as cost_unpriced,
        {{ money_sum("case when disposition = 'unallocated' then billed_cost end") }} as cost_unallocated,
        {{ money_sum("case when disposition = 'kept' then billed_cost end") }} as cost_kept,
        {{ money_sum("case when disposition = 'late' then billed_cost end") }} as cost_late
    from {{ ref('int_rated') }}
    where source <> 'own'
    group by source, billing_period, vendor_currency
),

stated as (
    select source, billing_period, currency, {{ money_sum('amount') }} as vendor_total
    from {{ source('ops', 'vendor_total') }}
    group by source, billing_period, currency
),

compared as (
    select
        coalesce(loaded.source, placed.source, stated.source) as source,
        coalesce(loaded.billing_period, placed.billing_period, stated.billing_period) as billing_period,
        coalesce(loaded.currency, placed.currency, stated.currency) as currency,
        coalesce(stated.vendor_total, 0) as vendor_total,
        coalesce(loaded.cost_loaded, 0) as cost_loaded,
        coalesce(placed.cost_sold, 0) as cost_sold,
        coalesce(placed.cost_unpriced, 0) as cost_unpriced,
        coalesce(placed.cost_unallocated, 0) as cost_unallocated,
        coalesce(placed.cost_kept, 0) as cost_kept,
        coalesce(placed.cost_late, 0) as cost_late
    from loaded
    full outer join placed
        on loaded.source = placed.source
        and loaded.billing_period = placed.billing_period
        and loaded.currency = placed.currency
    full outer join stated
        on coalesce(loaded.source, placed.source) = stated.source
        and coalesce(loaded.billing_period, placed.billing_period) = stated.billing_period
        and coalesce(loaded.currency, placed.currency) = stated.currency
),

judged as (
    select
        compared.*,
        cast(vendor_total - cost_loaded as {{ money_type() }}) as difference,
        cast(
            cost_loaded - cost_sold - cost_unpriced - cost_unallocated - cost_kept - cost_late as {{ money_type() }}
        ) as misplaced,
        coalesce(sources.tolerance, 0) as tolerance
    from compared
    left join {{ source('config', 'sources') }} as sources
        on {{ match_key('compared.source') }} = {{ match_key('sources.name') }}
)

select
    *,
    case
        when misplaced <> 0 then 'misplaced'
        when abs(difference) > tolerance then 'differs'
        else 'ties'
    end as verdict
from judged
