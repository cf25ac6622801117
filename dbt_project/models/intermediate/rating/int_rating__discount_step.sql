-- The line discounts that each charge earns, in the order in which they apply (R7.1). Inside a group only the best row.
with sold as (
    select
        rated.charge_id,
        rated.customer_id,
        rated.contract_id,
        rated.billing_period,
        rated.charge_day,
        rated.line_id,
        rated.amount_before_discount,
        described.is_refund,
        {{ match_key('described.vendor') }} as vendor_key,
        {{ match_key('described.service') }} as service_key,
        {{ match_key('described.sku') }} as sku_key
    from {{ ref('int_rating__open') }} as rated
    inner join {{ ref('int_charges__described') }} as described
        on rated.charge_id = described.charge_id
    where
        rated.disposition = 'sold'
        and described.charge_category in ('Usage', 'Purchase')
        and described.refunded_document is null
),

discounts as (
    select
        discounts.*,
        {{ match_key('vendor') }} as vendor_key,
        {{ match_key('service') }} as service_key,
        {{ match_key('sku') }} as sku_key
    from {{ source('config', 'discounts') }} as discounts
    where kind = 'line'
),

qualified as (
    {% for join_on in [
        'sold.customer_id = discounts.customer_id'
        ~ ' and (discounts.contract_id is null or discounts.contract_id = sold.contract_id)',
        'sold.contract_id = discounts.contract_id and discounts.customer_id is null',
        'discounts.customer_id is null and discounts.contract_id is null'
    ] %}
    select
        sold.*,
        discounts.discount_id,
        discounts.kind as discount_kind,
        discounts.percent,
        coalesce('group ' || discounts.discount_group, 'alone ' || discounts.discount_id) as discount_group
    from sold
    inner join discounts
        on {{ join_on }}
        and discounts.vendor_key in ('', sold.vendor_key)
        and discounts.service_key in ('', sold.service_key)
        and discounts.sku_key in ('', sold.sku_key)
        and {{ valid_on('discounts', 'sold.charge_day') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

best as (
    select
        *,
        row_number() over (
            partition by charge_id, customer_id, discount_group order by percent desc, discount_id
        ) as place
    from qualified
),

-- What a discount covers of a line; a scope that is negative as a whole earns none (R7). But what a refund of an own
-- subscription gives back was paid less its discounts, which count by day on both; what an invoice billed has its own.
earned as (
    select
        *,
        sum(amount_before_discount) over (partition by line_id, discount_id) as scope_amount
    from best
    where place = 1
)

select
    charge_id,
    customer_id,
    billing_period,
    line_id,
    amount_before_discount,
    discount_id,
    discount_kind,
    percent,
    row_number() over (partition by charge_id, customer_id order by discount_id) as sequence
from earned
where scope_amount > 0 or is_refund
