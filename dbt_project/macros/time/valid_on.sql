{#-
True when the day lies in the half-open validity [valid_from, valid_to) of a row; open ends are NULL. Two comparisons,
no OR: an outer join on it then hashes its keys instead of comparing every row with every other.
-#}
{% macro valid_on(alias, day) -%}
    (
        coalesce({{ alias }}.valid_from, date '0001-01-01') <= {{ day }}
        and {{ day }} < coalesce({{ alias }}.valid_to, date '9999-12-31')
    )
{%- endmacro %}
