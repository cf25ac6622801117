{{ config(materialized='view') }}

-- The documents that wait for issue, and what stands in their way in any customer's month that they bill (R9.5).
with parts as (
    select
        periods.payer_id,
        periods.document_period,
        periods.period_start,
        periods.period_end,
        parts.*,
        parts.is_awaited or parts.due_count > 0 as is_needed,
        parts.source || case
            when parts.billing_period = periods.document_period then ''
            else strftime(parts.billing_period, ' %Y-%m')
        end as delivered
    from (
        select *, false as is_awaited from {{ ref('int_invoice__open_part') }}
        union all by name
        select *, 0 as due_count, 0 as unpriced_count, true as is_awaited from {{ ref('int_commitment__awaited') }}
    ) as parts
    inner join {{ ref('int_invoice__document_period') }} as periods
        on parts.customer_id = periods.customer_id
        and parts.billing_period = periods.billing_period
),

finality as (
    select in_force.source, in_force.billing_period, bool_and(delivery.is_final) as is_final
    from {{ source('ops', 'partition_in_force') }} as in_force
    inner join {{ source('ops', 'delivery') }} as delivery
        on in_force.delivery_id = delivery.delivery_id
    group by in_force.source, in_force.billing_period
),

reconciled as (
    select source, billing_period, bool_and(verdict = 'ties') as ties
    from {{ ref('int_reconciliation') }}
    group by source, billing_period
),

twice as (
    select
        periods.payer_id,
        periods.document_period,
        min('account ' || delivered.account_id || ' (' || delivered.service || ') comes from ' || delivered.sources) as example,
        count(*) as accounts
    from {{ ref('int_invoice__delivered_twice') }} as delivered
    inner join {{ ref('int_invoice__document_period') }} as periods
        on delivered.customer_id = periods.customer_id
        and delivered.billing_period = periods.billing_period
    group by periods.payer_id, periods.document_period
),

unconverted as (
    select
        periods.payer_id,
        periods.document_period,
        string_agg(distinct unconverted.reason, '; ' order by unconverted.reason) as reason
    from {{ ref('int_invoice__unconverted') }} as unconverted
    inner join {{ ref('int_invoice__document_period') }} as periods
        on unconverted.customer_id = periods.customer_id
        and unconverted.billing_period = periods.billing_period
    group by periods.payer_id, periods.document_period
)

select
    parts.payer_id as customer_id,
    parts.document_period as billing_period,
    parts.period_start,
    parts.period_end,
    case
        when sum(parts.unpriced_count) > 0
            then sum(parts.unpriced_count) || ' charges without a price (' || min(parts.unpriced_reason) || ')'
    end as unpriced,
    any_value(unconverted.reason) as unconverted,
    string_agg(
        distinct case when parts.due_count > 0 and not reconciled.ties then parts.delivered end, ', '
        order by case when parts.due_count > 0 and not reconciled.ties then parts.delivered end
    ) as not_tied,
    -- What is awaited and has not come at all is not final either.
    string_agg(
        distinct case when parts.is_needed and not coalesce(finality.is_final, not parts.is_awaited) then parts.delivered end, ', '
        order by case when parts.is_needed and not coalesce(finality.is_final, not parts.is_awaited) then parts.delivered end
    ) as not_final,
    any_value(
        twice.example || case when twice.accounts > 1 then ' and ' || (twice.accounts - 1) || ' more' else '' end
    ) as delivered_twice
from parts
left join reconciled
    on parts.source = reconciled.source
    and parts.billing_period = reconciled.billing_period
left join finality
    on parts.source = finality.source
    and parts.billing_period = finality.billing_period
left join twice
    on parts.payer_id = twice.payer_id
    and parts.document_period = twice.document_period
left join unconverted
    on parts.payer_id = unconverted.payer_id
    and parts.document_period = unconverted.document_period
group by parts.payer_id, parts.document_period, parts.period_start, parts.period_end
having sum(parts.due_count) > 0
