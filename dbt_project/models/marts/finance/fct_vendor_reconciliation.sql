select
    source,
    billing_period,
    currency,
    vendor_total,
    cost_loaded,
    cost_sold,
    cost_unpriced,
    cost_unallocated,
    cost_kept,
    cost_late,
    difference,
    misplaced,
    tolerance,
    verdict
from {{ ref('int_reconciliation') }}
