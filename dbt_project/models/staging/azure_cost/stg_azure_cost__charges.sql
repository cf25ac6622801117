-- Charges of Azure in the shape that every vendor's have: names, categories and FOCUS's own words for them.
select
    charges.source,
    charges.scope,
    charges.delivery_id,
    charges.billing_period,
    charges.file_name,
    charges.row_number_in_file,
    charges.charge_day,
    cast(charges.charge_day as timestamp) as charge_period_start,
    cast(charges.charge_day + interval 1 day as timestamp) as charge_period_end,
    charges.billing_account_id,
    charges.billing_account_name,
    charges.sub_account_id,
    charges.sub_account_name,
    'Microsoft' as vendor,
    'Microsoft' as host_provider,
    charges.publisher,
    'Microsoft' as invoice_issuer,
    charges.vendor_invoice_id,
    coalesce(services.service, charges.meter_category, 'Azure') as service,
    coalesce(services.service_category, {{ azure_service_category('charges.service_family') }}) as service_category,
    coalesce(
        services.service_subcategory,
        'Other (' || coalesce(services.service_category, {{ azure_service_category('charges.service_family') }}) || ')'
    ) as service_subcategory,
    charges.sku,
    concat_ws('_', nullif(charges.sku, charges.meter_id), charges.meter_id) as sku_price_id,
    charges.charge_description,
    coalesce(regions.region, lower(replace(charges.location, ' ', ''))) as region,
    coalesce(regions.region_name, charges.location) as region_name,
    charges.availability_zone,
    charges.resource_id,
    charges.resource_name,
    charges.resource_type,
    case
        when charges.is_purchase then 'Purchase'
        when charges.is_unused then 'Usage'
        when charges.charge_type in ('Usage', 'Tax', 'Credit') then charges.charge_type
        else 'Adjustment'
    end as charge_category,
    case when charges.charge_type = 'Refund' then 'Correction' end as charge_class,
    case
        when charges.charge_frequency = 'Recurring' then 'Recurring'
        when charges.charge_frequency = 'OneTime' or charges.is_purchase then 'One-Time'
        when charges.charge_frequency = 'UsageBased' then 'Usage-Based'
    end as charge_frequency,
    case
        when charges.is_purchase then 'Standard'
        when charges.charge_type not in ('Usage', 'UnusedReservation', 'UnusedSavingsPlan') then null
        when charges.is_committed then 'Committed'
        when charges.pricing_model = 'Spot' then 'Dynamic'
        else 'Standard'
    end as pricing_category,
    charges.commitment_id as commitment_discount_id,
    charges.commitment_name as commitment_discount_name,
    case charges.commitment_type when 'Savings Plan' then 'Spend' when 'Reservation' then 'Usage' end
        as commitment_discount_category,
    charges.commitment_type as commitment_discount_type,
    case
        when charges.is_unused then 'Unused'
        when charges.is_committed and charges.charge_type = 'Usage' then 'Used'
    end as commitment_discount_status,
    charges.vendor_currency,
    charges.unit,
    charges.quantity,
    case when charges.charge_type = 'Usage' then charges.unit end as consumed_unit,
    case when charges.charge_type = 'Usage' then charges.quantity end as consumed_quantity,
    coalesce(charges.list_unit_price, charges.contracted_unit_price) as list_unit_price,
    charges.contracted_unit_price,
    cast(charges.list_cost as {{ money_type() }}) as list_cost,
    cast(charges.contracted_cost as {{ money_type() }}) as contracted_cost,
    cast(charges.billed_cost as {{ money_type() }}) as billed_cost,
    cast(charges.effective_cost as {{ money_type() }}) as effective_cost,
    -- The rate comes as a fraction or as a percentage; the price that it is taken off is the contracted one.
    case
        when not charges.is_amortized then {{ percent_of(
            'charges.contracted_cost',
            'case when abs(charges.partner_credit_rate) <= 1 then charges.partner_credit_rate * 100 '
            ~ 'else charges.partner_credit_rate end'
        ) }}
    end as partner_credit,
    charges.tags
from {{ ref('stg_azure_cost__merged') }} as charges
left join {{ ref('azure_services') }} as services
    on charges.consumed_service = services.consumed_service
    and charges.resource_type = services.resource_type
left join {{ ref('azure_regions') }} as regions
    on lower(trim(charges.location)) = regions.location
