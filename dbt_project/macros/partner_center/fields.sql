{#- Partner Center's texts as the engine compares them. -#}

{#- A text, or NULL where it is blank. -#}
{% macro given_text(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{#- A customer's tenant; the old REST API writes it as org:<tenant>. -#}
{% macro tenant_id(column) -%}
    case
        when lower({{ column }}) like 'org:%' then nullif(trim(substring({{ column }}, 5)), '')
        else {{ given_text(column) }}
    end
{%- endmacro %}

{#- What a reconciliation line and the daily usage that explains it have in common (Microsoft's documented key). -#}
{% macro usage_key(alias) -%}
    md5(
        {{ match_key(alias ~ '.InvoiceNumber') }} || chr(31) ||
        lower(coalesce({{ tenant_id(alias ~ '.CustomerId') }}, '')) || chr(31) ||
        {{ match_key(alias ~ '.ProductId') }} || chr(31) ||
        {{ match_key(alias ~ '.SkuId') }} || chr(31) ||
        {{ match_key(alias ~ '.SubscriptionId') }}
    )
{%- endmacro %}

{#- Product and SKU as one id, CFQ7TTC0HL8W:0001; NULL where the product is not given. -#}
{% macro product_sku(alias) -%}
    {{ given_text(alias ~ '.ProductId') }} || ':' || coalesce({{ given_text(alias ~ '.SkuId') }}, '')
{%- endmacro %}

{#- Pricing to billing currency; 1 only where both are the same one. -#}
{% macro exchange_rate(alias, currency) -%}
    coalesce(
        {{ alias }}.PCToBCExchangeRate,
        case
            when coalesce({{ given_text(alias ~ '.PricingCurrency') }}, {{ currency }}) = {{ currency }}
                then cast(1 as {{ money_type() }})
        end
    )
{%- endmacro %}

{#- Partner earned credit in percent: the export says 15, the old REST API 0.15. -#}
{% macro as_percent(column) -%}
    case when abs({{ column }}) <= 1 then {{ column }} * 100 else {{ column }} end
{%- endmacro %}

{#- Reservation or savings plan, by the product's name: neither file has a column that says so. -#}
{% macro commitment_kind(name) -%}
    case
        when lower({{ name }}) like '%savings plan%' then 'Savings Plan'
        when lower({{ name }}) like '%reservation%' or lower({{ name }}) like '%reserved%' then 'Reservation'
    end
{%- endmacro %}
