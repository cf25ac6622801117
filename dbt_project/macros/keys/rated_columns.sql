{#- The columns of a rated charge, by what they are: the same in int_rated, in the ledger that freezes it, and in corrections. -#}
{% macro rated_columns(kind) -%}
    {{ return({
        'described': [
            'source', 'vendor', 'publisher', 'service', 'service_category', 'sku', 'charge_description', 'region',
            'billing_account_id', 'sub_account_id', 'sub_account_name', 'resource_id', 'resource_name', 'charge_category',
            'charge_class', 'pricing_category', 'commitment_discount_id', 'commitment_discount_status', 'delivery_id',
            'unit', 'vendor_currency', 'tags', 'subscription_id', 'fx_day'
        ],
        'costs': ['quantity', 'list_cost', 'contracted_cost', 'billed_cost', 'effective_cost', 'partner_credit'],
        'rated': [
            'reason', 'contract_id', 'rule_id', 'model', 'line_id', 'customer_currency', 'fx_rate', 'fx_date', 'cost',
            'list_amount', 'amount_before_discount'
        ],
        'discounts': [
            'discount_line', 'discount_bundle', 'discount_volume', 'discount_relationship', 'discount_promotion'
        ]
    }[kind]) }}
{%- endmacro %}
