{#-
The only place where numeric types are spelled. 28 digits with 12 decimals leave 16 digits before the point:
ten thousand million million in any currency. Products of two such values keep 24 decimals until rounded.
-#}
{% macro money_type() %}decimal(28, 12){% endmacro %}
{% macro document_money_type() %}decimal(18, 4){% endmacro %}
{% macro percent_type() %}decimal(10, 6){% endmacro %}
{% macro fx_type() %}decimal(24, 12){% endmacro %}

{#- More than any quantity, sums included. -#}
{% macro largest_quantity() %}cast(99999999999999999999999999.999999999999 as decimal(38, 12)){% endmacro %}
