{{ config(materialized='view') }}

{#- Every kind of vendor file in one shape: nothing after this model knows which vendor a charge came from. -#}
{%- set staged = [
    ref('stg_focus__charges'), ref('stg_aws_cur__charges'), ref('stg_azure_cost__charges'),
    ref('stg_gcp_billing__charges'), ref('stg_partner_center__charges'),
] %}

{% for charges in staged %}
select {{ charge_columns() | join(', ') }}
from {{ charges }}
{%- if not loop.last %}
union all
{%- endif %}
{% endfor %}
