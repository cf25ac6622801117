{#- A stable id of twelve characters over several columns, for systems that allow no long ones. -#}
{% macro short_id(columns) -%}
    upper(left({{ stable_id(columns) }}, 12))
{%- endmacro %}
