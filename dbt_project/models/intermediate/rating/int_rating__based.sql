-- What happens to each charge and, when it is sold, the amount that its rule starts from. No conversion yet.
-- R5.5: usage that another's commitment covers starts from what it would have cost uncovered. 0 is no such price, but
-- for rows that count and cost nothing themselves (AWS's negations).
with ruled as (
    select
        *,
        case when coalesce(quantity, 0) = 0 and coalesce(effective_cost, 0) = 0 then contracted_cost end as cost_of_nothing
    from {{ ref('int_rating__ruled') }}
),

based as (
    select
        *,
        pays_for_commitment and not starts_from_cash as is_billed_otherwise,
        is_covered_by_another and starts_from_cash as is_rated_as_uncovered,
        case
            -- Credits have no quantity to price: a rule that passes them on passes what the vendor credited.
            when is_credit and model not in {{ cost_models() }} then billed_cost
            when is_covered_by_another and starts_from_cash
                then coalesce(nullif(contracted_cost, 0), nullif(list_cost, 0), cost_of_nothing)
            when model = 'list_minus' or basis = 'list' then list_cost
            when basis = 'contracted' then contracted_cost
            when basis = 'effective' then effective_cost
            when basis = 'billed' then billed_cost
        end as basis_amount
    from ruled
)

select
    charge_id,
    customer_id,
    billing_period,
    charge_day,
    vendor_currency,
    unit,
    quantity,
    contract_id,
    rule_id,
    model,
    percent,
    unit_price,
    included_quantity,
    package_size,
    is_credit,
    prices_quantity,
    basis_amount,
    case when model not in {{ cost_models() }} and not is_credit then book_currency else vendor_currency end as charge_currency,
    case
        when charge_category = 'Tax' then 'kept'
        when customer_id is null and is_resellers then 'kept'
        when customer_id is null then 'unallocated'
        when is_credit and not pass_credits then 'kept'
        when contract_id is null or rule_id is null then 'unpriced'
        when is_billed_otherwise then 'kept'
        when
            prices_quantity and not is_credit
            and ({{ match_key('unit') }} <> {{ match_key('rule_unit') }} or quantity is null)
            then 'unpriced'
        when basis_amount is null and (is_credit or model in {{ cost_models() }}) then 'unpriced'
        else 'sold'
    end as disposition,
    case
        when charge_category = 'Tax' then 'vendor tax is the reseller''s input tax'
        when customer_id is null and is_resellers then 'the reseller''s own account'
        when customer_id is null then 'no row of accounts.csv claims this account on this day'
        when is_credit and not pass_credits then 'the rule does not pass credits on'
        when contract_id is null then 'no contract on this day'
        when rule_id is null then 'no price rule matches'
        when is_billed_otherwise and charge_category = 'Purchase'
            then 'commitment purchase: the usage that it covers is billed'
        when is_billed_otherwise then 'unused commitment: the usage that it covers is billed'
        when prices_quantity and not is_credit and quantity is null then 'the vendor gives no quantity'
        when prices_quantity and not is_credit and {{ match_key('unit') }} <> {{ match_key('rule_unit') }}
            then 'rule ' || rule_id || ' prices ' || rule_unit || ', the charge comes in ' || coalesce(unit, 'no unit')
        when is_rated_as_uncovered and basis_amount is null
            then 'covered by another''s commitment, and the vendor gives no contracted or list cost'
        when basis_amount is null and (is_credit or model in {{ cost_models() }})
            then 'the vendor gives no ' || case when model = 'list_minus' then 'list' else basis end || ' cost'
        when is_rated_as_uncovered then 'covered by another''s commitment: rated as uncovered'
    end as reason
from based
