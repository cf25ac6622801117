-- The month's charges of source partner_center as Partner Center exports them: `daily`, the rated usage of the Azure
-- plan, and `reconciliation`, the invoice's lines: the same usage by month, and licences, reservations and software.
-- Amounts follow Microsoft's published arithmetic: whole cents, always rounded down.
create or replace macro round_down(amount) as (amount::decimal(28, 12) - amount::decimal(28, 12) % 0.01);

create or replace temp table rated as
select
    numbered.*,
    accounts.account_id as entitlement_id,
    tenants.*,
    meters.* exclude (sku),
    split_part(skus.sku_id, '/', 1) as product_id,
    split_part(skus.sku_id, '/', 2) as sku_part,
    skus.service as product,
    rates.rate,
    -- a day without the partner's access to the subscription earns no credit
    if(charge_start >= without_credit_since and charge_start < without_credit_until, 0, 15) as credit_percent,
from numbered
inner join skus using (source, sku)
inner join accounts using (source, account)
inner join tenancy using (account)
inner join tenants using (tenant)
inner join azure_meters as meters using (sku)
inner join microsoft_rates as rates on rates.month = getvariable('month')::date
where numbered.source = 'partner_center';

create or replace temp table daily as
select
    '12e35b3d-0483-5fd8-8d11-4578da65caba' as "PartnerId",
    'Nordwolke GmbH' as "PartnerName",
    tenant_id as "CustomerId",
    customer as "CustomerName",
    domain as "CustomerDomainName",
    country as "CustomerCountry",
    '5718204' as "MpnId",
    '0' as "Tier2MpnId",
    'G0' || strftime(getvariable('month')::date, '%y%m') || '51873' as "InvoiceNumber",
    product_id as "ProductId",
    sku_part as "SkuId",
    '' as "AvailabilityId",
    meter_name as "SkuName",
    'Azure plan' as "ProductName",
    'Microsoft' as "PublisherName",
    '' as "PublisherId",
    'Azure plan' as "SubscriptionDescription",
    plan_id as "SubscriptionId",
    strftime(getvariable('month')::date, '%Y-%m-%dT00:00:00Z') as "ChargeStartDate",
    strftime(last_day(getvariable('month')::date), '%Y-%m-%dT00:00:00Z') as "ChargeEndDate",
    strftime(charge_start, '%Y-%m-%dT00:00:00Z') as "UsageDate",
    unit as "MeterType",
    meter_category as "MeterCategory",
    meter_id as "MeterId",
    meter_subcategory as "MeterSubCategory",
    meter_name as "MeterName",
    'DE West Central' as "MeterRegion",
    unit as "Unit",
    upper(region) as "ResourceLocation",
    consumed_service as "ConsumedService",
    'rg-' || application as "ResourceGroup",
    concat_ws('/', '/subscriptions', entitlement_id, 'resourceGroups/rg-' || application, 'providers', resource_path,
        resource_name) as "ResourceURI",
    'new' as "ChargeType",
    list_price as "UnitPrice",
    quantity as "Quantity",
    unit as "UnitType",
    ((list_price * (100 - credit_percent) * 0.01)::decimal(18, 10) * quantity)::decimal(28, 12) as "PricingPreTaxTotal",
    round("PricingPreTaxTotal"::decimal(28, 12) * rate, 12)::decimal(28, 12) as "BillingPreTaxTotal",
    'EUR' as "BillingCurrency",
    'USD' as "PricingCurrency",
    '' as "ServiceInfo1",
    '' as "ServiceInfo2",
    '{"application":"' || application || '","environment":"' || environment || '"}' as "Tags",
    '' as "AdditionalInfo",
    (list_price * (100 - credit_percent) * 0.01)::decimal(18, 10) as "EffectiveUnitPrice",
    rate as "PCToBCExchangeRate",
    strftime(getvariable('month')::date, '%Y-%m-%dT00:00:00Z') as "PCToBCExchangeRateDate",
    entitlement_id as "EntitlementId",
    account as "EntitlementDescription",
    credit_percent as "PartnerEarnedCreditPercentage",
    0 as "CreditPercentage",
    'Credit Not Applied' as "CreditType",
    '' as "BenefitId",
    '' as "BenefitOrderId",
    '' as "BenefitType",
from rated
order by position;

-- One line per plan, meter and state of the credit. The unit price follows from the rounded amount, and is the least
-- that yields it again: the published formula holds for every line.
create or replace temp table usage_lines as
with monthly as (
    select
        tenant, product_id, sku_part, meter_id, meter_category, meter_subcategory, meter_name, product, unit, rate,
        list_price, credit_percent,
        sum(quantity)::decimal(18, 4) as quantity,
        sum(quantity * list_price * (100 - credit_percent))::decimal(28, 12) as exact_cents,
        (exact_cents - exact_cents % 1)::hugeint as cents,
    from rated
    group by all
)

