{#- The kinds of discounts, in the order in which they apply (R7). -#}
{% macro discount_kinds() -%}
    {{ return(['line', 'bundle', 'volume', 'relationship', 'promotion']) }}
{%- endmacro %}
