{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- R9.3: issued months whose charges are no longer those that were invoiced: the vendor restated, withdrew or added rows, a
-- mapping was corrected, a subscription was changed. Prices do not count: they move no invoice (R4.4). Kept month by month,
-- so that a killed run finds them again.
{%- set measures = ['quantity', 'list_cost', 'contracted_cost', 'billed_cost', 'effective_cost'] %}
with months as (
    select * from {{ ref('int_invoice__issued_month') }}
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

current_rows as (
    select
        {% for measure in measures %}allotted.{{ measure }}, {% endfor %}
        allotted.customer_id, allotted.billing_period, allotted.charge_id
    from {{ ref('int_charges__allotted') }} as allotted
    inner join months
        on allotted.customer_id = months.customer_id
        and allotted.billing_period = months.billing_period
),

invoiced as (
    select
        {% for measure in measures %}-frozen.{{ measure }} as {{ measure }}, {% endfor %}
        frozen.customer_id, frozen.billing_period, coalesce(frozen.corrected_charge_id, frozen.charge_id) as charge_id
    from {{ source('ledger', 'rated_charge') }} as frozen
    inner join months
        on frozen.customer_id = months.customer_id
        and frozen.billing_period = months.billing_period
    where frozen.document_number in (select issued.document_number from {{ ref('int_invoice__issued') }} as issued)
),

differing as (
    select customer_id, billing_period, charge_id
    from (
        select * from current_rows
        union all
        select * from invoiced
    ) as compared
    group by customer_id, billing_period, charge_id
    having {% for measure in measures %}coalesce(sum({{ measure }}), 0) <> 0{{ ' or ' if not loop.last }}{% endfor %}
)

select
    months.customer_id,
    months.billing_period,
    -- What the month is rated from now: as long as it stays, the month need not be rated a second time.
    coalesce({{ rows_digest('current_rows', ['charge_id'] + measures) }}, '') as inputs
from months
left join current_rows
    on months.customer_id = current_rows.customer_id
    and months.billing_period = current_rows.billing_period
where (months.customer_id, months.billing_period) in (select (differing.customer_id, differing.billing_period) from differing)
group by months.customer_id, months.billing_period
