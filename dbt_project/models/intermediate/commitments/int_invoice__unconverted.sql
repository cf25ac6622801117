{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- Why a customer's billing period lacks a line that no charge stands behind: it blocks its invoice (R8.1).
with reasons as (
    select customer_id, billing_period, reason from {{ ref('int_commitment__true_up') }}
    union
    select customer_id, billing_period, reason from {{ ref('int_adjustment__converted') }}
)

select
    customer_id,
    billing_period,
    string_agg(reason, '; ' order by reason) as reason
from reasons
where reason is not null
group by customer_id, billing_period
