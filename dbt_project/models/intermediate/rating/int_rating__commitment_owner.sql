{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- R5.5: whose each commitment is that covers usage, on the day: the customers who have the account that it was bought in,
-- by accounts.csv, or the reseller; else nobody known.
{%- set day = ['source', 'billing_period', 'charge_day', 'billing_account_key', 'commitment_discount_id'] %}

with told as (
    select
        {% for column in day %}days.{{ column }}, {% endfor %}
        case when days.is_told then coalesce(nullif(days.owner_sub_account_key, ''), days.owner_billing_account_key) end
            as owner_account_key,
        resolved.customer_id,
        owned.account_id is not null as is_resellers
    from {{ ref('int_charges__commitment_day') }} as days
    left join {{ ref('int_accounts__resolved') }} as resolved
        on days.source = resolved.source
        and days.owner_billing_account_key = resolved.billing_account_key
        and days.owner_sub_account_key = resolved.sub_account_key
        and days.commitment_key = resolved.commitment_key
        and days.charge_day = resolved.charge_day
    left join {{ source('config', 'owner_accounts') }} as owned
        on {{ match_key('days.source') }} = {{ match_key('owned.source') }}
        and (
            days.commitment_key = {{ commitment_key('owned.account_id') }}
            or days.is_told
            and coalesce(nullif(days.owner_sub_account_key, ''), days.owner_billing_account_key)
            = {{ match_key('owned.account_id') }}
        )
)

select
    {{ day | join(', ') }},
    customer_id,
    case when customer_id is not null then 'customer' when bool_or(is_resellers) then 'reseller' else 'unknown' end as owner_kind,
    max(owner_account_key) as owner_account_key
from told
group by {{ day | join(', ') }}, customer_id
