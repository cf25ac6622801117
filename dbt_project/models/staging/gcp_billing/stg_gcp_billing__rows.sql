-- One row per row of an export: what kind of charge it is, and which commitment covers it. No amount is changed.
select
    raw.*,
    {{ credit_field('raw.credits', ['COMMITTED_USAGE_DISCOUNT', 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE'], 'type') }}
        as commitment_credit_type,
    {{ credit_field('raw.credits', ['COMMITTED_USAGE_DISCOUNT', 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE'], 'id') }}
        as commitment_credit_id,
    {{ credit_field('raw.credits', ['COMMITTED_USAGE_DISCOUNT', 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE'], 'name') }}
        as commitment_credit_name,
    -- A commitment's fee is told by its SKU, and by the credit that offsets what of it was used.
    raw.cost_type = 'regular' and coalesce(starts_with(raw.sku_description, 'Commitment'), false)
        as is_fee_by_sku,
    raw.cost_type = 'regular' and {{ credit_field('raw.credits', ['FEE_UTILIZATION_OFFSET'], 'type') }} is not null
        as is_fee_by_offset,
    -- Since 2025 spend-based commitments are prices of their own instead of credits.
    raw.cost_type = 'regular' and coalesce(contains(raw.consumption_model_description, 'CUD'), false)
        as has_commitment_price,
    contains(raw.sku_description, 'Spot ') or contains(raw.sku_description, 'Preemptible') as is_spot
from {{ source('raw', 'gcp_billing') }} as raw
