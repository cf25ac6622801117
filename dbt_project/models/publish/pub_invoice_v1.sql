select
    invoice.customer_id,
    customers.legal_name as customer_name,
    invoice.billing_period,
    invoice.document_number,
    invoice.document_type,
    invoice.status,
    invoice.issue_date,
    invoice.due_date,
    invoice.currency,
    invoice.net_amount,
    invoice.tax_amount,
    invoice.gross_amount,
    invoice.prepaid_drawn,
    invoice.payable_amount,
    invoice.reference_document,
    invoice.blocked_reason,
    invoice.force_reason_needed,
    invoice.purchase_order,
    invoice.period_start,
    invoice.period_end
from {{ ref('fct_invoice') }} as invoice
left join {{ ref('dim_customer') }} as customers
    on invoice.customer_id = customers.customer_id
