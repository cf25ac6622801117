{#- A top-level field of a JSON text as text; NULL where the text is no JSON or has no such field. -#}
{% macro json_field(json_text, field) -%}
    case when json_valid({{ json_text }}) then json_extract_string({{ json_text }}, '$.{{ field }}') end
{%- endmacro %}
