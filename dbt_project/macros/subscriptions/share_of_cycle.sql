{#-
What one day takes of a whole cycle's amount: the difference of two cumulative shares, counted from the cycle's first day,
so that any run of days sums exactly and a refund gives back what the same days were charged. With a rate: of the
converted amount.
-#}
{% macro share_of_cycle(whole, rate=none) -%}
    cast(
        direction * (
            {{ cycle_share_before(whole, 'day_number + 1', rate) }} - {{ cycle_share_before(whole, 'day_number', rate) }}
        ) as {{ money_type() }}
    )
{%- endmacro %}

{% macro cycle_share_before(whole, days, rate) -%}
    {%- set share = exact_ratio('(' ~ whole ~ ') * (' ~ days ~ ')', 'cycle_days') -%}
    {{ money_mul(share, rate) if rate else share }}
{%- endmacro %}
