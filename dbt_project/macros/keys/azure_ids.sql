{#- An Azure id: blank and the zero GUID, which older exports write instead, are no value. -#}
{% macro azure_id(column) -%}
    nullif(nullif(trim({{ column }}), ''), '00000000-0000-0000-0000-000000000000')
{%- endmacro %}

{#-
The type in a resource id, lower case: …/providers/Microsoft.Sql/servers/s1/databases/d1 → microsoft.sql/servers/databases.
-#}
{% macro azure_resource_type(resource_id) -%}
    nullif(
        regexp_replace(
            regexp_extract(lower({{ resource_id }}), '^.*/providers/(.+)$', 1), '/([^/]+)/[^/]*', '/\1', 'g'
        ), ''
    )
{%- endmacro %}
