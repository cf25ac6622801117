-- Every discount on a whole billing period is a line of its own (R7): a bundle under its vendor, the others under the
-- vendor or service that their row names, else under the whole. One line per tax category, because tax is due on lines.
with reduced as (
    select
        applied.*,
        lines.vendor,
        lines.service,
        lines.customer_currency,
        lines.minor_units,
        categories.tax_category
    from {{ ref('int_rating__period_discount') }} as applied
    inner join {{ ref('int_invoice__line') }} as lines
        on applied.line_id = lines.line_id
    inner join {{ ref('int_tax__line_category') }} as categories
        on applied.line_id = categories.line_id
),

summed as (
    select
        reduced.customer_id, reduced.billing_period, reduced.discount_id, reduced.discount_kind, reduced.percent,
        reduced.max_amount, reduced.sequence, reduced.scope_vendor_key, reduced.tax_category, reduced.customer_currency,
        reduced.minor_units,
        coalesce(discounts.description, 'Discount') as description,
        case when reduced.discount_kind = 'bundle' or discounts.vendor is not null then min(reduced.vendor) end as vendor,
        case when discounts.service is not null then min(reduced.service) end as service,
        {{ money_sum('reduced.base') }} as base,
        {{ money_sum('reduced.amount') }} as discount
    from reduced
    left join {{ source('config', 'discounts') }} as discounts
        on reduced.discount_id = discounts.discount_id
    group by
        reduced.customer_id, reduced.billing_period, reduced.discount_id, reduced.discount_kind, reduced.percent,
        reduced.max_amount, reduced.sequence, reduced.scope_vendor_key, reduced.tax_category, reduced.customer_currency,
        reduced.minor_units, discounts.description, discounts.vendor, discounts.service
),

rounded as (
    select
        *,
        {{ round_to_minor_unit('discount', 'minor_units') }} as amount,
        coalesce(sum(discount) over scopes = max_amount, false) as is_capped,
        row_number() over (
            partition by customer_id, billing_period, sequence, scope_vendor_key order by discount desc, tax_category
        ) as size_place
    from summed
    window scopes as (partition by customer_id, billing_period, sequence, scope_vendor_key)
),

-- A discount at its max_amount is that amount to the cent, also in several tax categories.
capped as (
    select
        *,
        amount + case
            when is_capped and size_place = 1
                then {{ round_to_minor_unit('max_amount', 'minor_units') }} - sum(amount) over (
                        partition by customer_id, billing_period, sequence, scope_vendor_key
                    )
            else 0
        end as wanted
    from rounded
),

own as (
    select
        parent_line_id,
        sum(amount) as amount
    from {{ ref('int_invoice__discount_line') }}
    group by parent_line_id
),

reducible as (
    select distinct line_id from {{ ref('int_rating__discount_part') }}
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

-- What the rounded lines of a tax category leave: a discount of 100 % makes it nothing, never less.
nets as (
    select
        lines.customer_id,
        lines.billing_period,
        categories.tax_category,
        sum(lines.amount + coalesce(own.amount, 0)) as rounded_net
    from {{ ref('int_invoice__line') }} as lines
    inner join {{ ref('int_tax__line_category') }} as categories
        on lines.line_id = categories.line_id
    inner join reducible
        on lines.line_id = reducible.line_id
    left join own
        on lines.line_id = own.parent_line_id
    group by lines.customer_id, lines.billing_period, categories.tax_category
),

run as (
    select
        capped.*,
        nets.rounded_net,
        sum(capped.wanted) over (
            partition by capped.customer_id, capped.billing_period, capped.tax_category
            order by capped.sequence, capped.scope_vendor_key
        ) as so_far
    from capped
    inner join nets
        on capped.customer_id = nets.customer_id
        and capped.billing_period = nets.billing_period
        and capped.tax_category = nets.tax_category
)

select
    {{ stable_id(['customer_id', 'billing_period', 'discount_id', 'scope_vendor_key', 'tax_category']) }} as line_id,
    customer_id,
    billing_period,
    discount_id,
    discount_kind,
    percent,
    sequence,
    description,
    {{ plain_number('percent') }} || ' % of ' || {{ plain_number(round_to_minor_unit('base', 'minor_units')) }}
    || case when is_capped then ', at most ' || {{ plain_number('max_amount') }} else '' end as detail,
    vendor,
    service,
    tax_category,
    customer_currency as currency,
    cast(-discount as {{ money_type() }}) as exact_amount,
    cast(
        greatest(least(so_far - wanted, greatest(rounded_net, 0)), 0) - greatest(least(so_far, greatest(rounded_net, 0)), 0)
        as {{ document_money_type() }}
    ) as amount
from run
