-- Own products as rating knows a vendor's charges: one row per piece and day. What an invoice in force has billed is given
-- back as it was billed; a missing exchange rate makes the days unpriced.
with refunding as (
    select
        days.* exclude (billed_cost, fx_rate, fx_date, cost, amount),
        billed.document_number as refunded_document,
        coalesce(billed.fx_rate, days.fx_rate) as fx_rate,
        case when billed.charge_id is null then days.fx_date else billed.fx_date end as fx_date,
        coalesce(-billed.billed_cost, days.billed_cost) as billed_cost,
        coalesce(-billed.cost, days.cost, 0) as cost,
        coalesce(-billed.amount_before_discount, days.amount, 0) as amount,
        -billed.discount_line as discount_line,
        -billed.discount_bundle as discount_bundle,
        -billed.discount_volume as discount_volume,
        -billed.discount_relationship as discount_relationship,
        -billed.discount_promotion as discount_promotion
    from {{ ref('int_subscriptions__day') }} as days
    left join {{ ref('int_subscriptions__billed') }} as billed
        on case when days.is_refund then {{ stable_id(['days.refunded_piece_id', 'days.charge_day']) }} end = billed.charge_id
        and days.customer_id = billed.customer_id
        and days.vendor_currency = billed.vendor_currency
        and days.customer_currency = billed.customer_currency
)

select
    {{ stable_id(['refunding.piece_id', 'refunding.charge_day']) }} as charge_id,
    refunding.customer_id,
    refunding.billing_period,
    refunding.charge_day,
    'own' as source,
    refunding.legal_name as vendor,
    refunding.legal_name as publisher,
    refunding.service,
    refunding.product_id as sku,
    refunding.name || coalesce(', ' || refunding.description, '') as charge_description,
    refunding.subscription_id,
    refunding.is_refund,
    refunding.fx_day,
    refunding.vendor_currency,
    refunding.day_quantity as quantity,
    refunding.list_cost,
    refunding.billed_cost,
    contracts.contract_id,
    case refunding.charge_type when 'recurring' then 'subscription' else 'one_off' end as model,
    case when refunding.fx_rate is null then 'unpriced' else 'sold' end as disposition,
    case
        when refunding.fx_rate is null
            then 'no exchange rate ' || refunding.vendor_currency || ' to ' || refunding.customer_currency || ' for '
                || cast(refunding.fx_day as varchar)
    end as reason,
    case when refunding.fx_rate is not null then refunding.line_id end as line_id,
    refunding.piece_id,
    refunding.customer_currency,
    refunding.fx_rate,
    refunding.fx_date,
    refunding.cost,
    refunding.list_amount,
    refunding.amount as amount_before_discount,
    refunding.refunded_document,
    refunding.discount_line,
    refunding.discount_bundle,
    refunding.discount_volume,
    refunding.discount_relationship,
    refunding.discount_promotion
from refunding
left join {{ source('config', 'contracts') }} as contracts
    on refunding.customer_id = contracts.customer_id
    and {{ valid_on('contracts', 'refunding.charge_day') }}
