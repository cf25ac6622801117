{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_deliveries() }}"
) }}

-- R5.5: the accounts that commitments are paid from, month by month, as their purchases and unused parts show them.
select distinct
    charges.source,
    charges.scope,
    charges.billing_period,
    charges.delivery_id,
    {{ commitment_key('charges.commitment_discount_id') }} as commitment_key,
    {{ match_key('charges.billing_account_id') }} as billing_account_key,
    {{ match_key('charges.sub_account_id') }} as sub_account_key
from {{ ref('int_charges__daily') }} as charges
where
    {{ pays_for_commitment('charges') }}
    {% if is_incremental() %}
    and charges.delivery_id in ({{ dirty_deliveries() }})
    {% endif %}
