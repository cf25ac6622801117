{{ config(materialized='view') }}

-- The sources that a true-up waits for: what a customer's accounts use in one that has not delivered yet would make it less.
-- A source is alive when it delivered for this billing period or the one before; an account of any source awaits them all.
with alive as (
    select source, billing_period from {{ source('ops', 'partition_in_force') }}
    union
    select source, cast(billing_period + interval 1 month as date) as billing_period
    from {{ source('ops', 'partition_in_force') }}
)

select distinct
    lines.customer_id,
    lines.billing_period,
    alive.source
from {{ ref('int_invoice__open_line') }} as lines
inner join alive
    on lines.billing_period = alive.billing_period
inner join {{ source('config', 'accounts') }} as accounts
    on lines.customer_id = accounts.customer_id
    and {{ match_key('accounts.source') }} in ('', {{ match_key('alive.source') }})
    and coalesce(accounts.valid_from <= last_day(lines.billing_period), true)
    and coalesce(accounts.valid_to > lines.billing_period, true)
where lines.line_type = 'true_up'
