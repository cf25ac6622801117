{#-
The ids of the deliveries to rebuild, as a list for `in (…)`: literals, which reach the scan of the raw tables through
every staging view, where a subquery would read the whole history first. A subquery again when they are too many.
-#}
{% macro dirty_deliveries() -%}
    {%- set subquery = 'select dirty.delivery_id from ' ~ source('ops', 'dirty_delivery') ~ ' as dirty' -%}
    {%- set found = run_query(subquery).columns[0].values() if execute else [] -%}
    {%- if 0 < found | length <= 500 -%}
        '{{ found | join("', '") }}'
    {%- else -%}
        {{ subquery }}
    {%- endif -%}
{%- endmacro %}
