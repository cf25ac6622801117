{#-
A digest of a group's rows, whatever their order: equal digests, equal rows. NULL for no rows, those of an outer join that
found nothing included. The first column tells rows apart and is never NULL.
-#}
{% macro rows_digest(relation, columns) -%}
    {%- set named = [] -%}
    {%- for column in columns %}{% do named.append(relation ~ '.' ~ column) %}{% endfor -%}
    md5(
        string_agg({{ stable_id(named) }}, '' order by {{ named[0] }})
        filter (where {{ named[0] }} is not null)
    )
{%- endmacro %}
