-- Grain: one row per row of a cost and usage report in force, and one more for what of a commitment's fee went unused.
with parts as (
    select false as is_unused
    union all
    select true
),

told as (
    select
        items.*,
        parts.is_unused,
        parts.is_unused or items.charge_category = 'Usage' as is_usage,
        parts.is_unused or items.charge_category in ('Usage', 'Purchase') as is_priced,
        {{ aws_service_category('product_code', 'usage_type') }} as service_category
    from {{ ref('stg_aws_cur__line_items') }} as items
    cross join parts
    where not parts.is_unused or items.unused_cost <> 0
)

select
    source,
    scope,
    delivery_id,
    billing_period,
    file_name,
    row_number_in_file,
    cast(charge_period_start as date) as charge_day,
    charge_period_start,
    {{ aws_exclusive_end('charge_period_start', 'usage_end') }} as charge_period_end,
    billing_account_id,
    billing_account_name,
    sub_account_id,
    sub_account_name,
    'AWS' as vendor,
    case when billing_entity = 'AWS Marketplace' then {{ no_value('varchar') }} else 'AWS' end as host_provider,
    coalesce(legal_entity, invoicing_entity, 'AWS') as publisher,
    coalesce(invoicing_entity, case when billing_entity = 'AWS Marketplace' then 'AWS' else legal_entity end, 'AWS')
        as invoice_issuer,
    vendor_invoice_id,
    service,
    service_category,
    'Other (' || service_category || ')' as service_subcategory,
    sku,
    sku_price_id,
    charge_description,
    region,
    case when region is not null then region_name end as region_name,
    availability_zone,
    resource_id,
    {{ no_value('varchar') }} as resource_name,
    resource_type,
    case when is_unused then 'Usage' else charge_category end as charge_category,
    case
        when bill_type = 'Refund' or (line_type = 'Refund' and charge_period_start < billing_period) then 'Correction'
    end as charge_class,
    case
        when is_usage then 'Usage-Based'
        when line_type in ('RIFee', 'SavingsPlanRecurringFee') or product_code like 'AWS%Support%' then 'Recurring'
        else 'One-Time'
    end as charge_frequency,
    case
        when charge_category = 'Tax' then null
        when is_unused or line_type in ('DiscountedUsage', 'SavingsPlanCoveredUsage', 'SavingsPlanNegation')
            then 'Committed'
        when line_type = 'Usage' and usage_type like '%SpotUsage%' then 'Dynamic'
        when is_priced then 'Standard'
        else 'Other'
    end as pricing_category,
    commitment_discount_id,
    {{ no_value('varchar') }} as commitment_discount_name,
    case when commitment_discount_id is null then null when line_type like 'SavingsPlan%' then 'Spend' else 'Usage' end
        as commitment_discount_category,
    case
        when commitment_discount_id is null then null
        when line_type like 'SavingsPlan%' then 'Savings Plan'
        else 'Reservation'
    end as commitment_discount_type,
    case
        when commitment_discount_id is null or not is_usage then null
        when is_unused then 'Unused'
        else 'Used'
    end as commitment_discount_status,
    vendor_currency,
    case when is_priced then unit end as unit,
    case when is_unused then 0 when is_priced then quantity end as quantity,
    case when is_usage and not is_unused then unit end as consumed_unit,
    case when is_usage and not is_unused and unit is not null then quantity end as consumed_quantity,
    case when is_priced and not is_unused then list_unit_price end as list_unit_price,
    case when is_priced and not is_unused then contracted_unit_price end as contracted_unit_price,
    -- What went unused has been paid with the fee and has no price of its own: only its amortised cost counts.
    case when is_unused then 0 else list_cost end as list_cost,
    case when is_unused then 0 else contracted_cost end as contracted_cost,
    case when is_unused then 0 else billed_cost end as billed_cost,
    case when is_unused then unused_cost else effective_cost end as effective_cost,
    {{ no_value(money_type()) }} as partner_credit,
    tags
from told
