{#- Days of the calendar month that a date lies in. -#}
{% macro days_in_month(day) -%}
    extract(day from last_day({{ day }}))
{%- endmacro %}
