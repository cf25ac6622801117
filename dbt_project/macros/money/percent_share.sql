{#- part as a percentage of a positive whole, at ten decimals, for reading; it never enters a sum. -#}
{% macro percent_share(part, whole) -%}
    case
        when {{ whole }} > 0 and abs({{ part }}) < {{ whole }} * 100000000
            then cast(
                sign({{ part }}) * {{ exact_ratio('abs(' ~ part ~ ')', whole) }} * 100 as {{ money_type() }}
            )
    end
{%- endmacro %}
