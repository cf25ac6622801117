{#- Text as it is compared everywhere: trimmed, case-insensitive, blank = no value = ''. -#}
{% macro match_key(column) -%}
    lower(trim(coalesce({{ column }}, '')))
{%- endmacro %}

{#- A stable id over several columns; NULL and '' count as the same, the separator cannot occur in a value. -#}
{% macro stable_id(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(cast({{ column }} as varchar), ''){{ " || chr(31) ||" if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
