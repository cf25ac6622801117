-- One draft per payer and document period that has anything sold or unpriced, or a line without a charge behind it, and no
-- invoice yet; with every reason why it may not be issued (R9.5).
with draws as (
    select
        customer_id,
        billing_period,
        sum(amount) as drawn,
        sum(remaining) as balance
    from {{ ref('int_prepaid__draw') }}
    group by customer_id, billing_period
),

-- The payer's contract that is the last one in force in the period says when it is paid.
schemes as (
    select
        states.customer_id,
        states.billing_period,
        max_by(contracts.payment_scheme, coalesce(contracts.valid_from, date '0001-01-01')) = 'prepaid' as is_prepaid
    from {{ ref('int_invoice__draft_state') }} as states
    inner join {{ source('config', 'contracts') }} as contracts
        on states.customer_id = contracts.customer_id
        and coalesce(contracts.valid_from, states.period_start) < states.period_end
        and coalesce(contracts.valid_to > states.period_start, true)
    group by states.customer_id, states.billing_period
),

-- What a credit note credits, where it is one document.
referenced as (
    select
        customer_id,
        billing_period,
        case when min(reference_document) = max(reference_document) then min(reference_document) end as reference_document
    from {{ ref('int_invoice__draft_lines') }}
    group by customer_id, billing_period
)

select
    states.customer_id,
    states.billing_period,
    states.period_start,
    states.period_end,
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
    case when totals.net_amount < 0 then referenced.reference_document end as reference_document,
    customers.purchase_order,
    customers.buyer_reference,
    customers.locale,
    case when schemes.is_prepaid then 0 else customers.payment_terms_days end as payment_terms_days,
    nullif(concat_ws(
        '; ',
        states.unpriced,
        states.unconverted,
        'no tax rate for ' || customers.country || ', category ' || totals.untaxed,
        'the vendor''s total does not tie for ' || states.not_tied
    ), '') as blocked_reason,
    nullif(concat_ws(
        '; ',
        'not final: ' || states.not_final,
        'delivered twice: ' || states.delivered_twice
    ), '') as force_reason_needed
from {{ ref('int_invoice__draft_state') }} as states
inner join {{ source('config', 'customers') }} as customers
    on states.customer_id = customers.customer_id
left join {{ ref('int_invoice__draft_total') }} as totals
    on states.customer_id = totals.customer_id
    and states.billing_period = totals.billing_period
left join draws
    on states.customer_id = draws.customer_id
    and states.billing_period = draws.billing_period
left join schemes
    on states.customer_id = schemes.customer_id
    and states.billing_period = schemes.billing_period
left join referenced
    on states.customer_id = referenced.customer_id
    and states.billing_period = referenced.billing_period
