-- R3: the most specific id wins (sub-account before billing account, a named source before any source).
with used as (
    select distinct
        source,
        {{ match_key('billing_account_id') }} as billing_account_key,
        {{ match_key('sub_account_id') }} as sub_account_key,
        charge_day
    from {{ ref('int_charges__daily') }}
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

mapped as (
    select
        {{ match_key('account_id') }} as account_key,
        {{ match_key('source') }} as source_key,
        customer_id,
        share,
        valid_from,
        valid_to
    from {{ source('config', 'accounts') }}
),

candidates as (
    select
        used.*,
        mapped.customer_id,
        mapped.share,
        case when mapped.source_key = '' then 1 else 0 end as specificity
    from used
    inner join mapped
        on used.sub_account_key = mapped.account_key
        and mapped.source_key in ('', {{ match_key('used.source') }})
        and {{ valid_on('mapped', 'used.charge_day') }}
    where used.sub_account_key <> ''
    union all
    select
        used.*,
        mapped.customer_id,
        mapped.share,
        case when mapped.source_key = '' then 3 else 2 end as specificity
    from used
    inner join mapped
        on used.billing_account_key = mapped.account_key
        and mapped.source_key in ('', {{ match_key('used.source') }})
        and {{ valid_on('mapped', 'used.charge_day') }}
),

ranked as (
    select
        *,
        rank() over (
            partition by source, billing_account_key, sub_account_key, charge_day order by specificity
        ) as specificity_rank
    from candidates
),

winners as (
    select
        source,
        billing_account_key,
        sub_account_key,
        charge_day,
        customer_id,
        cast(sum(share) as {{ percent_type() }}) as share
    from ranked
    where specificity_rank = 1
    group by source, billing_account_key, sub_account_key, charge_day, customer_id
),

-- What no customer claims of a shared account stays visible as nobody's (R3.3).
unclaimed as (
    select
        source,
        billing_account_key,
        sub_account_key,
        charge_day,
        cast(null as varchar) as customer_id,
        cast(100 - sum(share) as {{ percent_type() }}) as share
    from winners
    group by source, billing_account_key, sub_account_key, charge_day
    having sum(share) < 100
),

parts as (
    select * from winners
    union all
    select * from unclaimed
)

select
    *,
    row_number() over (
        partition by source, billing_account_key, sub_account_key, charge_day
        order by case when customer_id is null then 1 else 0 end desc, customer_id desc
    ) = 1 as takes_remainder
from parts
