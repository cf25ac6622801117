-- The candidates in the order in which they are tried: by kind (R7), then by group, best-qualified first. One that is
-- limited to some periods counts those in which it found enough to reduce: issued ones as invoiced, open ones by date.
with candidates as (
    select * from {{ ref('int_rating__discount_candidate') }}
),

-- A discount that corrections took back altogether was none.
issued as (
    select
        used_by_customer_id as customer_id,
        used_in_period as billing_period,
        discount_id
    from {{ source('ledger', 'document_line') }}
    where
        discount_id is not null
        and document_number in (select issued.document_number from {{ ref('int_invoice__issued') }} as issued)
    group by used_by_customer_id, used_in_period, discount_id
    having sum(exact_amount) <> 0
),

invoiced as (
    select customer_id, billing_period from {{ ref('int_invoice__issued_month') }}
),

earning as (
    select
        candidates.customer_id,
        candidates.billing_period,
        candidates.discount_id
    from candidates
    inner join {{ ref('int_rating__discount_part') }} as parts
        on candidates.customer_id = parts.customer_id
        and candidates.billing_period = parts.billing_period
        and candidates.vendor_key in ('', parts.vendor_key)
        and candidates.service_key in ('', parts.service_key)
        and candidates.sku_key in ('', parts.sku_key)
    left join invoiced
        on candidates.customer_id = invoiced.customer_id
        and candidates.billing_period = invoiced.billing_period
    where candidates.max_periods is not null and invoiced.customer_id is null
    group by candidates.customer_id, candidates.billing_period, candidates.discount_id, candidates.min_spend
    having sum(parts.net) > 0 and sum(parts.net) >= candidates.min_spend
    union
    select customer_id, billing_period, discount_id from issued
),

counted as (
    select
        *,
        row_number() over (partition by customer_id, discount_id order by billing_period) as nth
    from earning
),

-- A group that had its row on a line has had it (R7's order).
lines_had as (
    select distinct
        applied.customer_id,
        applied.billing_period,
        candidates.discount_group
    from candidates
    inner join {{ source('config', 'discounts') }} as discounts
        on candidates.discount_group = 'group ' || discounts.discount_group
    inner join {{ ref('int_rating__line_discount') }} as applied
        on discounts.discount_id = applied.discount_id
        and candidates.customer_id = applied.customer_id
        and candidates.billing_period = applied.billing_period
),

due as (
    select
        candidates.*,
        min(candidates.discount_id) over (
            partition by
                candidates.customer_id, candidates.billing_period, candidates.kind_order, candidates.discount_group
        ) as group_order
    from candidates
    left join counted
        on candidates.customer_id = counted.customer_id
        and candidates.billing_period = counted.billing_period
        and candidates.discount_id = counted.discount_id
    left join lines_had
        on candidates.customer_id = lines_had.customer_id
        and candidates.billing_period = lines_had.billing_period
        and candidates.discount_group = lines_had.discount_group
    where
        candidates.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
        and lines_had.customer_id is null
        and (candidates.max_periods is null or counted.nth <= candidates.max_periods)
)

select
    * exclude (group_order),
    row_number() over (
        partition by customer_id, billing_period
        order by
            kind_order, group_order,
            case when kind_order = 1 then min_services else 0 end desc,
            case when kind_order <= 2 then min_spend else 0 end desc,
            percent desc, min_tenure_months desc, discount_id
    ) as place
from due
