-- R3: the most specific id wins (a commitment's own id, then the sub-account, then the billing account; a named source
-- before any source). A commitment's id counts for what is paid for the commitment itself, and for whose it is (R5.5).
{%- set account = ['source', 'billing_account_key', 'sub_account_key', 'commitment_key', 'charge_day'] %}
{%- set levels = ['commitment_key', 'sub_account_key', 'billing_account_key'] %}

with used as (
    select
        charges.source,
        {{ match_key('charges.billing_account_id') }} as billing_account_key,
        {{ match_key('charges.sub_account_id') }} as sub_account_key,
        {{ paid_commitment_key('charges') }} as commitment_key,
        charges.charge_day
    from {{ ref('int_charges__daily') }} as charges
    where charges.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    union
    select
        source,
        owner_billing_account_key as billing_account_key,
        owner_sub_account_key as sub_account_key,
        commitment_key,
        charge_day
    from {{ ref('int_charges__commitment_day') }}
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
    {% for level in levels %}
    select
        used.*,
        mapped.customer_id,
        mapped.share,
        {{ loop.index }} * 10 + case when mapped.source_key = '' then 1 else 0 end as specificity
    from used
    inner join mapped
        on used.{{ level }} = {{ commitment_key('mapped.account_key') if loop.first else 'mapped.account_key' }}
        and mapped.source_key in ('', {{ match_key('used.source') }})
        and {{ valid_on('mapped', 'used.charge_day') }}
    where used.{{ level }} <> ''
    union all
    {% endfor %}
    -- A commitment of the reseller's own, bought in an account of a customer's.
    select
        used.*,
        cast(null as varchar) as customer_id,
        cast(100 as {{ percent_type() }}) as share,
        12 as specificity
    from used
    inner join {{ source('config', 'owner_accounts') }} as owned
        on used.commitment_key = {{ commitment_key('owned.account_id') }}
        and {{ match_key('used.source') }} = {{ match_key('owned.source') }}
    where used.commitment_key <> ''
),

ranked as (
    select
        *,
        rank() over (partition by {{ account | join(', ') }} order by specificity) as specificity_rank
    from candidates
),

winners as (
    select {{ account | join(', ') }}, customer_id, cast(sum(share) as {{ percent_type() }}) as share
    from ranked
    where specificity_rank = 1
    group by {{ account | join(', ') }}, customer_id
),

-- What no customer claims of a shared account stays visible as nobody's (R3.3).
unclaimed as (
    select {{ account | join(', ') }}, cast(null as varchar) as customer_id, cast(100 - sum(share) as {{ percent_type() }}) as share
    from winners
    group by {{ account | join(', ') }}
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
        partition by {{ account | join(', ') }}
        order by case when customer_id is null then 1 else 0 end desc, customer_id desc
    ) = 1 as takes_remainder
from parts
