{#-
Text that holds the members of a JSON object, with or without its braces, as a JSON object. What is no JSON even then
becomes null: a reader of tags must be able to rely on them. `json_valid` is an extension that every DuckDB has.
-#}
{% macro json_object_text(column) -%}
    case
        when json_valid({{ column }}) and left(trim({{ column }}), 1) = chr(123) then {{ column }}
        when json_valid(chr(123) || {{ column }} || chr(125)) then chr(123) || {{ column }} || chr(125)
    end
{%- endmacro %}
