-- The month's charges of source azure as rows of a Cost Management export (partner agreement), in tables `actual`
-- and `amortized`: buying a reservation is a charge of actual cost; amortised cost spreads it over what it covers.
-- Columns that stay empty in every row are not here: the writer adds them, in the export's order.
create or replace macro plain(number) as
    if(contains(number::varchar, '.'), rtrim(rtrim(number::varchar, '0'), '.'), number::varchar);

create or replace temp table azure_charges as
select
    numbered.*,
    tenants.*,
    meters.* exclude (sku),
    accounts.account_id,
    skus.sku_id,
    skus.description as product,
    commitments.commitment_id,
    commitments.name as commitment_name,
    commitments.description as commitment_description,
    commitments.hourly_fee,
    rates.rate,
    case
        when numbered.commitment is null or numbered.charge_category = 'Purchase'
            then numbered.contracted_price
        else 0
    end as full_price,
    numbered.commitment is null
    and not coalesce(charge_start >= without_credit_since and charge_start < without_credit_until, false)
        as earns_credit,
    case
        when numbered.charge_category = 'Purchase' then 'Purchase'
        when numbered.commitment_status = 'Unused' then 'UnusedReservation'
        else 'Usage'
    end as charge_type,
from numbered
inner join skus using (source, sku)
inner join accounts using (source, account)
inner join tenancy using (account)
inner join tenants using (tenant)
inner join azure_meters as meters using (sku)
inner join microsoft_rates as rates on rates.month = getvariable('month')::date
left join commitments using (commitment)
where numbered.source = 'azure';

create or replace macro azure_rows(is_amortized) as table
with priced as (
    select
        *,
        case
            when charge_type = 'Purchase' or commitment is null
                then (full_price * if(earns_credit, 0.85, 1))::decimal(18, 8)
            when is_amortized then hourly_fee
            else 0
        end::decimal(18, 8) as effective_price,
        if(charge_type = 'Purchase', 1, quantity)::decimal(18, 4) as billed_quantity,
        if(charge_type = 'Purchase', (hourly_fee * quantity)::decimal(18, 8), effective_price) as billed_price,
        (billed_price * billed_quantity)::decimal(28, 12) as cost,
    from azure_charges
    where if(is_amortized, charge_type <> 'Purchase', charge_type <> 'UnusedReservation')
)

select
    position,
    'G0' || strftime(getvariable('month')::date, '%y%m') || '51874' as "invoiceId",
    '9d3c5a60-71de-5c0b-8f0c-2b6d1f5ae7c4:6b751214-8369-5993-a899-9e2534be3cbe_2019-05-31' as "billingAccountId",
    'Nordwolke GmbH' as "billingAccountName",
    'NWOK-57D4-BG7-TGB' as "billingProfileId",
    'Nordwolke GmbH' as "billingProfileName",
    '12e35b3d-0483-5fd8-8d11-4578da65caba' as "partnerTenantId",
    'Nordwolke GmbH' as "partnerName",
    tenant_id as "customerTenantId",
    customer as "customerName",
    strftime(last_day(getvariable('month')::date), '%m/%d/%Y') as "billingPeriodEndDate",
    strftime(getvariable('month')::date, '%m/%d/%Y') as "billingPeriodStartDate",
    strftime(last_day(getvariable('month')::date), '%m/%d/%Y') as "servicePeriodEndDate",
    strftime(getvariable('month')::date, '%m/%d/%Y') as "servicePeriodStartDate",
    strftime(charge_start, '%m/%d/%Y') as "date",
    service_family as "serviceFamily",
    if(charge_type = 'Usage', 'Azure plan', commitment_description) as "productOrderName",
    if(charge_type = 'Usage', consumed_service, 'Microsoft.Capacity') as "consumedService",
    meter_id as "meterId",
    meter_name as "meterName",
    meter_category as "meterCategory",
    meter_subcategory as "meterSubCategory",
    region as "meterRegion",
    sku_id as "ProductId",
    if(charge_type = 'Purchase', commitment_description, product) as "ProductName",
    account_id as "SubscriptionId",
    account as "subscriptionName",
    'Microsoft' as "publisherType",
    'Microsoft' as "publisherName",
    if(charge_type = 'Usage', 'rg-' || application, '') as "resourceGroupName",
    case
        when charge_type = 'Usage' then concat_ws(
            '/', '/subscriptions', account_id, 'resourceGroups/rg-' || application, 'providers', resource_path,
            resource_name
        )
        else '/providers/Microsoft.Capacity/reservationOrders/' || commitment_id
    end as "ResourceId",
    region as "resourceLocation",
    region as "location",
    plain(billed_price) as "effectivePrice",
    plain(billed_quantity) as "quantity",
    if(charge_type = 'Purchase', '1', unit) as "unitOfMeasure",
    charge_type as "chargeType",
    'EUR' as "billingCurrency",
    'USD' as "pricingCurrency",
    plain(round(cost * rate, 12)) as "costInBillingCurrency",
    plain(cost) as "costInPricingCurrency",
    plain(cost) as "costInUsd",
    plain(if(charge_type = 'Usage', round(list_cost * rate, 12), 0)) as "paygCostInBillingCurrency",
    plain(if(charge_type = 'Usage', list_cost, 0)) as "paygCostInUsd",
    plain(rate) as "exchangeRatePricingToBilling",
    strftime(getvariable('month')::date, '%m/%d/%Y') as "exchangeRateDate",
    'True' as "isAzureCreditEligible",
    if(application is null, '', '"application": "' || application || '","environment": "' || environment || '"')
        as "tags",
    if(earns_credit, '0.15', '0') as "partnerEarnedCreditRate",
    if(earns_credit, '1', '0') as "partnerEarnedCreditApplied",
    plain(if(charge_type = 'Usage', list_price, 0)) as "PayGPrice",
    if(charge_type = 'Purchase', 'Recurring', 'UsageBased') as "frequency",
    if(commitment is null, '', '12') as "term",
    coalesce(commitment_id, '') as "reservationId",
    coalesce(commitment_name, '') as "reservationName",
    if(commitment is null, 'OnDemand', 'Reservation') as "PricingModel",
    plain(case charge_type when 'Usage' then list_price when 'Purchase' then billed_price else 0 end) as "unitPrice",
    if(commitment is null, '', '/providers/Microsoft.Capacity/reservationOrders/' || commitment_id) as "benefitId",
    coalesce(commitment_name, '') as "benefitName",
    'Microsoft.Billing' as "provider",
from priced
order by position;

create or replace temp table actual as from azure_rows(false);
create or replace temp table amortized as from azure_rows(true);
