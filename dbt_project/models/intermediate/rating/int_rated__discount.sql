{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- Every discount on every charge, in the order of R7: those of its line, then its part of those on the whole period.
{% for applied in ['int_rating__line_discount', 'int_rating__discount_spread'] %}
select
    charge_id,
    customer_id,
    billing_period,
    line_id,
    discount_id,
    discount_kind,
    sequence,
    base,
    percent,
    amount
from {{ ref(applied) }}
{{ 'union all' if not loop.last }}
{% endfor %}
