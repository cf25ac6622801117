{#- The columns that make a daily charge one charge; charge_id is the stable id over them. -#}
{% macro charge_grain() -%}
    {{ return([
        'source', 'scope', 'billing_period', 'charge_day', 'billing_account_id', 'sub_account_id', 'vendor', 'publisher',
        'service', 'sku', 'region', 'resource_id', 'charge_category', 'charge_class', 'pricing_category',
        'commitment_discount_id', 'commitment_discount_status', 'vendor_currency', 'unit'
    ]) }}
{%- endmacro %}
