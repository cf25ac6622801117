{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- R7.2 to R7.5: the discounts on a whole billing period that dates, owner and tenure allow a customer without an invoice.
-- They count on the period's last day, under the last contract in force in the period.
with periods as (
    select distinct billing_period, cast(billing_period + interval 1 month as date) - 1 as last_day
    from {{ source('ops', 'dirty_period') }}
),

discounts as (
    select * from {{ source('config', 'discounts') }}
    where kind <> 'line'
),

contracts as (
    select
        periods.billing_period,
        contracts.customer_id,
        contracts.contract_id,
        contracts.valid_from,
        row_number() over (
            partition by periods.billing_period, contracts.customer_id
            order by contracts.valid_from desc nulls last, contracts.contract_id
        ) as place
    from {{ source('config', 'contracts') }} as contracts
    inner join periods
        on coalesce(contracts.valid_from, periods.last_day) <= periods.last_day
        and (contracts.valid_to is null or contracts.valid_to > periods.billing_period)
),

issued as (
    select customer_id, billing_period from {{ ref('int_invoice__issued_month') }}
),

customers as (
    select
        customers.customer_id,
        periods.billing_period,
        periods.last_day,
        contracts.contract_id,
        coalesce(customers.since, contracts.valid_from) as tenure_start
    from {{ source('config', 'customers') }} as customers
    cross join periods
    left join contracts
        on customers.customer_id = contracts.customer_id
        and periods.billing_period = contracts.billing_period
        and contracts.place = 1
    left join issued
        on customers.customer_id = issued.customer_id
        and periods.billing_period = issued.billing_period
    where issued.customer_id is null
)

select
    customers.customer_id,
    customers.billing_period,
    discounts.discount_id,
    discounts.kind as discount_kind,
    coalesce('group ' || discounts.discount_group, 'alone ' || discounts.discount_id) as discount_group,
    case discounts.kind when 'bundle' then 1 when 'volume' then 2 when 'relationship' then 3 else 4 end as kind_order,
    {{ match_key('discounts.vendor') }} as vendor_key,
    {{ match_key('discounts.service') }} as service_key,
    {{ match_key('discounts.sku') }} as sku_key,
    coalesce(discounts.min_services, 1) as min_services,
    cast(coalesce(discounts.min_spend, 0) as {{ money_type() }}) as min_spend,
    coalesce(discounts.min_spend_scope, 'each') as min_spend_scope,
    coalesce(discounts.min_tenure_months, 0) as min_tenure_months,
    discounts.percent,
    discounts.max_amount,
    discounts.max_periods
from customers
inner join discounts
    on coalesce(discounts.customer_id, customers.customer_id) = customers.customer_id
    and (discounts.contract_id is null or discounts.contract_id = customers.contract_id)
    and {{ valid_on('discounts', 'customers.last_day') }}
where
    discounts.min_tenure_months is null
    or cast(customers.tenure_start + discounts.min_tenure_months * interval 1 month as date) <= customers.last_day
