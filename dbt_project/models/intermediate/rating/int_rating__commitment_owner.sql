{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- R5.5: whose each commitment is that covers usage, on the day: the customers who have the account that bought it, by
-- accounts.csv, or the reseller. Where nothing tells the account: the only customer of the billing account, which no
-- commitment reaches beyond. Else unknown.
{%- set day = ['source', 'billing_period', 'charge_day', 'billing_account_key', 'commitment_discount_id'] %}

with told as (
    select
        {% for column in day %}days.{{ column }}, {% endfor %}
        coalesce(nullif(days.owner_sub_account_key, ''), days.owner_billing_account_key) as owner_account_key,
        resolved.customer_id,
        owned.account_id is not null as is_reseller
    from {{ ref('int_charges__commitment_day') }} as days
    left join {{ ref('int_accounts__resolved') }} as resolved
        on days.source = resolved.source
        and days.owner_billing_account_key = resolved.billing_account_key
        and days.owner_sub_account_key = resolved.sub_account_key
        and days.commitment_key = resolved.commitment_key
        and days.charge_day = resolved.charge_day
    left join {{ source('config', 'owner_accounts') }} as owned
        on {{ match_key('days.source') }} = {{ match_key('owned.source') }}
        and {{ commitment_key('owned.account_id') }} in (
            days.commitment_key, coalesce(nullif(days.owner_sub_account_key, ''), days.owner_billing_account_key)
        )
),

untold as (
    select distinct source, billing_period, billing_account_key
    from told
    where customer_id is null and not is_reseller and owner_account_key = ''
),

sole as (
    select
        untold.source,
        untold.billing_period,
        untold.billing_account_key,
        max(assigned.customer_id) as customer_id
    from untold
    inner join {{ ref('int_charges__daily') }} as daily
        on untold.source = daily.source
        and untold.billing_period = daily.billing_period
        and untold.billing_account_key = {{ match_key('daily.billing_account_id') }}
    inner join {{ ref('int_charges__assigned') }} as assigned
        on daily.charge_id = assigned.charge_id
    where daily.charge_category in ('Usage', 'Purchase')
    group by untold.source, untold.billing_period, untold.billing_account_key
    having count(distinct coalesce(assigned.customer_id, '')) = 1
),

known as (
    select
        told.*,
        coalesce(told.customer_id, sole.customer_id) as owner_id
    from told
    left join sole
        on told.source = sole.source
        and told.billing_period = sole.billing_period
        and told.billing_account_key = sole.billing_account_key
        and told.owner_account_key = ''
        and not told.is_reseller
)

select
    {{ day | join(', ') }},
    owner_id as customer_id,
    case when owner_id is not null then 'customer' when bool_or(is_reseller) then 'reseller' else 'unknown' end as owner_kind,
    max(owner_account_key) as owner_account_key
from known
group by {{ day | join(', ') }}, owner_id
