{{ config(materialized='view') }}

-- FOCUS 1.2 Cost and Usage with the reseller as invoice issuer. The first columns place a row; the rest are the file's.
-- No commitment, no pricing category: they may be the reseller's. No unit prices: amounts are not made from them.
select
    rows.customer_id,
    rows.billing_period,
    rows.document_id,
    rows.line_number,
    rows.charge_id,
    rows.billed_cost as BilledCost,
    rows.customer_id as BillingAccountId,
    document.customer_name as BillingAccountName,
    document.currency as BillingCurrency,
    cast(document.period_end as timestamp) as BillingPeriodEnd,
    cast(document.period_start as timestamp) as BillingPeriodStart,
    rows.charge_category as ChargeCategory,
    case when document.charges_sign < 0 then 'Correction' else rows.charge_class end as ChargeClass,
    rows.charge_description as ChargeDescription,
    cast(rows.charge_period_end as timestamp) as ChargePeriodEnd,
    cast(rows.charge_period_start as timestamp) as ChargePeriodStart,
    rows.contracted_cost as ContractedCost,
    rows.billed_cost as EffectiveCost,
    rows.document_id as InvoiceId,
    document.issuer_name as InvoiceIssuerName,
    rows.list_cost as ListCost,
    rows.quantity as PricingQuantity,
    rows.unit as PricingUnit,
    coalesce(rows.vendor, document.issuer_name) as ProviderName,
    coalesce(rows.publisher, rows.vendor, document.issuer_name) as PublisherName,
    rows.region as RegionId,
    rows.resource_id as ResourceId,
    rows.resource_name as ResourceName,
    coalesce(rows.service_category, 'Other') as ServiceCategory,
    coalesce(rows.service, 'Adjustments') as ServiceName,
    'Other (' || coalesce(rows.service_category, 'Other') || ')' as ServiceSubcategory,
    rows.sku as SkuId,
    rows.sub_account_id as SubAccountId,
    rows.sub_account_name as SubAccountName,
    rows.tag_pairs as Tags,
    coalesce(rows.invoice_detail_id, rows.document_id || '/' || rows.line_number) as x_InvoiceDetailId,
    document.status as x_InvoiceIssueStatus,
    coalesce(rows.reference_document, document.reference_document, rows.document_id) as x_ReferenceInvoiceId,
    coalesce(rows.used_by_customer_id, rows.customer_id) as x_UsedByCustomerId
from {{ ref('int_customer_file__row') }} as rows
inner join {{ ref('int_customer_file__document') }} as document
    on rows.document_id = document.document_id
    and rows.customer_id = document.customer_id
    and rows.billing_period = document.billing_period
