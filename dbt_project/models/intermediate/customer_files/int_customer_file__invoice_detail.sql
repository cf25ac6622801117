{{ config(materialized='view') }}

-- FOCUS 1.4 Invoice Detail: every line of a document as it is printed, and its tax. The first columns place a row; the rest
-- are the file's.
with details as (
    select
        document_id,
        customer_id,
        billing_period,
        line_number,
        document_id || '/' || line_number as invoice_detail_id,
        coalesce(charge_category, 'Adjustment') as charge_category,
        concat_ws('; ', description, detail) as description,
        amount,
        reference_document,
        line_type,
        quantity,
        unit,
        unit_price,
        tax_code,
        tax_rate,
        -- Without what is not known: merging into an empty object leaves nulls out.
        json_merge_patch('{}', json_object(
            'ServiceName', service, 'SkuId', sku, 'x_ProviderName', vendor, 'x_PublisherName', publisher,
            'x_LineType', line_type, 'x_UsedByCustomerId', used_by_customer_id,
            'x_UsedFrom', strftime(charge_period_start, '%Y-%m-%d'), 'x_UsedUntil', strftime(charge_period_end, '%Y-%m-%d')
        )) as grain
    from {{ ref('int_customer_file__line') }}
    union all by name
    select
        document_id,
        customer_id,
        billing_period,
        invoice_detail_id,
        'Tax' as charge_category,
        description,
        tax_amount as amount,
        tax_code,
        tax_rate,
        taxable_amount,
        json_object('x_TaxCode', tax_code) as grain
    from {{ ref('int_customer_file__tax') }}
)

select
    details.customer_id,
    details.billing_period,
    details.document_id,
    details.line_number,
    details.amount as BilledCost,
    details.customer_id as BillingAccountId,
    document.currency as BillingCurrency,
    cast(document.period_end as timestamp) as BillingPeriodEnd,
    cast(document.period_start as timestamp) as BillingPeriodStart,
    details.charge_category as ChargeCategory,
    document.created_at as InvoiceDetailCreated,
    details.description as InvoiceDetailDescription,
    cast(details.grain as varchar) as InvoiceDetailGrain,
    details.invoice_detail_id as InvoiceDetailId,
    document.updated_at as InvoiceDetailLastUpdated,
    details.document_id as InvoiceId,
    cast(document.issue_date as timestamp) as InvoiceIssueDate,
    document.status as InvoiceIssueStatus,
    document.issuer_name as InvoiceIssuerName,
    document.currency as PaymentCurrency,
    cast(document.due_date as timestamp) as PaymentDueDate,
    case when document.payment_days > 0 then 'Net ' || document.payment_days else 'Due on receipt' end as PaymentTerms,
    document.purchase_order as PurchaseOrderNumber,
    coalesce(details.reference_document, document.reference_document, details.document_id) as ReferenceInvoiceId,
    details.quantity as x_Quantity,
    details.unit as x_Unit,
    details.unit_price as x_UnitPrice,
    details.tax_code as x_TaxCode,
    details.tax_rate as x_TaxRate,
    details.taxable_amount as x_TaxableAmount
from details
inner join {{ ref('int_customer_file__document') }} as document
    on details.document_id = document.document_id
    and details.customer_id = document.customer_id
    and details.billing_period = document.billing_period
