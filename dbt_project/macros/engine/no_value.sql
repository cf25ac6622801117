{#- A typed NULL, for the branches of a union. -#}
{% macro no_value(type) %}cast(null as {{ type }}){% endmacro %}
