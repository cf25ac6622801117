{#- The columns that every staging model of charges yields: what the engine knows of a vendor's row. -#}
{% macro charge_columns() -%}
    {{ return([
        'source', 'scope', 'delivery_id', 'billing_period', 'file_name', 'row_number_in_file',
        'charge_day', 'charge_period_start', 'charge_period_end',
        'billing_account_id', 'billing_account_name', 'sub_account_id', 'sub_account_name',
        'vendor', 'host_provider', 'publisher', 'invoice_issuer', 'vendor_invoice_id',
        'service', 'service_category', 'service_subcategory', 'sku', 'sku_price_id', 'charge_description',
        'region', 'region_name', 'availability_zone', 'resource_id', 'resource_name', 'resource_type',
        'charge_category', 'charge_class', 'charge_frequency', 'pricing_category',
        'commitment_discount_id', 'commitment_discount_name', 'commitment_discount_category',
        'commitment_discount_type', 'commitment_discount_status',
        'vendor_currency', 'unit', 'quantity', 'consumed_unit', 'consumed_quantity',
        'list_unit_price', 'contracted_unit_price',
        'list_cost', 'contracted_cost', 'billed_cost', 'effective_cost', 'partner_credit', 'tags'
    ]) }}
{%- endmacro %}
