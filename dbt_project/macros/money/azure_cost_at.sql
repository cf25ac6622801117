{#-
What a charge costs at one of its unit prices, else at the other one, else as charged. A price that was charged gives
the cost itself: quantities are cut at eight decimals, so that their product is less exact. Nothing was used of the
unused part of a commitment. ``given``: a column with the cost at that price as Microsoft states it.
-#}
{% macro azure_cost_at(unit_price, other_price, given=none) -%}
    case
        when is_unused then 0
        {%- if given %}
        when {{ given }} is not null then {{ given }}
        {%- endif %}
        when coalesce({{ unit_price }}, {{ other_price }}, effective_unit_price) = effective_unit_price then cost
        else coalesce({{ money_mul('coalesce(' ~ unit_price ~ ', ' ~ other_price ~ ')', 'quantity') }}, cost)
    end
{%- endmacro %}
