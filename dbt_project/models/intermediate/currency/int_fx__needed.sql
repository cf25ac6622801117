{{ config(materialized='view') }}

-- R8.1: the exchange rates that the periods being rebuilt need, and the last day on which one may have been published:
-- the day before the billing period starts (policy month), the charge day itself (policy charge_date).
with policy as (
    select fx_policy, base_currency from {{ source('config', 'reseller') }}
),

charges as (
    select distinct
        assigned.customer_id,
        daily.vendor_currency,
        case when policy.fx_policy = 'charge_date' then assigned.charge_day else assigned.billing_period end as on_date
    from {{ ref('int_charges__assigned') }} as assigned
    inner join {{ ref('int_charges__daily') }} as daily
        on assigned.charge_id = daily.charge_id
    cross join policy
    where assigned.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    union
    select
        pieces.customer_id,
        products.currency as vendor_currency,
        pieces.fx_day as on_date
    from {{ ref('int_subscriptions__piece') }} as pieces
    inner join {{ source('config', 'products') }} as products
        on pieces.product_id = products.product_id
),

needed as (
    select charges.vendor_currency as from_currency, customers.currency as to_currency, charges.on_date
    from charges
    inner join {{ source('config', 'customers') }} as customers
        on charges.customer_id = customers.customer_id
    union
    select books.currency as from_currency, customers.currency as to_currency, charges.on_date
    from charges
    inner join {{ source('config', 'customers') }} as customers
        on charges.customer_id = customers.customer_id
    inner join {{ source('config', 'contracts') }} as contracts
        on charges.customer_id = contracts.customer_id
    inner join {{ ref('int_rating__book_chain') }} as chain
        on contracts.price_book = chain.price_book
    inner join {{ source('config', 'price_books') }} as books
        on chain.searched_book = books.price_book
    union
    select customers.currency as from_currency, policy.base_currency as to_currency, charges.on_date
    from charges
    inner join {{ source('config', 'customers') }} as customers
        on charges.customer_id = customers.customer_id
    cross join policy
    union
    select charges.vendor_currency as from_currency, policy.base_currency as to_currency, charges.on_date
    from charges
    cross join policy
    union
    select from_currency, to_currency, on_date from {{ ref('int_fx__line_pair') }}
    union
    -- What was invoiced stays in the margin when the vendor withdraws the charge or the customer changes currency.
    select
        frozen.customer_currency as from_currency,
        policy.base_currency as to_currency,
        coalesce(
            frozen.fx_day, case when policy.fx_policy = 'charge_date' then frozen.charge_day else frozen.billing_period end
        ) as on_date
    from {{ source('ledger', 'rated_charge') }} as frozen
    cross join policy
    where frozen.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
)

select
    needed.*,
    case when policy.fx_policy = 'charge_date' then needed.on_date else needed.on_date - 1 end as last_date
from needed
cross join policy
