{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

{%- set described = rated_columns('described') %}
{%- set costs = rated_columns('costs') %}
{%- set rated = rated_columns('rated') %}
{%- set discounts = rated_columns('discounts') %}

with discounted as (
    select
        {% for discount in discounts %}
        {{ money_sum("case when 'discount_' || discount_kind = '" ~ discount ~ "' then amount end") }} as {{ discount }},
        {% endfor %}
        charge_id, customer_id
    from {{ ref('int_rated__discount') }}
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    group by charge_id, customer_id
),

open_rows as (
    select
        rated.charge_id, rated.customer_id, rated.billing_period, rated.charge_day, rated.disposition,
        {% for column in described %}described.{{ column }}, {% endfor %}
        {% for column in costs %}allotted.{{ column }}, {% endfor %}
        {% for column in rated %}rated.{{ column }}, {% endfor %}
        {% for discount in discounts %}coalesce(discounted.{{ discount }}, 0) as {{ discount }}, {% endfor %}
        {{ no_value('varchar') }} as corrected_charge_id, {{ no_value('varchar') }} as corrected_line_id
    from {{ ref('int_rating__open') }} as rated
    inner join {{ ref('int_charges__described') }} as described
        on rated.charge_id = described.charge_id
    inner join {{ ref('int_charges__allotted') }} as allotted
        on rated.charge_id = allotted.charge_id
        and rated.customer_id is not distinct from allotted.customer_id
    left join discounted
        on rated.charge_id = discounted.charge_id
        and rated.customer_id = discounted.customer_id
    left join {{ ref('int_invoice__issued_month') }} as issued
        on rated.customer_id = issued.customer_id
        and rated.billing_period = issued.billing_period
    where issued.customer_id is null
),

frozen_rows as (
    select frozen.*
    from {{ source('ledger', 'rated_charge') }} as frozen
    where
        frozen.document_number in (select issued.document_number from {{ ref('int_invoice__issued') }} as issued)
        and frozen.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
)

{%- set taken = ['disposition'] + described + costs + rated %}

{% for rows in ['open_rows', 'frozen_rows', 'corrections'] %}
select
    charge_id, customer_id, billing_period, charge_day, {{ taken | join(', ') }},
    {% for discount in discounts %}cast(coalesce({{ discount }}, 0) as {{ money_type() }}) as {{ discount }}, {% endfor %}
    corrected_charge_id, corrected_line_id, {{ 'true' if rows == 'frozen_rows' else 'false' }} as is_frozen
from {% if rows == 'corrections' %}{{ ref('int_correction__charge') }}{% else %}{{ rows }}{% endif %}
union all
{% endfor %}
select
    charge_id, customer_id, billing_period, charge_day, 'late' as disposition, {{ described | join(', ') }},
    {{ no_value(money_type()) }} as quantity, {{ no_value(money_type()) }} as list_cost,
    {{ no_value(money_type()) }} as contracted_cost, billed_cost, {{ no_value(money_type()) }} as effective_cost,
    {{ no_value(money_type()) }} as partner_credit,
    case source when 'own' then 'changed in subscriptions.csv' else 'changed by the vendor' end
    || ' after the invoice was issued' as reason, {{ no_value('varchar') }} as contract_id,
    {{ no_value('varchar') }} as rule_id, {{ no_value('varchar') }} as model, {{ no_value('varchar') }} as line_id,
    customer_currency, {{ no_value(fx_type()) }} as fx_rate, {{ no_value('date') }} as fx_date, cost,
    {{ no_value(money_type()) }} as list_amount, cast(0 as {{ money_type() }}) as amount_before_discount,
    {% for discount in discounts %}cast(0 as {{ money_type() }}) as {{ discount }}, {% endfor %}
    {{ no_value('varchar') }} as corrected_charge_id, {{ no_value('varchar') }} as corrected_line_id, false as is_frozen
from {{ ref('int_correction__late_charge') }}
