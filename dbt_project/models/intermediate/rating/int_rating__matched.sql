-- R4.1: of the rules whose every given selector matches, the most specific wins.
{%- set product = ['vendor_key', 'publisher_key', 'service_key', 'sku_key', 'region_key', 'charge_category_key'] %}
{%- set keys = 'product_days.' ~ product | join(', product_days.') %}

with rules as (
    select
        price_book,
        rule_id,
        priority,
        specificity,
        valid_from,
        valid_to,
        {{ match_key('vendor') }} as vendor_key,
        {{ match_key('publisher') }} as publisher_key,
        {{ match_key('service') }} as service_key,
        {{ match_key('sku') }} as sku_key,
        {{ match_key('region') }} as region_key,
        {{ match_key('charge_category') }} as charge_category_key,
        case
            when {{ match_key('sku') }} <> '' then 4
            when {{ match_key('service') }} <> '' then 3
            when {{ match_key('publisher') }} <> '' then 2
            when {{ match_key('vendor') }} <> '' then 1
            else 0
        end as join_level
    from {{ source('config', 'price_rules') }}
),

product_days as (
    select distinct price_book, charge_day, {{ product | join(', ') }}
    from {{ ref('int_rating__contracted') }}
    where price_book is not null
),

products as (
    select distinct price_book, {{ product | join(', ') }}
    from product_days
),

searched as (
    select products.*, chain.searched_book, chain.depth
    from products
    inner join {{ ref('int_rating__book_chain') }} as chain
        on products.price_book = chain.price_book
),

-- One equality join per level of specificity, so that 20,000 rules stay a hash join and never a cross join.
candidates as (
    {% for level, column in [(4, 'sku_key'), (3, 'service_key'), (2, 'publisher_key'), (1, 'vendor_key'), (0, none)] %}
    select
        searched.*,
        rules.rule_id,
        rules.specificity,
        rules.priority,
        rules.valid_from,
        rules.valid_to,
        case when rules.region_key = '' then 0 else 1 end as names_region,
        case when rules.charge_category_key = '' then 0 else 1 end as names_category
    from searched
    inner join rules
        on searched.searched_book = rules.price_book
        {% if column %}and searched.{{ column }} = rules.{{ column }}{% endif %}
    where
        rules.join_level = {{ level }}
        {% for selector in product %}
        and rules.{{ selector }} in ('', searched.{{ selector }})
        {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked as (
    select
        product_days.*,
        candidates.rule_id,
        row_number() over (
            partition by product_days.price_book, product_days.charge_day, {{ keys }}
            order by
                candidates.depth,
                candidates.specificity desc,
                candidates.names_region desc,
                candidates.names_category desc,
                candidates.priority,
                candidates.rule_id
        ) as place
    from product_days
    inner join candidates
        on product_days.price_book = candidates.price_book
        {% for key in product %}
        and product_days.{{ key }} = candidates.{{ key }}
        {% endfor %}
        and {{ valid_on('candidates', 'product_days.charge_day') }}
)

select price_book, charge_day, {{ product | join(', ') }}, rule_id
from ranked
where place = 1
