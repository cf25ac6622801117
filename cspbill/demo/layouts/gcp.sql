-- The month's charges of source gcp as rows of Google's detailed billing export, in table `billing`. Google's months
-- are those of Los Angeles: all is used seven hours later than the catalogue says, the last hours on the next day.
-- Amounts become doubles because the export's columns are FLOAT: reading them back exactly is what is shown (six decimals
-- survive a double; tests/demo/test_own_kinds.py adds the files up against literal decimals).
create or replace temp table google_usage as
select
    numbered.* exclude (charge_start, charge_end, quantity, list_cost),
    numbered.charge_start + interval 7 hour as charge_start,
    numbered.charge_end + interval 7 hour as charge_end,
    numbered.quantity,
    round(coalesce(numbered.list_cost, 0), 6)::decimal(18, 6) as list_cost,
    false as is_fee,
from numbered
where source = 'gcp' and commitment_status is distinct from 'Unused' and charge_category <> 'Purchase'
union all by name
-- a commitment's fee, day by day
select
    numbered.* exclude (charge_start, charge_end, quantity, list_cost),
    day + interval 7 hour as charge_start,
    day + interval 31 hour as charge_end,
    (units * 24)::decimal(18, 4) as quantity,
    (units * 24 * hourly_fee)::decimal(18, 6) as list_cost,
    true as is_fee,
from numbered
inner join commitments using (commitment)
cross join lateral generate_series(
    numbered.charge_start, numbered.charge_end - interval 1 day, interval 1 day
) as days(day)
where numbered.source = 'gcp' and numbered.charge_category = 'Purchase';

create or replace temp table google_charges as
with promoted as (
    select
        usage.*,
        projects.billing_account_id,
        projects.project_number,
        accounts.account_id as project,
        if(projects.promotion_month::date = getvariable('month')::date and day(charge_start) <= 10,
            projects.promotion_percent::integer, 0) as promotion_percent,
        charge_category = 'Usage' and commitment is null as is_plain_usage,
    from google_usage as usage
    inner join accounts using (source, account)
    inner join gcp_projects as projects using (account)
)

select
    *,
    -- sustained use: from the middle of the month on, machines without a commitment cost a fifth less
    if(is_plain_usage and sku = 'n2-core' and day(charge_start - interval 7 hour) > 15, -round(list_cost * 0.2, 6), 0)
        ::decimal(18, 6) as sustained_use,
    if(charge_category = 'Usage' and commitment is not null and not is_fee, -list_cost, 0)::decimal(18, 6)
        as committed_use,
    if(is_plain_usage, -round(list_cost * promotion_percent * 0.01, 6), 0)::decimal(18, 6) as promotion,
    if(is_plain_usage, -round(list_cost * 0.06, 6), 0)::decimal(18, 6) as reseller_margin,
from promoted;

-- Google's invoice: tax per billing account, and what makes its total whole cents.
create or replace temp table google_totals as
select
    billing_account_id,
    sum(list_cost + sustained_use + committed_use + promotion + reseller_margin)::decimal(18, 6) as net,
    round(net, 2) - net as rounding,
    round(round(net, 2) * 0.19, 2)::decimal(18, 6) as tax,
from google_charges
group by all;

create or replace temp table google_rows as
select
    billing_account_id, account, project, project_number, sku, charge_start, charge_end, quantity, list_cost as cost,
    if(charge_category = 'Adjustment', 'adjustment', 'regular') as cost_type,
    description, region, resource_name, application, environment, list_price as price, commitment, position,
    list_filter([
        {'name': 'Sustained usage discount', 'amount': sustained_use::double, 'full_name': 'Sustained usage discount',
            'id': 'SUD', 'type': 'SUSTAINED_USAGE_DISCOUNT'},
        {'name': 'Committed usage discount: CPU', 'amount': committed_use::double,
            'full_name': 'Committed usage discount: CPU', 'id': 'CUD', 'type': 'COMMITTED_USAGE_DISCOUNT'},
        {'name': 'Migration programme', 'amount': promotion::double, 'full_name': 'Migration programme',
            'id': 'MIGRATION-2024', 'type': 'PROMOTION'},
        {'name': 'Reseller margin', 'amount': reseller_margin::double, 'full_name': 'Reseller margin',
            'id': 'RESELLER', 'type': 'RESELLER_MARGIN'}
    ], lambda credit: credit.amount <> 0) as credits,
