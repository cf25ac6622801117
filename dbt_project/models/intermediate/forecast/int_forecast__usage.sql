{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- What a forecast continues: usage as sold after discounts, day by day. A flat price is due however much is used, and a
-- vendor's correction does not come again tomorrow.
select
    customer_id,
    billing_period,
    source,
    vendor,
    service,
    charge_day as day,
    customer_currency as currency,
    {{ money_sum(
        'amount_before_discount - discount_line - discount_bundle - discount_volume - discount_relationship'
        ~ ' - discount_promotion'
    ) }} as amount
from {{ ref('int_rated') }}
where
    billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    and disposition = 'sold'
    and charge_category = 'Usage'
    and source <> 'own'
    and model <> 'flat'
    and coalesce(charge_class, '') <> 'Correction'
group by customer_id, billing_period, source, vendor, service, charge_day, customer_currency
