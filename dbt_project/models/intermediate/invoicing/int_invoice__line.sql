-- R1.3 and R1.6: one rounding, at the line; a line adds up every charge of one line key. Discounts are lines of their own.
with charges as (
    select
        charges.*,
        rules.unit_price as rule_unit_price,
        rules.included_quantity,
        rules.description as rule_description,
        case when rules.sku is not null then rules.description end as sku_description,
        books.currency as book_currency
    from {{ ref('int_invoice__open_charges') }} as charges
    left join {{ source('config', 'price_rules') }} as rules
        on charges.rule_id = rules.rule_id
    left join {{ source('config', 'price_books') }} as books
        on rules.price_book = books.price_book
),

summed as (
    select
        line_id, customer_id, billing_period, source, vendor, publisher, service, charge_category, rule_id, model,
        vendor_currency, customer_currency, subscription_id,
        coalesce(charge_class = 'Correction', false) as is_correction,
        charge_category in ('Credit', 'Adjustment') as is_credit,
        case when model in {{ quantity_models() }} or source = 'own' then min(sku) end as sku,
        coalesce(
            min(sku_description), case when model in {{ quantity_models() }} or source = 'own' then min(charge_description) end, min(rule_description), service
        ) || case charge_category when 'Credit' then ', credit' when 'Adjustment' then ', adjustment' else '' end as description,
        count(distinct coalesce(resource_id, charge_id)) as resources,
        count(distinct coalesce(sub_account_id, billing_account_id)) as accounts,
        -- Two lines of one service are told apart by where they come from.
        case
            when count(distinct coalesce(sub_account_id, billing_account_id)) = 1
                then coalesce(max(sub_account_name), max(coalesce(sub_account_id, billing_account_id)))
        end as account,
        min(charge_day) as first_day,
        max(charge_day) as last_day,
        max(included_quantity) as included_quantity,
        {{ sum_if_complete('quantity') }} as quantity,
        min(unit) as unit,
        max(rule_unit_price) as rule_unit_price,
        -- The price of an own product is converted at its cycle's rate already.
        case when source = 'own' then customer_currency else max(book_currency) end as book_currency,
        {{ money_sum('amount_before_discount') }} as exact_amount,
        {{ money_sum('cost') }} as cost,
        case when min(fx_rate) = max(fx_rate) then min(fx_rate) end as fx_rate,
        case when min(fx_date) = max(fx_date) then min(fx_date) end as fx_date
    from charges
    group by
        line_id, customer_id, billing_period, source, vendor, publisher, service, charge_category, rule_id, model,
        vendor_currency, customer_currency, subscription_id, coalesce(charge_class = 'Correction', false)
)

select
    summed.*,
    currencies.minor_units,
    case
        when is_correction then 'correction'
        when is_credit then 'adjustment'
        when source = 'own' then model
        when charge_category = 'Purchase' then 'purchase'
        else 'usage'
    end as line_type,
    {{ round_to_minor_unit('summed.exact_amount', 'currencies.minor_units') }} as amount
from summed
inner join {{ source('config', 'currencies') }} as currencies
    on summed.customer_currency = currencies.code
