{#-
What their line discounts take off each charge (R7.1), of the charges that a relation names by some of its columns: only
those are added up.
-#}
{% macro line_discounts_of(wanted, keys) -%}
    select
        applied.charge_id,
        applied.customer_id,
        {{ money_sum('applied.amount') }} as amount
    from {{ ref('int_rating__line_discount') }} as applied
    inner join {{ wanted }} as wanted
        on {% for key in keys %}{{ 'and ' if not loop.first }}applied.{{ key }} = wanted.{{ key }} {% endfor %}
    group by applied.charge_id, applied.customer_id
{%- endmacro %}
