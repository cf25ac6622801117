{#- The day from which the book's own charges are billed here; what fell due before was billed elsewhere. -#}
{% macro billing_starts() -%}
    coalesce((select min(started.billing_starts) from {{ source('config', 'reseller') }} as started), date '0001-01-01')
{%- endmacro %}
