{#- What is left of a cumulative quantity after the free units; mirrored below zero. -#}
{% macro billable_quantity(quantity, included) -%}
    cast(
        case when {{ quantity }} < 0 then -1 else 1 end
        * greatest(abs({{ quantity }}) - coalesce({{ included }}, 0), 0) as {{ money_type() }}
    )
{%- endmacro %}
