{{ config(materialized='view') }}

{%- set described = [
    'charge_id', 'charge_day', 'line_id', 'vendor', 'publisher', 'service', 'service_category', 'sku', 'charge_description',
    'region', 'sub_account_id', 'billing_account_id', 'sub_account_name', 'resource_id', 'resource_name', 'charge_category',
    'charge_class', 'unit', 'tags'
] %}
{%- set kinds = ['bundle', 'volume', 'relationship', 'promotion'] %}

-- The sold charges behind each issued document and open draft, at the customer's price; of what the reseller pays, nothing.
{% for place in ['issued', 'draft'] %}
select
    document.document_id,
    document.customer_id,
    document.billing_period,
    rated.customer_id as used_by_customer_id,
    rated.billing_period as used_in_period,
    rated.{{ described | join(', rated.') }},
    {%- for name, given in [('quantity', 'quantity'), ('price', 'amount_before_discount'), ('discount_line', 'discount_line')] %}
    cast(document.charges_sign * rated.{{ given }} as {{ money_type() }}) as {{ name }},
    {%- endfor %}
    {%- for kind in kinds %}
    cast(document.charges_sign * coalesce(rated.discount_{{ kind }}, 0) as {{ money_type() }}) as discount_{{ kind }},
    {%- endfor %}
    cast(
        document.charges_sign * (
            rated.amount_before_discount - rated.discount_line
            {%- for kind in kinds %} - coalesce(rated.discount_{{ kind }}, 0){% endfor %}
        ) as {{ money_type() }}
    ) as net
from {{ ref('int_customer_file__document') }} as document
{% if place == 'issued' -%}
inner join {{ source('ledger', 'rated_charge') }} as rated
    on document.charges_document = rated.document_number
where rated.disposition = 'sold'
union all
{%- else -%}
inner join {{ ref('int_invoice__document_charge') }} as rated
    on document.customer_id = rated.payer_id
    and document.billing_period = rated.document_period
where document.status = 'Open' and rated.disposition = 'sold'
{%- endif %}
{% endfor %}
