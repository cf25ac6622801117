-- What happens to each charge and, when it is sold, the amount that its rule starts from. No conversion yet.
with charges as (
    select
        assigned.*,
        daily.source,
        daily.billing_account_id,
        daily.sub_account_id,
        daily.charge_category,
        daily.vendor_currency,
        daily.unit,
        daily.charge_category in ('Credit', 'Adjustment') as is_credit,
        daily.charge_category = 'Purchase' and daily.commitment_discount_id is not null as is_commitment_purchase
    from {{ ref('int_charges__assigned') }} as assigned
    inner join {{ ref('int_charges__daily') }} as daily
        on assigned.charge_id = daily.charge_id
    where assigned.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

owner_accounts as (
    select distinct {{ match_key('source') }} as source_key, {{ match_key('account_id') }} as account_key
    from {{ source('config', 'owner_accounts') }}
),

ruled as (
    select
        charges.*,
        contracted.contract_id,
        rules.rule_id,
        rules.model,
        rules.basis,
        rules.percent,
        rules.unit_price,
        rules.unit as rule_unit,
        rules.included_quantity,
        rules.package_size,
        coalesce(rules.pass_credits, false) as pass_credits,
        books.currency as book_currency,
        coalesce(rules.model in {{ quantity_models() }}, false) as prices_quantity,
        owners.account_key is not null as is_reseller_account
    from charges
    left join {{ ref('int_rating__contracted') }} as contracted
        on charges.charge_id = contracted.charge_id
        and charges.customer_id = contracted.customer_id
    left join {{ ref('int_rating__matched') }} as matched
        on contracted.price_book = matched.price_book
        and contracted.charge_day = matched.charge_day
        and contracted.vendor_key = matched.vendor_key
        and contracted.publisher_key = matched.publisher_key
        and contracted.service_key = matched.service_key
        and contracted.sku_key = matched.sku_key
        and contracted.region_key = matched.region_key
        and contracted.charge_category_key = matched.charge_category_key
    left join {{ source('config', 'price_rules') }} as rules
        on matched.rule_id = rules.rule_id
    left join {{ source('config', 'price_books') }} as books
        on rules.price_book = books.price_book
    left join owner_accounts as owners
        on {{ match_key('charges.source') }} = owners.source_key
        and owners.account_key = {{ match_key('coalesce(charges.sub_account_id, charges.billing_account_id)') }}
),

based as (
    select
        *,
        case
            -- Credits have no quantity to price: a rule that passes them on passes what the vendor credited.
            when is_credit and model not in {{ cost_models() }} then billed_cost
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
        when customer_id is null and is_reseller_account then 'kept'
        when customer_id is null then 'unallocated'
        when is_credit and not pass_credits then 'kept'
        when contract_id is null or rule_id is null then 'unpriced'
        when is_commitment_purchase and not (model = 'cost_plus' and basis in ('billed', 'effective')) then 'kept'
        when
            prices_quantity and not is_credit
            and ({{ match_key('unit') }} <> {{ match_key('rule_unit') }} or quantity is null)
            then 'unpriced'
        when basis_amount is null and (is_credit or model in {{ cost_models() }}) then 'unpriced'
        else 'sold'
    end as disposition,
    case
        when charge_category = 'Tax' then 'vendor tax is the reseller''s input tax'
        when customer_id is null and is_reseller_account then 'the reseller''s own account'
        when customer_id is null then 'no row of accounts.csv claims this account on this day'
        when is_credit and not pass_credits then 'the rule does not pass credits on'
        when contract_id is null then 'no contract on this day'
        when rule_id is null then 'no price rule matches'
        when is_commitment_purchase and not (model = 'cost_plus' and basis in ('billed', 'effective'))
            then 'commitment purchase: the usage that it covers is billed'
        when prices_quantity and not is_credit and quantity is null then 'the vendor gives no quantity'
        when prices_quantity and not is_credit and {{ match_key('unit') }} <> {{ match_key('rule_unit') }}
            then 'rule ' || rule_id || ' prices ' || rule_unit || ', the charge comes in ' || coalesce(unit, 'no unit')
        when basis_amount is null and (is_credit or model in {{ cost_models() }})
            then 'the vendor gives no ' || case when model = 'list_minus' then 'list' else basis end || ' cost'
    end as reason
from based
