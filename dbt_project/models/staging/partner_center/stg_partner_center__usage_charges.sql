-- Grain: one row per daily usage row that stands for invoice lines or for an open month, and per usage key one row with
-- what the invoice's rounding makes of them, so that both together are the invoice's lines to the cent.
with usage as (
    select usage.*
    from {{ ref('stg_partner_center__usage') }} as usage
    inner join {{ ref('stg_partner_center__usage_match') }} as match
        on usage.delivery_id = match.delivery_id and usage.usage_key = match.usage_key
    where match.verdict in ('explained', 'open month')
),

daily as (
    select
        source, scope, delivery_id, billing_period, file_name, row_number_in_file,
        usage_day as charge_day,
        cast(usage_day as timestamp) as charge_period_start,
        cast(usage_day + interval 1 day as timestamp) as charge_period_end,
        customer_tenant as billing_account_id,
        customer_name as billing_account_name,
        coalesce(entitlement_id, plan_id) as sub_account_id,
        entitlement_name as sub_account_name,
        'Microsoft' as vendor,
        'Microsoft' as host_provider,
        publisher,
        'Microsoft' as invoice_issuer,
        vendor_invoice_id,
        service,
        {{ microsoft_service_category('service') }} as service_category,
        service_subcategory,
        sku,
        sku_price_id,
        meter_name as charge_description,
        region,
        region_name,
        {{ no_value('varchar') }} as availability_zone,
        resource_id,
        regexp_extract(resource_id, '([^/]+)/?$', 1) as resource_name,
        coalesce(
            nullif(regexp_extract(resource_id, '/providers/([^/]+/[^/]+)', 1), ''), consumed_service
        ) as resource_type,
        'Usage' as charge_category,
        case when usage_day < billing_period then 'Correction' end as charge_class,
        'Usage-Based' as charge_frequency,
        case when commitment_id is null then 'Standard' else 'Committed' end as pricing_category,
        commitment_id as commitment_discount_id,
        {{ no_value('varchar') }} as commitment_discount_name,
        case
            when commitment_type is null then null
            when lower(commitment_type) like '%saving%' then 'Spend'
            else 'Usage'
        end as commitment_discount_category,
        commitment_type as commitment_discount_type,
        case when commitment_id is not null then 'Used' end as commitment_discount_status,
        vendor_currency,
        unit,
        quantity,
        unit as consumed_unit,
        quantity as consumed_quantity,
        list_unit_price,
        list_unit_price as contracted_unit_price,
        list_cost,
        list_cost as contracted_cost,
        billed_cost,
        billed_cost as effective_cost,
        partner_credit,
        tags
    from usage
)

select {{ charge_columns() | join(', ') }} from daily
union all
select {{ charge_columns() | join(', ') }} from {{ ref('stg_partner_center__remainders') }}
