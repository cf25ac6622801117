-- Every charge of the month in variable `month`, as FOCUS columns, in table `charges`.
--
-- resources × slots (an hour or a day) → quantities → charges, then purchases, commitments, credits and tax.
-- Quantities are whole ten-thousandths in integer arithmetic and chance is MD5 of names: the same rows everywhere.

create or replace temp table slots as
with hours as (
    select unnest(generate_series(
        getvariable('month')::timestamp,
        getvariable('month')::timestamp + interval 1 month - interval 1 hour,
        interval 1 hour
    )) as slot_start
)
select
    slot_start,
    true as by_hour,
    1 as hours,
    slot_start + interval 1 hour as slot_end,
    hour(slot_start)::bigint as hour_of_day,
    -- thousandths of a day's traffic that fall into each hour: quiet nights, busy evenings
    [18, 14, 11, 10, 11, 15, 24, 34, 44, 50, 52, 53, 54, 53, 52, 52, 54, 58, 66, 72, 74, 62, 42, 25][
        hour(slot_start)::bigint + 1
    ]::hugeint as wave,
from hours
union all
select slot_start, false, 24, slot_start + interval 1 day, 0, 1000
from hours
where hour(slot_start) = 0;

create or replace temp table usage as
with shaped as (
    select
        resources.*,
        slots.slot_start as charge_start,
        slots.slot_end as charge_end,
        slots.hours,
        slots.wave,
        isodow(slots.slot_start) < 6 as is_weekday,
        slots.hour_of_day,
        24 * day(last_day(getvariable('month')::date))::bigint as month_hours,
        -- thousandths of the size at the start of the demo
        1000 + resources.growth * 10 * date_diff('day', date '2024-06-01', slots.slot_start::date) // 30 as grown,
        case
            when resources.pattern = 'spike' and slots.slot_start::date between '2024-09-12' and '2024-09-14' then 7
            else 1
        end as surge,
        80 + (md5_number_lower(resources.account || resources.resource_name || slots.slot_start) % 41)::bigint
            as jitter,
    from resources
    inner join slots
        on resources.by_hour = slots.by_hour
        and slots.slot_start >= resources.since
        and slots.slot_start < resources.until
    where resources.pattern <> 'monthly'
),

counted as (
    select
        *,
        case
            when pattern = 'always' then size * 10000 * hours
            when pattern = 'office' and not is_weekday then 0
            when pattern = 'office' and not by_hour then size * 10000 * 12
            when pattern = 'office' then if(hour_of_day between 6 and 17, size * 10000, 0)
            when pattern = 'night' and not by_hour then size * 10000 * 8
            when pattern = 'night' then if(hour_of_day >= 20 or hour_of_day < 4, size * 10000, 0)
            when pattern in ('storage', 'daily_storage') then size * 10 * grown * hours // month_hours
            else
                size * 10 * wave * grown * jitter * surge * if(is_weekday, 100, 70)
                // (1000::hugeint * 100 * 100 * 30)
        end as ten_thousandths,
    from shaped
)

select * exclude (wave, is_weekday, hour_of_day, month_hours, grown, surge, jitter, ten_thousandths, hours),
    (ten_thousandths::decimal(14, 0) * 0.0001)::decimal(18, 4) as quantity,
from counted
where ten_thousandths > 0;

