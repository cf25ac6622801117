{#-
Pre-hooks of the incremental models: whole partitions are replaced, in the transaction of the insert, so rows that a
vendor withdrew vanish and a killed build leaves the old rows.
-#}
{% macro delete_dirty_deliveries() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where exists (
        select 1 from ops.dirty_delivery as dirty
        where dirty.source = {{ this }}.source
            and dirty.scope = {{ this }}.scope
            and dirty.billing_period = {{ this }}.billing_period
    )
    {%- endif -%}
{%- endmacro %}

{% macro delete_dirty_periods() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where billing_period in (select billing_period from ops.dirty_period)
    {%- endif -%}
{%- endmacro %}