select
    *,
    (((cents * 100000000000000::hugeint + (quantity * 10000)::hugeint - 1) // (quantity * 10000)::hugeint)
        ::decimal(28, 0) * 0.000000000001::decimal(13, 12))::decimal(28, 12) as effective_unit_price,
from monthly;

create or replace temp table invoice_lines as
select
    tenant, product_id, sku_part, meter_name as sku_name, 'Azure plan' as product_name, 'Azure' as category,
    'Microsoft' as publisher, plan_id as subscription_id, 'Azure plan' as subscription, 'new' as charge_type,
    list_price as unit_price, effective_unit_price, quantity, unit,
    getvariable('month')::date as charge_start, last_day(getvariable('month')::date) as charge_end,
    '' as term, 'OneTime' as frequency, 'USD' as pricing_currency, rate,
    if(credit_percent = 0, '', '["15.0% Partner earned credit for services managed"]') as adjustment,
    concat_ws(' - ', meter_category, meter_subcategory, meter_name, 'DE West Central') as meter,
    0 as tax_percent,
    round_down(round_down(effective_unit_price * quantity) * rate)::decimal(18, 2) as subtotal,
from usage_lines
inner join tenants using (tenant)
union all by name
select
    licences.* exclude (month, sku_id, product, currency, subscription_start, subscription_end),
    sku_id as sku_part,
    product as sku_name,
    product as product_name,
    product as subscription,
    subscription_start, subscription_end,
    currency as pricing_currency,
    if(currency = 'EUR', 1, rates.rate) as rate,
    '' as unit,
    if(promotion_id is null, '', '["15.0% Promotion for new subscriptions"]') as adjustment,
    (round_down(effective_unit_price * if(currency = 'EUR', 1, rates.rate)) * quantity)::decimal(18, 2) as subtotal,
from licences
inner join microsoft_rates as rates using (month)
where licences.month = getvariable('month')::date;

create or replace temp table reconciliation as
select
    '12e35b3d-0483-5fd8-8d11-4578da65caba' as "PartnerId",
    tenant_id as "CustomerId",
    customer as "CustomerName",
    domain as "CustomerDomainName",
    country as "CustomerCountry",
    'G0' || strftime(getvariable('month')::date, '%y%m') || '51873' as "InvoiceNumber",
    '5718204' as "MpnId",
    '0' as "Tier2MpnId",
    left(md5(subscription_id || coalesce(subscription_start::varchar, '')), 12) as "OrderId",
    strftime(coalesce(subscription_start, getvariable('month')::date), '%Y-%m-%dT00:00:00Z') as "OrderDate",
    product_id as "ProductId",
    sku_part as "SkuId",
    '' as "AvailabilityId",
    sku_name as "SkuName",
    product_name as "ProductName",
    charge_type as "ChargeType",
    unit_price as "UnitPrice",
    quantity as "Quantity",
    subtotal as "Subtotal",
    round(subtotal * tax_percent * 0.01, 2)::decimal(18, 2) as "TaxTotal",
    (subtotal + round(subtotal * tax_percent * 0.01, 2))::decimal(18, 2) as "Total",
    'EUR' as "Currency",
    adjustment as "PriceAdjustmentDescription",
    publisher as "PublisherName",
    '' as "PublisherId",
    subscription as "SubscriptionDescription",
    subscription_id as "SubscriptionId",
    strftime(charge_start, '%Y-%m-%dT00:00:00Z') as "ChargeStartDate",
    strftime(charge_end, '%Y-%m-%dT00:00:00Z') as "ChargeEndDate",
    term as "TermAndBillingCycle",
    effective_unit_price as "EffectiveUnitPrice",
    unit as "UnitType",
    '' as "AlternateId",
    quantity as "BillableQuantity",
    frequency as "BillingFrequency",
    pricing_currency as "PricingCurrency",
    rate as "PCToBCExchangeRate",
    strftime(getvariable('month')::date, '%Y-%m-%dT00:00:00Z') as "PCToBCExchangeRateDate",
    coalesce(meter, '') as "MeterDescription",
    coalesce(reservation_order_id, '') as "ReservationOrderId",
    coalesce(credit_reason, '') as "CreditReasonCode",
    coalesce(strftime(subscription_start, '%Y-%m-%dT00:00:00Z'), '') as "SubscriptionStartDate",
    coalesce(strftime(subscription_end, '%Y-%m-%dT00:00:00Z'), '') as "SubscriptionEndDate",
    '' as "ReferenceId",
    '' as "ProductQualifiers",
    coalesce(promotion_id, '') as "PromotionId",
    category as "ProductCategory",
from invoice_lines
inner join tenants using (tenant)
order by tenant, product_id, sku_part, charge_start, quantity, adjustment;
