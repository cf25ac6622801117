{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

{%- set described = [
    'source', 'vendor', 'publisher', 'service', 'service_category', 'sku', 'charge_description', 'region',
    'billing_account_id', 'sub_account_id', 'sub_account_name', 'resource_id', 'resource_name', 'charge_category',
    'charge_class', 'pricing_category', 'commitment_discount_id', 'commitment_discount_status', 'delivery_id', 'unit',
    'vendor_currency', 'subscription_id', 'fx_day'
] %}
{%- set costs = ['quantity', 'list_cost', 'contracted_cost', 'billed_cost', 'effective_cost', 'partner_credit'] %}
{%- set kinds = ['line', 'bundle', 'volume', 'relationship', 'promotion'] %}
{%- set rated = [
    'reason', 'contract_id', 'rule_id', 'model', 'line_id', 'customer_currency', 'fx_rate', 'fx_date', 'cost',
    'list_amount', 'amount_before_discount'
] %}

with discounted as (
    select
        {% for kind in kinds %}{{ money_sum("case when discount_kind = '" ~ kind ~ "' then amount end") }} as discount_{{ kind }},
        {% endfor %}charge_id, customer_id
    from {{ ref('int_rated__discount') }}
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    group by charge_id, customer_id
),

issued as (
    select distinct customer_id, billing_period from {{ ref('int_invoice__issued') }}
),

current_rows as (
    select
        rated.charge_id, rated.customer_id, rated.billing_period, rated.charge_day, rated.disposition,
        {% for column in described %}described.{{ column }}, {% endfor %}
        {% for column in costs %}allotted.{{ column }}, {% endfor %}
        {% for column in rated %}rated.{{ column }}, {% endfor %}
        {% for kind in kinds %}coalesce(discounted.discount_{{ kind }}, 0) as discount_{{ kind }}, {% endfor %}
        issued.customer_id is not null as is_issued
    from {{ ref('int_rating__open') }} as rated
    inner join {{ ref('int_charges__described') }} as described
        on rated.charge_id = described.charge_id
    inner join {{ ref('int_charges__allotted') }} as allotted
        on rated.charge_id = allotted.charge_id
        and rated.customer_id is not distinct from allotted.customer_id
    left join discounted
        on rated.charge_id = discounted.charge_id
        and rated.customer_id = discounted.customer_id
    left join issued
        on rated.customer_id = issued.customer_id
        and rated.billing_period = issued.billing_period
),

frozen_rows as (
    select frozen.*
    from {{ source('ledger', 'rated_charge') }} as frozen
    where
        frozen.document_number in (select issued.document_number from {{ ref('int_invoice__issued') }} as issued)
        and frozen.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

-- What the vendor changed after the customer's invoice was issued: cost that waits for a correction (R9.3).
late_rows as (
    select
        current_rows.charge_id, current_rows.customer_id, current_rows.billing_period, current_rows.charge_day,
        {% for column in described %}current_rows.{{ column }}, {% endfor %}
        current_rows.customer_currency,
        current_rows.billed_cost - coalesce(frozen_rows.billed_cost, 0) as billed_cost,
        current_rows.cost - coalesce(frozen_rows.cost, 0) as cost
    from current_rows
    left join frozen_rows
        on current_rows.charge_id = frozen_rows.charge_id
        and current_rows.customer_id = frozen_rows.customer_id
    where current_rows.is_issued and current_rows.billed_cost <> coalesce(frozen_rows.billed_cost, 0)
    union all
    select
        frozen_rows.charge_id, frozen_rows.customer_id, frozen_rows.billing_period, frozen_rows.charge_day,
        {% for column in described %}frozen_rows.{{ column }}, {% endfor %}
        frozen_rows.customer_currency,
        -frozen_rows.billed_cost as billed_cost,
        -frozen_rows.cost as cost
    from frozen_rows
    left join current_rows
        on frozen_rows.charge_id = current_rows.charge_id
        and frozen_rows.customer_id = current_rows.customer_id
    where current_rows.charge_id is null and frozen_rows.billed_cost <> 0
)

select
    charge_id, customer_id, billing_period, charge_day, disposition, {{ described | join(', ') }}, {{ costs | join(', ') }},
    {{ rated | join(', ') }},
    {% for kind in kinds %}cast(discount_{{ kind }} as {{ money_type() }}) as discount_{{ kind }}, {% endfor %}
    false as is_frozen
from current_rows
where not is_issued
union all
select
    charge_id, customer_id, billing_period, charge_day, disposition, {{ described | join(', ') }}, {{ costs | join(', ') }},
    {{ rated | join(', ') }},
    {% for kind in kinds %}coalesce(discount_{{ kind }}, 0) as discount_{{ kind }}, {% endfor %}
    true as is_frozen
from frozen_rows
union all
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
    {% for kind in kinds %}cast(0 as {{ money_type() }}) as discount_{{ kind }}, {% endfor %}
    false as is_frozen
from late_rows
