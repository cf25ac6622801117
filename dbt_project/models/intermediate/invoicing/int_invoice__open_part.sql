{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- What of a customer's month is not billed yet, by source: the charges that a document must wait for or take along.
with charges as (
    select
        customer_id,
        billing_period,
        source,
        count(case when disposition in ('sold', 'unpriced') then 1 end) as due_count,
        count(case when disposition = 'unpriced' then 1 end) as unpriced_count,
        min(case when disposition = 'unpriced' then reason end) as unpriced_reason
    from {{ ref('int_rated') }}
    where
        disposition in ('sold', 'unpriced', 'kept')
        and customer_id is not null
        and not is_frozen
        and billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    group by customer_id, billing_period, source
),

-- Months with a line, or one that cannot be computed, and no charge at all.
lines as (
    {% for chargeless in ['int_invoice__open_line', 'int_invoice__unconverted'] %}
    select lines.customer_id, lines.billing_period
    from {{ ref(chargeless) }} as lines
    left join charges
        on lines.customer_id = charges.customer_id
        and lines.billing_period = charges.billing_period
    where
        charges.customer_id is null
        and lines.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select * from charges
union all
select
    customer_id,
    billing_period,
    {{ no_value('varchar') }} as source,
    1 as due_count,
    0 as unpriced_count,
    {{ no_value('varchar') }} as unpriced_reason
from lines
