{#- Whole days from one date to a later one. -#}
{% macro days_between(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}
