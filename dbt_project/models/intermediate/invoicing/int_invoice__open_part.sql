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
        and corrected_charge_id is null
        and billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    group by customer_id, billing_period, source
),

-- What corrects an invoiced month, by the source that it came from.
corrections as (
    select
        lines.customer_id,
        lines.billing_period,
        nullif(lines.source, 'own') as source,
        count(*) as due_count
    from {{ ref('int_correction__line') }} as lines
    inner join {{ ref('int_invoice__issued_month') }} as issued
        on lines.customer_id = issued.customer_id
        and lines.billing_period = issued.billing_period
    where lines.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    group by lines.customer_id, lines.billing_period, nullif(lines.source, 'own')
),

-- Months with a line, or one that cannot be computed, and no charge at all.
lines as (
    {% for chargeless in ['int_invoice__open_line', 'int_invoice__unconverted'] %}
    select lines.customer_id, lines.billing_period
    from {{ ref(chargeless) }} as lines
    left join charges
        on lines.customer_id = charges.customer_id
        and lines.billing_period = charges.billing_period
    left join corrections
        on lines.customer_id = corrections.customer_id
        and lines.billing_period = corrections.billing_period
    where
        charges.customer_id is null
        and corrections.customer_id is null
        and lines.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select *, false as is_correction from charges
union all
select
    customer_id,
    billing_period,
    source,
    due_count,
    0 as unpriced_count,
    {{ no_value('varchar') }} as unpriced_reason,
    true as is_correction
from corrections
union all
select
    customer_id,
    billing_period,
    {{ no_value('varchar') }} as source,
    1 as due_count,
    0 as unpriced_count,
    {{ no_value('varchar') }} as unpriced_reason,
    false as is_correction
from lines
