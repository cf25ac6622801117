{#-
A JSON object as text, also where the vendor leaves out the braces. What is no object even then becomes null: a reader
of tags must be able to rely on them.
-#}
{% macro json_object_text(json_text) -%}
    case
        when starts_with({{ json_text }}, '{') and json_valid({{ json_text }}) then {{ json_text }}
        when json_valid('{' || {{ json_text }} || '}') then '{' || {{ json_text }} || '}'
    end
{%- endmacro %}
