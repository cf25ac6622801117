-- Grain: one row per usage key whose daily rows do not add up to the invoice's lines to the cent: the difference, for
-- the row of the first of these lines.
with remainders as (
    select
        lines.*,
        match.remainder,
        match.entitlement_id,
        match.entitlement_name,
        match.service as daily_service
    from {{ ref('stg_partner_center__lines') }} as lines
    inner join {{ ref('stg_partner_center__usage_match') }} as match
        on lines.x_delivery_id = match.delivery_id
        and lines.usage_key = match.usage_key
        and lines.x_file = match.file_name
        and lines.x_row = match.row_number_in_file
    where match.verdict = 'explained' and match.remainder <> 0
)

select
    x_source as source,
    x_scope as scope,
    x_delivery_id as delivery_id,
    x_billing_period as billing_period,
    x_file as file_name,
    x_row as row_number_in_file,
    coalesce(first_day, x_billing_period) as charge_day,
    cast(coalesce(first_day, x_billing_period) as timestamp) as charge_period_start,
    cast(coalesce(end_day, cast(first_day + interval 1 day as date)) as timestamp) as charge_period_end,
    {{ tenant_id('CustomerId') }} as billing_account_id,
    {{ given_text('CustomerName') }} as billing_account_name,
    coalesce(entitlement_id, {{ given_text('SubscriptionId') }}) as sub_account_id,
    coalesce(entitlement_name, {{ given_text('SubscriptionDescription') }}) as sub_account_name,
    'Microsoft' as vendor,
    'Microsoft' as host_provider,
    coalesce({{ given_text('PublisherName') }}, 'Microsoft') as publisher,
    'Microsoft' as invoice_issuer,
    {{ given_text('InvoiceNumber') }} as vendor_invoice_id,
    coalesce(daily_service, {{ given_text('ProductName') }}, 'Azure plan') as service,
    {{ microsoft_service_category("coalesce(daily_service, ProductName, '')") }} as service_category,
    {{ no_value('varchar') }} as service_subcategory,
    {{ product_sku('remainders') }} as sku,
    {{ no_value('varchar') }} as sku_price_id,
    'Rounding of the invoice against daily usage' as charge_description,
    {{ no_value('varchar') }} as region,
    {{ no_value('varchar') }} as region_name,
    {{ no_value('varchar') }} as availability_zone,
    {{ no_value('varchar') }} as resource_id,
    {{ no_value('varchar') }} as resource_name,
    {{ no_value('varchar') }} as resource_type,
    'Adjustment' as charge_category,
    {{ no_value('varchar') }} as charge_class,
    'Usage-Based' as charge_frequency,
    {{ no_value('varchar') }} as pricing_category,
    {{ no_value('varchar') }} as commitment_discount_id,
    {{ no_value('varchar') }} as commitment_discount_name,
    {{ no_value('varchar') }} as commitment_discount_category,
    {{ no_value('varchar') }} as commitment_discount_type,
    {{ no_value('varchar') }} as commitment_discount_status,
    Currency as vendor_currency,
    {{ no_value('varchar') }} as unit,
    {{ no_value(money_type()) }} as quantity,
    {{ no_value('varchar') }} as consumed_unit,
    {{ no_value(money_type()) }} as consumed_quantity,
    {{ no_value(money_type()) }} as list_unit_price,
    {{ no_value(money_type()) }} as contracted_unit_price,
    remainder as list_cost,
    remainder as contracted_cost,
    remainder as billed_cost,
    remainder as effective_cost,
    {{ no_value(money_type()) }} as partner_credit,
    {{ no_value('varchar') }} as tags
from remainders
