-- Grain: one row per row of a cost and usage report in force. Says what each row is and its four costs; `unused_cost`
-- is the part of a commitment's fee that no usage took, which becomes a charge of its own.
with items as (
    select
        *,
        line_item_line_item_type as line_type,
        split_line_item_parent_resource_id is not null as is_split,
        {{ aws_commitment(
            'line_item_line_item_type', 'savings_plan_savings_plan_a_r_n', 'reservation_reservation_a_r_n'
        ) }} as commitment_discount_id,
        -- AWS writes 0 where there is no public price. What AWS sells then has no list cost (the price list may know
        -- one); a marketplace seller's price is the list price.
        coalesce(
            nullif(pricing_public_on_demand_cost, 0),
            case
                when line_item_unblended_cost = 0 and line_item_line_item_type <> 'DiscountedUsage' then 0
                when bill_billing_entity = 'AWS Marketplace' then line_item_unblended_cost
            end
        ) as public_cost,
        coalesce(reservation_unused_amortized_upfront_fee_for_billing_period, 0)
        + coalesce(reservation_unused_recurring_fee, 0) as unused_of_reservation,
        coalesce(savings_plan_total_commitment_to_date, 0)
        - coalesce(savings_plan_used_commitment, 0) as unused_of_savings_plan
    from {{ source('raw', 'aws_cur') }}
)

select
    x_source as source,
    x_scope as scope,
    x_delivery_id as delivery_id,
    x_billing_period as billing_period,
    x_file as file_name,
    x_row as row_number_in_file,
    line_type,
    commitment_discount_id,
    coalesce(line_item_usage_start_date, bill_billing_period_start_date) as charge_period_start,
    line_item_usage_end_date as usage_end,
    bill_payer_account_id as billing_account_id,
    bill_payer_account_name as billing_account_name,
    line_item_usage_account_id as sub_account_id,
    line_item_usage_account_name as sub_account_name,
    bill_billing_entity as billing_entity,
    line_item_legal_entity as legal_entity,
    bill_invoicing_entity as invoicing_entity,
    bill_invoice_id as vendor_invoice_id,
    bill_bill_type as bill_type,
    line_item_product_code as product_code,
    line_item_usage_type as usage_type,
    coalesce(
        product_product_name,
        {{ json_field('product', 'product_name') }},
        product_servicename,
        {{ json_field('product', 'servicename') }},
        {{ aws_service_name('line_item_product_code') }}
    ) as service,
    coalesce(
        product_sku,
        case when line_type = 'SavingsPlanNegation' then {{ aws_negated_sku('line_item_line_item_description') }} end
    ) as sku,
    coalesce(pricing_rate_code, pricing_rate_id) as sku_price_id,
    line_item_line_item_description as charge_description,
    coalesce(product_region_code, product_region, {{ json_field('product', 'region') }}) as region,
    coalesce(product_location, {{ json_field('product', 'location') }}) as region_name,
    line_item_availability_zone as availability_zone,
    line_item_resource_id as resource_id,
    case when line_item_resource_id is not null then product_product_family end as resource_type,
    {{ aws_charge_category('line_type', 'line_item_unblended_cost') }} as charge_category,
    line_item_currency_code as vendor_currency,
    pricing_unit as unit,
    -- What a negation or a part of a split row counts, another row has counted already.
    case
        when is_split or line_type = 'SavingsPlanNegation' then cast(0 as {{ money_type() }})
        else line_item_usage_amount
    end as quantity,
    {{ aws_rate('pricing_public_on_demand_rate') }} as list_unit_price,
    {{ aws_rate('line_item_unblended_rate') }} as contracted_unit_price,
    cast(case
        when is_split or line_type = 'SavingsPlanNegation' or {{ aws_is_discount('line_type') }} then 0
        when line_type in ('Usage', 'SavingsPlanCoveredUsage', 'DiscountedUsage') then public_cost
        else line_item_unblended_cost
    end as {{ money_type() }}) as list_cost,
    cast(case
        when is_split or line_type = 'SavingsPlanNegation' then 0
        -- A reserved hour costs nothing by itself: without the reservation it would be the public price.
        when line_type = 'DiscountedUsage' then public_cost
        else line_item_unblended_cost
    end as {{ money_type() }}) as contracted_cost,
    line_item_unblended_cost as billed_cost,
    cast(case
        when is_split then 0
        when line_type = 'DiscountedUsage' then reservation_effective_cost
        when line_type = 'SavingsPlanCoveredUsage' then savings_plan_savings_plan_effective_cost
        when line_type in ('SavingsPlanNegation', 'SavingsPlanUpfrontFee', 'SavingsPlanRecurringFee', 'RIFee') then 0
        when line_type = 'Fee' and commitment_discount_id is not null then 0
        else line_item_unblended_cost
    end as {{ money_type() }}) as effective_cost,
    cast(case line_type
        when 'RIFee' then unused_of_reservation
        when 'SavingsPlanRecurringFee' then unused_of_savings_plan
        else 0
    end as {{ money_type() }}) as unused_cost,
    coalesce(nullif(resource_tags, '{}'), nullif(tags, '{}')) as tags
from items
