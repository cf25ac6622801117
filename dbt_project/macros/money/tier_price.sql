{#-
What a quantity costs in graduated tiers, given the tier that it falls in: all that lies below the tier, its fee, and
its units. No tier (nothing used) costs nothing; below zero the price mirrors itself.
-#}
{% macro tier_price(tier, quantity) -%}
    coalesce(
        case when {{ quantity }} < 0 then -1 else 1 end * (
            {{ tier }}.amount_below + {{ tier }}.flat_fee
            + {{ money_mul('abs(' ~ quantity ~ ') - ' ~ tier ~ '.starts_after', tier ~ '.unit_price') }}
        ), 0
    )
{%- endmacro %}

{#-
Join condition: the tier of a rule that a quantity falls in; `up_to` belongs to the tier (R5.1). The open last tier ends
with the largest decimal: an OR would keep an outer join from hashing its keys.
-#}
{% macro falls_in_tier(tier, quantity) -%}
    abs({{ quantity }}) > {{ tier }}.starts_after
    and abs({{ quantity }}) <= coalesce({{ tier }}.up_to, {{ largest_quantity() }})
{%- endmacro %}

{#- What a cumulative quantity costs in packages: a started one is charged whole; mirrored below zero. -#}
{% macro package_price(quantity) -%}
    {{ money_mul(
        'case when ' ~ quantity ~ ' < 0 then -1 else 1 end * '
        ~ whole_packages('abs(' ~ billable_quantity(quantity, 'included_quantity') ~ ')', 'package_size'),
        'unit_price'
    ) }}
{%- endmacro %}
