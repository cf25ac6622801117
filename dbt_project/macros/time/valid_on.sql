{#- True when the day lies in the half-open validity [valid_from, valid_to) of a row; open ends are NULL. -#}
{% macro valid_on(alias, day) -%}
    (
        ({{ alias }}.valid_from is null or {{ alias }}.valid_from <= {{ day }})
        and ({{ alias }}.valid_to is null or {{ day }} < {{ alias }}.valid_to)
    )
{%- endmacro %}
