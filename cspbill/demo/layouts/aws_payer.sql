-- The month's charges of source aws_payer as lines of a cost and usage report (CUR 2.0), daily, in table `cur`.
-- Columns that stay empty in every line are not here: the writer adds them, in the report's order.

create or replace temp table cur_charges as
select
    numbered.*,
    commitments.type as commitment_type,
    commitments.commitment_id,
    commitments.hourly_fee,
    commitments.units,
    case
        when charge_category = 'Tax' then 'Tax'
        when charge_class = 'Correction' then 'Refund'
        when charge_category = 'Credit' then 'Credit'
        when commitment_status = 'Used' then
            if(commitments.type = 'Savings Plan', 'SavingsPlanCoveredUsage', 'DiscountedUsage')
        when numbered.commitment is not null then
            if(commitments.type = 'Savings Plan', 'SavingsPlanRecurringFee', 'RIFee')
        when charge_category = 'Purchase' and numbered.sku <> 'kestrel' then 'Fee'
        else 'Usage'
    end as line_type,
from numbered
left join commitments using (commitment)
where numbered.source = 'aws_payer' and commitment_status is distinct from 'Unused';

-- What a commitment is worth each day (a reservation: each month), and how much of that was used.
create or replace temp table cur_fees as
select
    fees.* replace (
        if(fees.line_type = 'RIFee', fees.charge_start, day) as charge_start,
        if(fees.line_type = 'RIFee', fees.charge_end, day + interval 1 day) as charge_end,
        (fees.quantity * if(fees.line_type = 'RIFee', 1, 0) + fees.units * if(fees.line_type = 'RIFee', 0, 24))
            as quantity
    ),
    coalesce(sum(covered.effective_cost), 0)::decimal(28, 12) as used_cost,
    coalesce(sum(covered.quantity), 0)::decimal(28, 12) as used_quantity,
from (select * from cur_charges where line_type in ('RIFee', 'SavingsPlanRecurringFee')) as fees
cross join lateral generate_series(
    fees.charge_start, fees.charge_end - interval 1 day,
    if(fees.line_type = 'RIFee', interval 1 month, interval 1 day)
) as days(day)
left join (select * from cur_charges where commitment_status = 'Used') as covered
    on fees.commitment = covered.commitment
    and covered.charge_start >= day
    and covered.charge_start < day + if(fees.line_type = 'RIFee', interval 1 month, interval 1 day)
group by all;

create or replace temp table cur_lines as
select *, if(line_type = 'DiscountedUsage', 0, contracted_cost) as unblended
from cur_charges
where line_type not in ('RIFee', 'SavingsPlanRecurringFee')
union all by name
select * replace ('SavingsPlanNegation' as line_type), -contracted_cost as unblended
from cur_charges
where line_type = 'SavingsPlanCoveredUsage'
union all by name
select *, (hourly_fee * quantity)::decimal(28, 12) as unblended
from cur_fees;

