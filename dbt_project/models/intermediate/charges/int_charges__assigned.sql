{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

with charges as (
    select
        daily.*,
        {{ match_key('daily.billing_account_id') }} as billing_account_key,
        {{ match_key('daily.sub_account_id') }} as sub_account_key,
        {{ paid_commitment_key('daily') }} as commitment_key
    from {{ ref('int_charges__daily') }} as daily
    where daily.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

joined as (
    select
        charges.charge_id,
        charges.billing_period,
        charges.charge_day,
        owners.customer_id,
        coalesce(owners.share, 100) as share,
        coalesce(owners.takes_remainder, true) as takes_remainder,
        charges.quantity,
        coalesce(charges.list_cost, listed.list_cost) as list_cost,
        charges.contracted_cost,
        charges.billed_cost,
        charges.effective_cost,
        charges.partner_credit
    from charges
    left join {{ ref('int_accounts__resolved') }} as owners
        on charges.source = owners.source
        and charges.billing_account_key = owners.billing_account_key
        and charges.sub_account_key = owners.sub_account_key
        and charges.commitment_key = owners.commitment_key
        and charges.charge_day = owners.charge_day
    left join {{ ref('int_charges__list_price') }} as listed
        on charges.charge_id = listed.charge_id
),

whole as (
    select * from joined
    where share = 100
),

-- R3.2: every part at full precision; the last customer takes the remainder, so parts sum to the whole.
parts as (
    select
        charge_id,
        billing_period,
        charge_day,
        customer_id,
        share,
        takes_remainder,
        {{ part_of_account('quantity') }} as quantity,
        {{ part_of_account('list_cost') }} as list_cost,
        {{ part_of_account('contracted_cost') }} as contracted_cost,
        {{ part_of_account('billed_cost') }} as billed_cost,
        {{ part_of_account('effective_cost') }} as effective_cost,
        {{ part_of_account('partner_credit') }} as partner_credit
    from joined
    where share <> 100
)

select * from whole
union all
select * from parts
