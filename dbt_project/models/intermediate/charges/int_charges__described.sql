{{ config(materialized='view') }}

{#- What a charge is, be it a vendor's or one of the reseller's own products (R6): where rating looks it up. -#}
{%- set columns = [
    'source', 'vendor', 'publisher', 'service', 'service_category', 'sku', 'charge_description', 'region',
    'billing_account_id', 'sub_account_id', 'sub_account_name', 'resource_id', 'resource_name', 'charge_category',
    'charge_class', 'pricing_category', 'commitment_discount_id', 'commitment_discount_status', 'delivery_id', 'unit',
    'vendor_currency', 'tags'
] %}
{%- set own = {
    'source': 'source', 'vendor': 'vendor', 'publisher': 'publisher', 'service': 'service', 'service_category': "'Other'",
    'sku': 'sku', 'charge_description': 'charge_description', 'charge_category': "'Purchase'",
    'delivery_id': "'subscriptions.csv'", 'unit': "'unit'", 'vendor_currency': 'vendor_currency'
} %}

select
    charge_id,
    billing_period,
    {{ columns | join(', ') }},
    {{ no_value('varchar') }} as subscription_id,
    false as is_refund,
    {{ no_value('varchar') }} as refunded_document,
    {{ no_value('date') }} as fx_day
from {{ ref('int_charges__daily') }}
union all
select
    charge_id,
    billing_period,
    {% for column in columns %}{{ own.get(column, no_value('varchar')) }} as {{ column }}, {% endfor %}
    subscription_id,
    is_refund,
    refunded_document,
    fx_day
from {{ ref('int_subscriptions__charge') }}
