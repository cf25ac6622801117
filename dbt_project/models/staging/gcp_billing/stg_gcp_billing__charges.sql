-- Google's rows in the shape of all vendors, one for one. A row's credits are in its billed cost already: cost + credits.
with priced as (
    select
        *,
        is_fee_by_sku or is_fee_by_offset as is_commitment_fee,
        is_fee_by_sku or is_fee_by_offset or has_commitment_price or commitment_credit_type is not null as is_committed,
        coalesce(price_effective_price_default, price_effective_price) as contracted_price,
        coalesce(price_pricing_unit_quantity, 1) as priced_units
    from {{ ref('stg_gcp_billing__rows') }}
),

classified as (
    select
        *,
        case
            when cost_type = 'tax' then 'Tax'
            when cost_type in ('adjustment', 'rounding_error') then 'Adjustment'
            when is_commitment_fee then 'Purchase'
            else 'Usage'
        end as charge_category,
        case when has_commitment_price then consumption_model_id end as commitment_price_id,
        try_cast(usage_amount as {{ money_type() }}) as consumed_quantity,
        {{ exact_ratio('price_list_price', 'priced_units') }} as list_unit_price,
        {{ exact_ratio('contracted_price', 'priced_units') }} as contracted_unit_price
    from priced
)

select
    x_source as source,
    x_scope as scope,
    x_delivery_id as delivery_id,
    x_billing_period as billing_period,
    x_file as file_name,
    x_row as row_number_in_file,
    cast(usage_start_time as date) as charge_day,
    usage_start_time as charge_period_start,
    -- Taxes and adjustments may end when they start; a period needs a length.
    case when usage_end_time > usage_start_time then usage_end_time else usage_start_time + interval 1 hour end
        as charge_period_end,
    coalesce(billing_account_id, payer_billing_account_id) as billing_account_id,
    coalesce(customer_correlation_id, customer_name) as billing_account_name,
    project_id as sub_account_id,
    project_name as sub_account_name,
    'Google Cloud' as vendor,
    'Google Cloud' as host_provider,
    case when transaction_type in ('THIRD_PARTY_RESELLER', 'THIRD_PARTY_AGENCY') then seller_name else 'Google Cloud' end
        as publisher,
    'Google Cloud' as invoice_issuer,
    {{ no_value('varchar') }} as vendor_invoice_id,
    service_description as service,
    {{ google_service_category('service_description') }} as service_category,
    {{ no_value('varchar') }} as service_subcategory,
    case when charge_category <> 'Tax' then sku_id end as sku,
    {{ no_value('varchar') }} as sku_price_id,
    coalesce(adjustment_info_description, sku_description) as charge_description,
    coalesce(location_region, location_location) as region,
    location_location as region_name,
    location_zone as availability_zone,
    resource_global_name as resource_id,
    resource_name,
    nullif(regexp_extract(resource_global_name, '/([^/]+)/[^/]+$', 1), '') as resource_type,
    charge_category,
    case when cost_type = 'adjustment' or adjustment_info_id is not null then 'Correction' end as charge_class,
    case charge_category when 'Usage' then 'Usage-Based' when 'Purchase' then 'Recurring' else 'One-Time' end
        as charge_frequency,
    case
        when charge_category in ('Tax', 'Adjustment') then null
        when charge_category = 'Usage' and is_committed then 'Committed'
        when is_spot then 'Dynamic'
        else 'Standard'
    end as pricing_category,
    case
        when is_committed then coalesce(subscription_instance_id, commitment_credit_id, commitment_price_id, sku_id)
    end as commitment_discount_id,
    case
        when is_commitment_fee then sku_description
        when is_committed then coalesce(commitment_credit_name, consumption_model_description)
    end as commitment_discount_name,
    case
        when not is_committed then null
        when commitment_credit_type = 'COMMITTED_USAGE_DISCOUNT' then 'Usage'
        when is_fee_by_sku and not is_fee_by_offset and not contains(lower(sku_description), 'dollar') then 'Usage'
        else 'Spend'
    end as commitment_discount_category,
    case when is_committed then 'Committed use discount' end as commitment_discount_type,
    case when is_committed and charge_category = 'Usage' then 'Used' end as commitment_discount_status,
    currency as vendor_currency,
    case when usage_amount_in_pricing_units is not null then usage_pricing_unit end as unit,
    usage_amount_in_pricing_units as quantity,
    case when charge_category = 'Usage' and consumed_quantity is not null then usage_unit end as consumed_unit,
    case when charge_category = 'Usage' then consumed_quantity end as consumed_quantity,
    list_unit_price,
    contracted_unit_price,
    coalesce(
        cost_at_list,
        case when charge_category = 'Usage' then {{ money_mul('list_unit_price', 'usage_amount_in_pricing_units') }} end,
        cost
    ) as list_cost,
    -- With a commitment's own price in `cost`, the price without it stands here.
    coalesce(cost_at_effective_price_default, cost) as contracted_cost,
    net_cost as billed_cost,
    net_cost as effective_cost,
    reseller_margin as partner_credit,
    {{ pairs_as_object(['project_labels', 'labels', 'tags']) }} as tags
from classified
