{#- A group's value where all members have the same one, else NULL. -#}
{% macro the_only(column) -%}
    case when count(*) = count({{ column }}) and min({{ column }}) = max({{ column }}) then min({{ column }}) end
{%- endmacro %}
