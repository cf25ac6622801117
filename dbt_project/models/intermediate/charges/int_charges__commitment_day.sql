-- R5.5: on which days commitments cover usage, and the account that each was bought in: that of its newest purchases or
-- unused parts up to the billing period, else the one that its id names. Where neither tells: the billing account, which
-- no commitment reaches beyond.
with covered as (
    select distinct
        charges.source,
        charges.billing_period,
        charges.charge_day,
        {{ match_key('charges.billing_account_id') }} as billing_account_key,
        charges.commitment_discount_id
    from {{ ref('int_charges__daily') }} as charges
    where
        {{ uses_commitment('charges') }}
        and charges.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

keyed as (
    select
        *,
        {{ commitment_key('commitment_discount_id') }} as commitment_key,
        {{ commitment_account('commitment_discount_id') }} as named_account_key
    from covered
),

commitments as (
    select distinct source, billing_period, commitment_key from keyed
),

paid as (
    select
        commitments.source,
        commitments.billing_period,
        commitments.commitment_key,
        accounts.billing_account_key,
        accounts.sub_account_key,
        rank() over (
            partition by commitments.source, commitments.billing_period, commitments.commitment_key
            order by accounts.billing_period desc
        ) as place
    from commitments
    inner join {{ ref('int_charges__commitment_account') }} as accounts
        on commitments.source = accounts.source
        and commitments.commitment_key = accounts.commitment_key
        and commitments.billing_period >= accounts.billing_period
),

bought as (
    select distinct source, billing_period, commitment_key, billing_account_key, sub_account_key
    from paid
    where place = 1
)

select
    keyed.source,
    keyed.billing_period,
    keyed.charge_day,
    keyed.billing_account_key,
    keyed.commitment_discount_id,
    keyed.commitment_key,
    coalesce(bought.billing_account_key, keyed.billing_account_key) as owner_billing_account_key,
    coalesce(bought.sub_account_key, keyed.named_account_key) as owner_sub_account_key,
    bought.commitment_key is not null or keyed.named_account_key <> '' as is_told
from keyed
left join bought
    on keyed.source = bought.source
    and keyed.billing_period = bought.billing_period
    and keyed.commitment_key = bought.commitment_key
