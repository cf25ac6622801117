{#- What some of a cycle's days are worth of its amount, at 12 decimals: one division, last. For amounts of 0 and more. -#}
{% macro days_share(amount, days, cycle_days) -%}
    cast(
        cast(
            ({{ whole_number(amount) }} * {{ days }} * 2 + {{ cycle_days }}) // ({{ cycle_days }} * 2)
            as decimal(38, 0)
        ) * cast(0.000000000001 as decimal(12, 12))
        as {{ money_type() }}
    )
{%- endmacro %}
