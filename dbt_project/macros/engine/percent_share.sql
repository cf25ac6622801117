{#-
part as a percentage of a positive whole, at six decimals, half away from zero; for reading, it never enters a sum. One
division of whole numbers, as in exact_ratio. NULL beyond a hundred million times the whole.
-#}
{% macro percent_share(part, whole) -%}
    case
        when abs({{ part }}) < {{ whole }} * 100000000
            then cast(sign({{ part }}) * cast(
                (
                    {{ whole_number('abs(' ~ part ~ ')') }} * cast(200000000 as hugeint) + {{ whole_number(whole) }}
                ) // ({{ whole_number(whole) }} * 2) as decimal(38, 0)
            ) * cast(0.000001 as decimal(12, 12)) as {{ money_type() }})
    end
{%- endmacro %}
