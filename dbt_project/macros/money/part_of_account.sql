{#- One customer's part of a shared account's charge; whoever takes the remainder makes the parts sum to the whole. -#}
{% macro part_of_account(measure) -%}
    cast(
        case
            when takes_remainder then {{ measure }} - sum(
                case when takes_remainder then 0 else {{ percent_of(measure, 'share') }} end
            ) over (partition by charge_id)
            else {{ percent_of(measure, 'share') }}
        end as {{ money_type() }}
    )
{%- endmacro %}
