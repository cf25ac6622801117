select
    entry_id, line_number, accounting_period, posting_date, entry_type, posting_type, account, account_name, cost_center,
    customer_id, customer_name, document_number, reference, billing_period, due_date, vendor, service, tax_code, tax_rate,
    debit, credit, amount, currency, description
from {{ ref('fct_journal_entry') }}
