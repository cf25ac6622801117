-- What the vendor changed after the customer's invoice was issued and nothing corrects yet: cost without revenue, between the
-- build that finds it and the next, or for good where the difference is held (rerated.month).
with months as (
    select issued.*
    from {{ ref('int_invoice__issued_month') }} as issued
    left join {{ ref('int_correction__month') }} as corrected
        on issued.customer_id = corrected.customer_id
        and issued.billing_period = corrected.billing_period
    where
        corrected.customer_id is null
        and issued.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

current_rows as (
    select
        rated.charge_id, rated.customer_id, rated.billing_period, rated.charge_day,
        {% for column in rated_columns('described') %}described.{{ column }}, {% endfor %}
        rated.customer_currency, allotted.billed_cost, rated.cost
    from {{ ref('int_rating__open') }} as rated
    inner join months
        on rated.customer_id = months.customer_id
        and rated.billing_period = months.billing_period
    inner join {{ ref('int_charges__described') }} as described
        on rated.charge_id = described.charge_id
    inner join {{ ref('int_charges__allotted') }} as allotted
        on rated.charge_id = allotted.charge_id
        and rated.customer_id = allotted.customer_id
),

frozen_rows as (
    select
        coalesce(frozen.corrected_charge_id, frozen.charge_id) as charge_id, frozen.customer_id, frozen.billing_period,
        min(frozen.charge_day) as charge_day,
        {% for column in rated_columns('described') %}min(frozen.{{ column }}) as {{ column }}, {% endfor %}
        min(frozen.customer_currency) as customer_currency, sum(frozen.billed_cost) as billed_cost, sum(frozen.cost) as cost
    from {{ source('ledger', 'rated_charge') }} as frozen
    inner join months
        on frozen.customer_id = months.customer_id
        and frozen.billing_period = months.billing_period
    where frozen.document_number in (select issued.document_number from {{ ref('int_invoice__issued') }} as issued)
    group by coalesce(frozen.corrected_charge_id, frozen.charge_id), frozen.customer_id, frozen.billing_period
)

select
    coalesce(current_rows.charge_id, frozen_rows.charge_id) as charge_id,
    coalesce(current_rows.customer_id, frozen_rows.customer_id) as customer_id,
    coalesce(current_rows.billing_period, frozen_rows.billing_period) as billing_period,
    coalesce(current_rows.charge_day, frozen_rows.charge_day) as charge_day,
    {% for column in rated_columns('described') + ['customer_currency'] %}
    coalesce(current_rows.{{ column }}, frozen_rows.{{ column }}) as {{ column }},
    {% endfor %}
    cast(
        coalesce(current_rows.billed_cost, 0) - coalesce(frozen_rows.billed_cost, 0) as {{ money_type() }}
    ) as billed_cost,
    cast(coalesce(current_rows.cost, 0) - coalesce(frozen_rows.cost, 0) as {{ money_type() }}) as cost
from current_rows
full outer join frozen_rows
    on current_rows.charge_id = frozen_rows.charge_id
    and current_rows.customer_id = frozen_rows.customer_id
where coalesce(current_rows.billed_cost, 0) <> coalesce(frozen_rows.billed_cost, 0)
