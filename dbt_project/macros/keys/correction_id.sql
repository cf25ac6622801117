{#-
The id of a line or charge that corrects an original: another one after each document that bills or corrects the month, and
the same one in every run before that.
-#}
{% macro correction_id(original, documents) -%}
    {{ stable_id(["'correction'", original, documents]) }}
{%- endmacro %}
