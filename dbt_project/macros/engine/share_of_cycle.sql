{#-
One day's share of a whole cycle's amount: the difference of two cumulative shares, counted from the cycle's first day, so
that any run of days sums exactly and a refund gives back what the same days were charged. The whole is divided once per
piece, into equal parts and a rest below the number of days: the same result as exact_ratio(whole × days, cycle_days) at
a twentieth of the time. For amounts of 0 and more; expects cycle_days and day_number beside them.
-#}
{% macro equal_part(whole, days) -%}
    cast(
        cast({{ whole_number(whole) }} // {{ days }} as decimal(38, 0)) * cast(0.000000000001 as decimal(12, 12))
        as {{ money_type() }}
    )
{%- endmacro %}

{% macro indivisible_rest(whole, days) -%}
    cast({{ whole_number(whole) }} % {{ days }} as bigint)
{%- endmacro %}

{#- With a rate: of the converted amount, which is rounded cumulatively as well. -#}
{% macro share_of_cycle(whole, rate=none) -%}
    {%- set share -%}
        {{ whole }}_part + cast(
            {{ rest_before(whole, 'day_number + 1') }} - {{ rest_before(whole, 'day_number') }} as integer
        ) * cast(0.000000000001 as decimal(12, 12))
    {%- endset -%}
    cast(
        direction * {% if rate -%}
        case
            when {{ rate }} = 1 then {{ share }}
            else {{ money_mul(share_before(whole, 'day_number + 1'), rate) }} - {{ money_mul(share_before(whole, 'day_number'), rate) }}
        end
        {%- else -%}
        ({{ share }})
        {%- endif %} as {{ money_type() }}
    )
{%- endmacro %}

{% macro share_before(whole, days) -%}
    cast(
        {{ whole }}_part * ({{ days }}) + cast({{ rest_before(whole, days) }} as integer) * cast(0.000000000001 as decimal(12, 12))
        as {{ money_type() }}
    )
{%- endmacro %}

{#- What the rest has come to after some days, in parts of 1e-12, half up. -#}
{% macro rest_before(whole, days) -%}
    (({{ whole }}_rest * 2 * ({{ days }}) + cycle_days) // (cycle_days * 2))
{%- endmacro %}