from google_charges
union all by name
select
    billing_account_id,
    getvariable('month')::timestamp + interval 7 hour as charge_start,
    getvariable('month')::timestamp + interval 1 month + interval 7 hour as charge_end,
    unnest([tax, rounding])::decimal(18, 6) as cost,
    unnest(['tax', 'rounding_error']) as cost_type,
    unnest(['Tax', 'Rounding error']) as description,
    unnest([1000000001, 1000000002]) as position,
    [] as credits,
from google_totals;

create or replace temp table billing as
select
    charges.billing_account_id,
    if(skus.sku is null, {'id': '0000-0000-0000', 'description': 'Invoice'},
        {'id': if(skus.service = 'Compute Engine', '6F81-5844-456A', if(skus.service = 'BigQuery', '24E6-581D-38E5',
            '95FF-2EF5-5EA1')), 'description': skus.service}) as service,
    {'id': if(skus.sku is null, upper(left(md5(charges.cost_type), 4)) || '-0000-0000', skus.sku_id),
        'description': if(skus.sku is null or charges.cost_type = 'adjustment', charges.description,
            skus.description)} as sku,
    charges.charge_start::timestamptz as usage_start_time,
    charges.charge_end::timestamptz as usage_end_time,
    if(charges.project is null, null, {
        'id': charges.project, 'number': charges.project_number, 'name': charges.account,
        'labels': []::struct("key" varchar, "value" varchar)[],
        'ancestry_numbers': '/' || charges.project_number || '/',
        'ancestors': [{'resource_name': 'projects/' || charges.project_number, 'display_name': charges.account}]
    }) as project,
    if(charges.application is null, [], [
        {'key': 'application', 'value': charges.application}, {'key': 'environment', 'value': charges.environment}
    ])::struct("key" varchar, "value" varchar)[] as labels,
    []::struct("key" varchar, "value" varchar)[] as system_labels,
    {'location': charges.region, 'country': if(charges.region is null, null, 'DE'), 'region': charges.region,
        'zone': if(skus.resource_type = 'Virtual machine instance', charges.region || '-a', null)} as location,
    []::struct("key" varchar, "value" varchar, "inherited" boolean, "namespace" varchar)[] as tags,
    'GOOGLE' as transaction_type,
    'Google' as seller_name,
    (charges.charge_end + interval 5 hour)::timestamptz as export_time,
    charges.cost::double as cost,
    'USD' as currency,
    1.0::double as currency_conversion_rate,
    {
        'amount': charges.quantity::double * if(skus.consumed_unit = 'seconds', 3600, 1),
        'unit': skus.consumed_unit,
        'amount_in_pricing_units': charges.quantity::double,
        'pricing_unit': skus.unit
    } as usage,
    charges.credits::struct("name" varchar, "amount" double, "full_name" varchar, "id" varchar, "type" varchar)[]
        as credits,
    {'month': strftime(getvariable('month')::date, '%Y%m'), 'publisher_type': 'GOOGLE'} as invoice,
    charges.cost_type,
    if(charges.cost_type = 'adjustment', {
        'id': 'ADJ-' || upper(left(md5(charges.description), 8)), 'description': charges.description,
        'mode': 'PARTIAL_CORRECTION', 'type': 'SLA_VIOLATION'
    }, null) as adjustment_info,
    if(charges.cost_type = 'regular', charges.cost::double, null) as cost_at_list,
    if(charges.cost_type = 'regular', charges.cost::double, null) as cost_at_effective_price_default,
    if(charges.cost_type = 'regular', charges.cost::double, null) as cost_at_list_consumption_model,
    {'id': '7754-699E-0EBF', 'description': 'Default'} as consumption_model,
    {
        'name': charges.resource_name,
        'global_name': '//compute.googleapis.com/projects/' || charges.project_number || '/resources/'
            || charges.resource_name
    } as resource,
    {
        'effective_price': charges.price::decimal(38, 9), 'tier_start_amount': 0::decimal(38, 9), 'unit': skus.unit,
        'pricing_unit_quantity': 1::decimal(38, 9), 'list_price': charges.price::decimal(38, 9),
        'effective_price_default': charges.price::decimal(38, 9),
        'list_price_consumption_model': charges.price::decimal(38, 9)
    } as price,
    {'instance_id': if(charges.commitment is null, null, 'imaging-2024')} as subscription,
from google_rows as charges
left join skus on skus.source = 'gcp' and skus.sku = charges.sku
order by charges.position, charges.charge_start;
