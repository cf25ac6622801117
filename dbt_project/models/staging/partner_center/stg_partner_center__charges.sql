-- Grain: one row per reconciliation line or per daily usage row in its place, one per line's tax and one per usage key's
-- rounding. Σ billed_cost of an invoiced month is the sum of its invoices' totals, exactly.
select {{ charge_columns() | join(', ') }} from {{ ref('stg_partner_center__line_charges') }}
union all
select {{ charge_columns() | join(', ') }} from {{ ref('stg_partner_center__usage_charges') }}