create or replace temp table cur as
select
    lines.position,
    lines.line_type as line_item_line_item_type,
    if(lines.line_type = 'Refund', 'Refund', 'Anniversary') as bill_bill_type,
    if(skus.publisher is null, 'AWS', 'AWS Marketplace') as bill_billing_entity,
    getvariable('month')::timestamp as bill_billing_period_start_date,
    getvariable('month')::timestamp + interval 1 month as bill_billing_period_end_date,
    'EUINDE24-' || strftime(getvariable('month')::date, '%m') || if(skus.publisher is null, '41077', '90313')
        as bill_invoice_id,
    'Amazon Web Services EMEA SARL' as bill_invoicing_entity,
    vendors.billing_account_id as bill_payer_account_id,
    vendors.billing_account_name as bill_payer_account_name,
    md5(concat_ws('/', lines.position, lines.line_type, lines.charge_start)) as identity_line_item_id,
    strftime(lines.charge_start, '%Y-%m-%dT%H:%M:%SZ') || '/' || strftime(lines.charge_end, '%Y-%m-%dT%H:%M:%SZ')
        as identity_time_interval,
    if(products.instance_type is null, null, lines.region || 'a') as line_item_availability_zone,
    lines.unblended as line_item_blended_cost,
    rtrim(lines.contracted_price::varchar, '0') as line_item_blended_rate,
    vendors.currency as line_item_currency_code,
    coalesce(skus.publisher, 'Amazon Web Services EMEA SARL') as line_item_legal_entity,
    lines.description as line_item_line_item_description,
    products.operation as line_item_operation,
    if(lines.line_type = 'SavingsPlanRecurringFee', 'ComputeSavingsPlans', products.product_code)
        as line_item_product_code,
    case
        when lines.commitment_id is not null and lines.line_type in ('SavingsPlanRecurringFee', 'RIFee')
            then lines.commitment_id
        when lines.resource_name is not null and products.instance_type is not null then concat_ws(
            ':', 'arn:aws', if(products.product_code = 'AmazonRDS', 'rds', 'ec2'), lines.region, accounts.account_id,
            lines.resource_name
        )
        else lines.resource_name
    end as line_item_resource_id,
    if(lines.line_type = 'Tax', 'VAT', null) as line_item_tax_type,
    lines.unblended as line_item_unblended_cost,
    rtrim(if(lines.line_type = 'DiscountedUsage', 0, lines.contracted_price)::varchar, '0') as line_item_unblended_rate,
    accounts.account_id as line_item_usage_account_id,
    accounts.account as line_item_usage_account_name,
    coalesce(lines.quantity, if(lines.line_type in ('Credit', 'Refund'), 0, 1)) as line_item_usage_amount,
    lines.charge_start as line_item_usage_start_date,
    lines.charge_end as line_item_usage_end_date,
    case lines.line_type
        when 'SavingsPlanRecurringFee' then 'ComputeSP:1yrNoUpfront'
        when 'RIFee' then 'HeavyUsage:' || products.instance_type
        else coalesce(upper(left(lines.region, 2)) || right(lines.region, 1) || '-', '') || products.usage_type
    end as line_item_usage_type,
    vendors.currency as pricing_currency,
    if(is_usage, lines.list_cost, if(lines.line_type = 'SavingsPlanNegation', 0, null))
        as pricing_public_on_demand_cost,
    if(is_usage, rtrim(lines.list_price::varchar, '0'), null) as pricing_public_on_demand_rate,
    if(lines.commitment is null, null, 'No Upfront') as pricing_purchase_option,
    case when lines.commitment_type = 'Reserved Instance' then 'Reserved' when is_usage then 'OnDemand' end
        as pricing_term,
    if(lines.quantity is null, null, skus.unit) as pricing_unit,
    map {'product_name': if(lines.line_type = 'SavingsPlanRecurringFee', commitments.service, skus.service)} as product,
    lines.region as product_region_code,
    products.instance_type as product_instance_type,
    products.instance_family as product_instance_family,
    products.product_family as product_product_family,
    products.product_code as product_servicecode,
    if(lines.line_type = 'Tax', null, skus.sku_id) as product_sku,
    products.usage_type as product_usagetype,
    if(
        lines.application is null, map {},
        map {'user_application': lines.application, 'user_environment': lines.environment}
    ) as resource_tags,
    if(lines.commitment_type = 'Reserved Instance', lines.commitment_id, null) as reservation_reservation_a_r_n,
    if(lines.line_type = 'DiscountedUsage', lines.effective_cost, null) as reservation_effective_cost,
    if(lines.line_type = 'DiscountedUsage', lines.effective_cost, null) as reservation_recurring_fee_for_usage,
    if(lines.line_type = 'RIFee', lines.quantity - lines.used_quantity, null) as reservation_unused_quantity,
    if(lines.line_type = 'RIFee', lines.unblended - lines.used_cost, null) as reservation_unused_recurring_fee,
    if(lines.line_type = 'RIFee', 0, null) as reservation_unused_amortized_upfront_fee_for_billing_period,
    if(lines.commitment_type = 'Savings Plan', lines.commitment_id, null) as savings_plan_savings_plan_a_r_n,
    if(lines.commitment_type = 'Savings Plan', 'ComputeSavingsPlans', null) as savings_plan_offering_type,
    if(lines.commitment_type = 'Savings Plan', 'No Upfront', null) as savings_plan_payment_option,
    if(lines.commitment_type = 'Savings Plan', '1yr', null) as savings_plan_purchase_term,
    if(lines.line_type = 'SavingsPlanCoveredUsage', lines.effective_cost, null)
        as savings_plan_savings_plan_effective_cost,
    if(lines.line_type = 'SavingsPlanCoveredUsage', rtrim(lines.hourly_fee::varchar, '0'), null)
        as savings_plan_savings_plan_rate,
    if(lines.line_type = 'SavingsPlanRecurringFee', lines.unblended, null)
        as savings_plan_recurring_commitment_for_billing_period,
    if(lines.line_type = 'SavingsPlanRecurringFee', lines.unblended, null) as savings_plan_total_commitment_to_date,
    if(lines.line_type = 'SavingsPlanRecurringFee', lines.used_cost, null) as savings_plan_used_commitment,
from (
    select *, line_type in ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage') as is_usage from cur_lines
) as lines
inner join skus using (source, sku)
inner join vendors using (source)
inner join accounts using (source, account)
inner join aws_products as products using (sku)
left join commitments on lines.commitment = commitments.commitment
order by lines.position, lines.line_type, lines.charge_start;
