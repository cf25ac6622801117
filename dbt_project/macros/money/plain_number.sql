{#- A decimal as text without trailing zeros: 12.500000000000 → 12.5. -#}
{% macro plain_number(value) -%}
    rtrim(rtrim(cast(cast({{ value }} as {{ money_type() }}) as varchar), '0'), '.')
{%- endmacro %}
