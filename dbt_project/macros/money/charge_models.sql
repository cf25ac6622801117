{#- The charge models whose amount starts from a quantity in the rule's unit (R5). -#}
{% macro quantity_models() %}('unit_price', 'graduated', 'volume', 'package'){% endmacro %}

{#- Those of them that price what a billing period has accumulated by tiers or packages. -#}
{% macro accumulating_models() %}('graduated', 'volume', 'package'){% endmacro %}

{#- The charge models that start from one of the vendor's own amounts. -#}
{% macro cost_models() %}('cost_plus', 'list_minus'){% endmacro %}
