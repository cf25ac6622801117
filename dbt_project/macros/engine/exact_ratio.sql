{#-
numerator / denominator at 12 decimals without binary floating point: both are taken as whole numbers of 1e-12 and
divided as such. Rounded half up; meant for a positive ratio (exchange rates) or a share between 0 and 1.
Errors: overflows (raises) when the numerator passes 1e14. NULL when the denominator is 0.
-#}
{% macro exact_ratio(numerator, denominator) -%}
    {{ return(adapter.dispatch('exact_ratio')(numerator, denominator)) }}
{%- endmacro %}

{% macro default__exact_ratio(numerator, denominator) -%}
    cast(
        cast(
            (
                {{ whole_number(numerator) }} * cast(2000000000000 as hugeint)
                + {{ whole_number(denominator) }}
            ) // nullif({{ whole_number(denominator) }} * cast(2 as hugeint), 0)
            as decimal(38, 0)
        ) * cast(0.000000000001 as decimal(12, 12))
        as decimal(28, 12)
    )
{%- endmacro %}

{#- A 12-decimal value as the whole number of its 1e-12 parts. -#}
{% macro whole_number(value) -%}
    cast(cast({{ value }} as decimal(38, 12)) * cast(1000000000000 as decimal(13, 0)) as hugeint)
{%- endmacro %}
