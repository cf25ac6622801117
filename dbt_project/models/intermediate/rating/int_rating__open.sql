{{ config(materialized='view') }}

-- The charges of the periods being rebuilt, priced in the customer's currency within their rule's minimum and maximum;
-- beside them the reseller's own products (R6).
select
    converted.charge_id,
    converted.customer_id,
    converted.billing_period,
    converted.charge_day,
    converted.contract_id,
    converted.rule_id,
    converted.model,
    case when bounded.lacks_rate then 'unpriced' else converted.disposition end as disposition,
    case when bounded.lacks_rate then bounded.reason else converted.reason end as reason,
    case when bounded.lacks_rate then null else converted.line_id end as line_id,
    converted.customer_currency,
    converted.fx_rate,
    converted.fx_date,
    converted.cost,
    converted.list_amount,
    cast(
        case
            when bounded.lacks_rate then 0
            else converted.amount_before_discount + coalesce(bounded.difference, 0)
        end as {{ money_type() }}
    ) as amount_before_discount
from {{ ref('int_rating__converted') }} as converted
left join {{ ref('int_rating__bounded') }} as bounded
    on converted.charge_id = bounded.charge_id
    and converted.customer_id = bounded.customer_id
union all
select
    charge_id,
    customer_id,
    billing_period,
    charge_day,
    contract_id,
    {{ no_value('varchar') }} as rule_id,
    model,
    disposition,
    reason,
    line_id,
    customer_currency,
    fx_rate,
    fx_date,
    cost,
    list_amount,
    amount_before_discount
from {{ ref('int_subscriptions__charge') }}
