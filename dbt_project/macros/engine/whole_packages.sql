{#- How many packages hold a quantity of zero or more: the exact quotient, rounded up. -#}
{% macro whole_packages(quantity, size) -%}
    cast(
        ({{ whole_number(quantity) }} + {{ whole_number(size) }} - 1) // {{ whole_number(size) }}
        as {{ money_type() }}
    )
{%- endmacro %}
