-- One draft per customer and billing period that has anything sold or unpriced, or a line without a charge behind it, and
-- no invoice yet; with every reason why it may not be issued (R9.5).
with issued as (
    select distinct customer_id, billing_period from {{ ref('int_invoice__issued') }}
),

charged as (
    select
        rated.customer_id,
        rated.billing_period,
        rated.source,
        count(case when rated.disposition = 'unpriced' then 1 end) as unpriced_count,
        min(case when rated.disposition = 'unpriced' then rated.reason end) as unpriced_reason,
        false as is_awaited
    from {{ ref('int_rated') }} as rated
    left join issued
        on rated.customer_id = issued.customer_id
        and rated.billing_period = issued.billing_period
    where
        rated.disposition in ('sold', 'unpriced')
        and not rated.is_frozen
        and issued.customer_id is null
    group by rated.customer_id, rated.billing_period, rated.source
    {% for chargeless in ['int_invoice__draft_total', 'int_invoice__unconverted', 'int_commitment__awaited'] %}
    {%- set is_awaited = chargeless == 'int_commitment__awaited' %}
    union all
    select
        lines.customer_id,
        lines.billing_period,
        {{ 'lines.source' if is_awaited else no_value('varchar') }} as source,
        0 as unpriced_count,
        {{ no_value('varchar') }} as unpriced_reason,
        {{ is_awaited }} as is_awaited
    from {{ ref(chargeless) }} as lines
    left join issued
        on lines.customer_id = issued.customer_id
        and lines.billing_period = issued.billing_period
    where issued.customer_id is null
    {% endfor %}
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
        customer_id,
        billing_period,
        min('account ' || account_id || ' (' || service || ') comes from ' || sources) as example,
        count(*) as accounts
    from {{ ref('int_invoice__delivered_twice') }}
    group by customer_id, billing_period
),

per_customer as (
    select
        charged.customer_id,
        charged.billing_period,
        case
            when sum(charged.unpriced_count) > 0
                then sum(charged.unpriced_count) || ' charges without a price (' || min(charged.unpriced_reason) || ')'
        end as unpriced,
        string_agg(
            case when not reconciled.ties and not charged.is_awaited then charged.source end, ', ' order by charged.source
        ) as not_tied,
        -- What is awaited and has not come at all is not final either.
        string_agg(
            distinct case when not coalesce(finality.is_final, not charged.is_awaited) then charged.source end, ', '
            order by case when not coalesce(finality.is_final, not charged.is_awaited) then charged.source end
        ) as not_final
    from charged
    left join reconciled
        on charged.source = reconciled.source
        and charged.billing_period = reconciled.billing_period
    left join finality
        on charged.source = finality.source
        and charged.billing_period = finality.billing_period
    group by charged.customer_id, charged.billing_period
),

draws as (
    select
        customer_id,
        billing_period,
        sum(amount) as drawn,
        sum(remaining) as balance
    from {{ ref('int_prepaid__draw') }}
    group by customer_id, billing_period
),

-- The contract that is the last one in force in the period says when it is paid.
schemes as (
    select
        per_customer.customer_id,
        per_customer.billing_period,
        max_by(contracts.payment_scheme, coalesce(contracts.valid_from, date '0001-01-01')) = 'prepaid' as is_prepaid
    from per_customer
    inner join {{ source('config', 'contracts') }} as contracts
        on per_customer.customer_id = contracts.customer_id
        and coalesce(contracts.valid_from, per_customer.billing_period) <= last_day(per_customer.billing_period)
        and coalesce(contracts.valid_to > per_customer.billing_period, true)
    group by per_customer.customer_id, per_customer.billing_period
)

select
    per_customer.customer_id,
    per_customer.billing_period,
    case when totals.net_amount < 0 then 'credit_note' else 'invoice' end as document_type,
    customers.currency,
    cast(coalesce(totals.net_amount, 0) as {{ document_money_type() }}) as net_amount,
    cast(coalesce(totals.tax_amount, 0) as {{ document_money_type() }}) as tax_amount,
    cast(coalesce(totals.gross_amount, 0) as {{ document_money_type() }}) as gross_amount,
    cast(coalesce(draws.drawn, 0) as {{ document_money_type() }}) as prepaid_drawn,
    cast(coalesce(totals.gross_amount, 0) - coalesce(draws.drawn, 0) as {{ document_money_type() }}) as payable_amount,
    cast(
        coalesce(draws.balance, case when schemes.is_prepaid then 0 end) as {{ document_money_type() }}
    ) as prepaid_balance,
    customers.purchase_order,
    customers.buyer_reference,
    customers.locale,
    case when schemes.is_prepaid then 0 else customers.payment_terms_days end as payment_terms_days,
    nullif(concat_ws(
        '; ',
        per_customer.unpriced,
        unconverted.reason,
        'no tax rate for ' || customers.country || ', category ' || totals.untaxed,
        'the vendor''s total does not tie for ' || per_customer.not_tied
    ), '') as blocked_reason,
    nullif(concat_ws(
        '; ',
        'not final: ' || per_customer.not_final,
        'delivered twice: ' || twice.example
        || case when twice.accounts > 1 then ' and ' || (twice.accounts - 1) || ' more' else '' end
    ), '') as force_reason_needed
from per_customer
inner join {{ source('config', 'customers') }} as customers
    on per_customer.customer_id = customers.customer_id
left join twice
    on per_customer.customer_id = twice.customer_id
    and per_customer.billing_period = twice.billing_period
left join {{ ref('int_invoice__unconverted') }} as unconverted
    on per_customer.customer_id = unconverted.customer_id
    and per_customer.billing_period = unconverted.billing_period
left join {{ ref('int_invoice__draft_total') }} as totals
    on per_customer.customer_id = totals.customer_id
    and per_customer.billing_period = totals.billing_period
left join draws
    on per_customer.customer_id = draws.customer_id
    and per_customer.billing_period = draws.billing_period
left join schemes
    on per_customer.customer_id = schemes.customer_id
    and per_customer.billing_period = schemes.billing_period
