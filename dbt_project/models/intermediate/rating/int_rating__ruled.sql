{{ config(materialized='view') }}

-- Each charge of the periods being rebuilt with its contract, the rule that matches it, and what decides whether and
-- from which amount that rule prices it.
with charges as (
    select
        assigned.*,
        daily.source,
        daily.charge_category,
        daily.vendor_currency,
        daily.unit,
        daily.commitment_discount_id,
        daily.charge_category in ('Credit', 'Adjustment') as is_credit,
        {{ pays_for_commitment('daily') }} as pays_for_commitment,
        {{ uses_commitment('daily') }} as uses_commitment,
        {{ paid_commitment_key('daily') }} as paid_commitment_key,
        {{ match_key('daily.billing_account_id') }} as billing_account_key,
        {{ match_key('coalesce(daily.sub_account_id, daily.billing_account_id)') }} as account_key
    from {{ ref('int_charges__assigned') }} as assigned
    inner join {{ ref('int_charges__daily') }} as daily
        on assigned.charge_id = daily.charge_id
    where assigned.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

-- The reseller's own accounts and commitments.
reseller as (
    select distinct {{ match_key('source') }} as source_key, {{ commitment_key('account_id') }} as account_key
    from {{ source('config', 'owner_accounts') }}
),

owners as (
    select *
    from {{ ref('int_rating__commitment_owner') }}
    where customer_id is not null
        and billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
)

select
    charges.charge_id,
    charges.customer_id,
    charges.billing_period,
    charges.charge_day,
    charges.charge_category,
    charges.vendor_currency,
    charges.unit,
    charges.quantity,
    charges.list_cost,
    charges.contracted_cost,
    charges.billed_cost,
    charges.effective_cost,
    charges.is_credit,
    charges.pays_for_commitment,
    charges.uses_commitment and owners.customer_id is null as is_covered_by_another,
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
    coalesce(rules.model = 'cost_plus' and rules.basis in ('billed', 'effective'), false) as starts_from_cash,
    own_account.account_key is not null or own_commitment.account_key is not null as is_resellers
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
left join owners
    on charges.uses_commitment
    and charges.source = owners.source
    and charges.billing_period = owners.billing_period
    and charges.charge_day = owners.charge_day
    and charges.billing_account_key = owners.billing_account_key
    and charges.commitment_discount_id = owners.commitment_discount_id
    and charges.customer_id = owners.customer_id
left join reseller as own_account
    on {{ match_key('charges.source') }} = own_account.source_key
    and charges.account_key = own_account.account_key
left join reseller as own_commitment
    on {{ match_key('charges.source') }} = own_commitment.source_key
    and charges.paid_commitment_key = own_commitment.account_key
