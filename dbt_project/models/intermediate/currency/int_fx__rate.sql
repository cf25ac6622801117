-- R8.1: the last rate published before the billing period starts (policy month) or on or before the charge day
-- (policy charge_date), at most 10 days old; direct, else inverse, else crossed over a common base such as EUR.
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
),

windowed as (
    select
        needed.*,
        case when policy.fx_policy = 'charge_date' then needed.on_date + 1 else needed.on_date end as before_date
    from needed
    cross join policy
    where needed.from_currency <> needed.to_currency
),

published as (
    select date as fx_date, base, quote, rate, source as fx_source from {{ source('config', 'fx_rates') }}
),

found as (
    select
        windowed.from_currency, windowed.to_currency, windowed.on_date, published.fx_date,
        1 as preference, published.rate, published.fx_source
    from windowed
    inner join published
        on windowed.from_currency = published.base
        and windowed.to_currency = published.quote
        and published.fx_date < windowed.before_date
        and published.fx_date >= windowed.on_date - 10
    union all
    select
        windowed.from_currency, windowed.to_currency, windowed.on_date, published.fx_date,
        2 as preference, {{ exact_ratio('1', 'published.rate') }} as rate, published.fx_source
    from windowed
    inner join published
        on windowed.from_currency = published.quote
        and windowed.to_currency = published.base
        and published.fx_date < windowed.before_date
        and published.fx_date >= windowed.on_date - 10
    union all
    select
        windowed.from_currency, windowed.to_currency, windowed.on_date, leg_from.fx_date,
        3 as preference, {{ exact_ratio('leg_to.rate', 'leg_from.rate') }} as rate, leg_from.fx_source
    from windowed
    inner join published as leg_from
        on windowed.from_currency = leg_from.quote
        and leg_from.fx_date < windowed.before_date
        and leg_from.fx_date >= windowed.on_date - 10
    inner join published as leg_to
        on windowed.to_currency = leg_to.quote
        and leg_from.base = leg_to.base
        and leg_from.fx_date = leg_to.fx_date
),

ranked as (
    select
        *,
        row_number() over (
            partition by from_currency, to_currency, on_date order by preference, fx_date desc, fx_source
        ) as place
    from found
)

select
    from_currency,
    to_currency,
    on_date,
    cast(rate as {{ fx_type() }}) as fx_rate,
    fx_date,
    fx_source
from ranked
where place = 1
union all
select
    from_currency,
    to_currency,
    on_date,
    cast(1 as {{ fx_type() }}) as fx_rate,
    on_date as fx_date,
    'same currency' as fx_source
from needed
where from_currency = to_currency