-- Seats and other monthly fees.
create or replace temp table fees as
select
    resources.*,
    getvariable('month')::timestamp as charge_start,
    getvariable('month')::timestamp + interval 1 month as charge_end,
    (size * (100 + growth * date_diff('month', date '2024-06-01', getvariable('month')::date)) // 100)::decimal(18, 4)
        as quantity,
from resources
where pattern = 'monthly';

create or replace temp table unused as
with covered as (
    select commitment, charge_start, charge_end, sum(quantity) as used
    from usage
    where commitment is not null
    group by all
)

select
    commitments.*,
    commitments.commitment_id as resource_name,
    covered.charge_start,
    covered.charge_end,
    (commitments.units * date_diff('hour', covered.charge_start, covered.charge_end) - covered.used)::decimal(18, 4)
        as quantity,
from commitments
inner join covered using (commitment);

create or replace temp table drafts as
-- usage: paid as used, or covered by a commitment (billed 0, effective at the commitment's hourly fee)
select
    usage.source, usage.account, usage.sku, usage.resource_name, usage.region, usage.charge_start, usage.charge_end,
    'Usage' as charge_category,
    null::varchar as charge_class,
    'Usage-Based' as charge_frequency,
    if(commitments.commitment is null, 'Standard', 'Committed') as pricing_category,
    skus.description,
    usage.quantity,
    skus.list_price,
    skus.contracted_price,
    (skus.list_price * usage.quantity)::decimal(28, 12) as list_cost,
    (skus.contracted_price * usage.quantity)::decimal(28, 12) as contracted_cost,
    if(commitments.commitment is null, contracted_cost, 0) as billed_cost,
    coalesce((commitments.hourly_fee * usage.quantity)::decimal(28, 12), contracted_cost) as effective_cost,
    usage.commitment,
    if(usage.commitment is null, null, 'Used') as commitment_status,
    usage.application,
    usage.environment,
from usage
inner join skus using (source, sku)
left join commitments using (commitment)
union all by name
select
    fees.source, fees.account, fees.sku, fees.resource_name, fees.region, fees.charge_start, fees.charge_end,
    'Purchase' as charge_category,
    'Recurring' as charge_frequency,
    'Standard' as pricing_category,
    skus.description,
    fees.quantity,
    skus.list_price,
    skus.contracted_price,
    (skus.list_price * fees.quantity)::decimal(28, 12) as list_cost,
    (skus.contracted_price * fees.quantity)::decimal(28, 12) as contracted_cost,
    contracted_cost as billed_cost,
    contracted_cost as effective_cost,
    fees.application,
    fees.environment,
from fees
inner join skus using (source, sku)
union all by name
-- a commitment's monthly fee: billed now, effective through the usage that it covers
select
    source, account, sku, commitment_id as resource_name, region,
    getvariable('month')::timestamp as charge_start,
    getvariable('month')::timestamp + interval 1 month as charge_end,
    'Purchase' as charge_category,
    'Recurring' as charge_frequency,
    'Standard' as pricing_category,
    description,
    (units * 24 * day(last_day(getvariable('month')::date)))::decimal(18, 4) as quantity,
    hourly_fee as list_price,
    hourly_fee as contracted_price,
    (hourly_fee * quantity)::decimal(28, 12) as list_cost,
    list_cost as contracted_cost,
    list_cost as billed_cost,
    0::decimal(28, 12) as effective_cost,
    commitment,
    'operations' as application,
    'production' as environment,
from commitments
union all by name
-- what a commitment paid for and nobody used
select
    source, account, sku, resource_name, region, charge_start, charge_end,
    'Usage' as charge_category,
    'Usage-Based' as charge_frequency,
    'Committed' as pricing_category,
    description || ', unused' as description,
    quantity,
    0::decimal(28, 12) as list_cost,
    0::decimal(28, 12) as contracted_cost,
    0::decimal(28, 12) as billed_cost,
    (hourly_fee * quantity)::decimal(28, 12) as effective_cost,
    commitment,
    'Unused' as commitment_status,
    'operations' as application,
    'production' as environment,
from unused
where quantity > 0
union all by name
-- credits and adjustments are amounts without a quantity, a refund is a negative quantity of an earlier month
select
    events.source, events.account, events.sku,
    events.charge_start, events.charge_end,
    events.category as charge_category,
    events.class as charge_class,
    'One-Time' as charge_frequency,
    if(events.quantity is null, 'Other', 'Standard') as pricing_category,
    events.description,
    events.quantity,
    if(events.quantity is null, null, skus.list_price) as list_price,
    if(events.quantity is null, null, skus.contracted_price) as contracted_price,
    coalesce((skus.list_price * events.quantity)::decimal(28, 12), events.amount) as list_cost,
    coalesce((skus.contracted_price * events.quantity)::decimal(28, 12), events.amount) as contracted_cost,
    contracted_cost as billed_cost,
    contracted_cost as effective_cost,
from events
inner join skus using (source, sku)
where events.month = getvariable('month')::date;

-- German VAT on what third parties sell through a vendor's marketplace: the reseller's input tax.
insert into drafts by name
with sold as (
    select
        drafts.source, drafts.account, drafts.sku, skus.service,
        round(sum(drafts.billed_cost) * 0.19, 2)::decimal(28, 12) as tax,
    from drafts
    inner join skus using (source, sku)
    where skus.publisher is not null
    group by all
)

select
    source, account, sku,
    getvariable('month')::timestamp as charge_start,
    getvariable('month')::timestamp + interval 1 month as charge_end,
    'Tax' as charge_category,
    'One-Time' as charge_frequency,
    'VAT 19 % on ' || service as description,
    tax as list_cost,
    tax as contracted_cost,
    tax as billed_cost,
    tax as effective_cost,
from sold;

create or replace temp table numbered as
select
    *,
    row_number() over (
        partition by source
        order by account, sku, resource_name, charge_category, charge_start, description, commitment_status
    ) as position,
from drafts;

create or replace temp table charges as
select
    drafts.source,
    if(drafts.resource_name is not null and skus.resource_type in ('Virtual Machine', 'Database Instance'),
        drafts.region || 'a', null) as AvailabilityZone,
    drafts.billed_cost as BilledCost,
    vendors.billing_account_id as BillingAccountId,
    vendors.billing_account_name as BillingAccountName,
    'Reseller' as BillingAccountType,
    vendors.currency as BillingCurrency,
    getvariable('month')::timestamp + interval 1 month as BillingPeriodEnd,
    getvariable('month')::timestamp as BillingPeriodStart,
    null::varchar as CapacityReservationId,
    null::varchar as CapacityReservationStatus,
    drafts.charge_category as ChargeCategory,
    drafts.charge_class as ChargeClass,
    drafts.description || coalesce(', ' || regions.region_name, '') as ChargeDescription,
    drafts.charge_frequency as ChargeFrequency,
    drafts.charge_end as ChargePeriodEnd,
    drafts.charge_start as ChargePeriodStart,
    commitments.category as CommitmentDiscountCategory,
    commitments.commitment_id as CommitmentDiscountId,
    commitments.name as CommitmentDiscountName,
    if(commitments.commitment is null, null, drafts.quantity) as CommitmentDiscountQuantity,
    drafts.commitment_status as CommitmentDiscountStatus,
    commitments.type as CommitmentDiscountType,
    if(commitments.commitment is null, null, 'Hours') as CommitmentDiscountUnit,
    if(drafts.charge_category = 'Usage' and drafts.commitment_status is distinct from 'Unused', drafts.quantity, null)
        as ConsumedQuantity,
    if(ConsumedQuantity is null, null, skus.consumed_unit) as ConsumedUnit,
    drafts.contracted_cost as ContractedCost,
    drafts.contracted_price as ContractedUnitPrice,
    drafts.effective_cost as EffectiveCost,
    upper(drafts.source) || '-' || strftime(getvariable('month')::date, '%Y%m') || '-0001' as InvoiceId,
    vendors.invoice_issuer as InvoiceIssuerName,
    drafts.list_cost as ListCost,
    drafts.list_price as ListUnitPrice,
    drafts.pricing_category as PricingCategory,
    vendors.currency as PricingCurrency,
    drafts.contracted_price as PricingCurrencyContractedUnitPrice,
    drafts.effective_cost as PricingCurrencyEffectiveCost,
    drafts.list_price as PricingCurrencyListUnitPrice,
    drafts.quantity as PricingQuantity,
    if(drafts.quantity is null, null, skus.unit) as PricingUnit,
    vendors.provider as ProviderName,
    coalesce(skus.publisher, vendors.publisher) as PublisherName,
    drafts.region as RegionId,
    regions.region_name as RegionName,
    case
        when drafts.resource_name is null or drafts.resource_name = commitments.commitment_id
            then drafts.resource_name
        when drafts.source = 'aws'
            then concat_ws(
                ':', 'arn:aws', split_part(drafts.sku, '-', 1), coalesce(drafts.region, ''), accounts.account_id,
                drafts.resource_name
            )
        when drafts.source = 'microsoft'
            then concat(
                accounts.account_id, '/resourceGroups/rg-', drafts.application, '/providers/',
                replace(skus.service, ' ', ''), '/', drafts.resource_name
            )
        else concat('projects/', accounts.account_id, '/', replace(lower(skus.resource_type), ' ', '-'), '/',
            drafts.resource_name)
    end as ResourceId,
    if(drafts.resource_name = commitments.commitment_id, commitments.name, drafts.resource_name) as ResourceName,
    if(drafts.resource_name = commitments.commitment_id, commitments.type, skus.resource_type) as ResourceType,
    skus.category as ServiceCategory,
    if(drafts.resource_name = commitments.commitment_id, commitments.service, skus.service) as ServiceName,
    'Other (' || skus.category || ')' as ServiceSubcategory,
    if(drafts.charge_category = 'Tax', null, skus.sku_id) as SkuId,
    if(drafts.charge_category = 'Tax', null, skus.description) as SkuMeter,
    null::varchar as SkuPriceDetails,
    SkuId || if(drafts.commitment is null, '.ONDEMAND', '.COMMITTED') as SkuPriceId,
    accounts.account_id as SubAccountId,
    accounts.account as SubAccountName,
    'Customer account' as SubAccountType,
    '{"application": "' || drafts.application || '", "environment": "' || drafts.environment || '"}' as Tags,
    coalesce(drafts.region || ':', '') || drafts.sku as x_UsageType,
    'rg-' || drafts.application as x_ResourceGroupName,
    if(drafts.charge_category = 'Tax', 'tax', 'regular') as x_CostType,
    drafts.position,
from numbered as drafts
inner join skus using (source, sku)
inner join vendors using (source)
inner join accounts using (source, account)
left join regions using (region)
left join commitments using (commitment);
