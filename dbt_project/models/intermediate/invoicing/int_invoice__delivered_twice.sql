{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_periods() }}"
) }}

-- Sub-accounts whose charges come from several sources in one billing period: two exports of the same scope, or a
-- vendor's invoice file beside its usage export. Every cent would be billed twice. Sources name services differently, so
-- that only charges above any sub-account are told apart by theirs.
select
    rated.customer_id,
    rated.billing_period,
    min(coalesce(rated.sub_account_id, rated.billing_account_id)) as account_id,
    min(rated.vendor) as vendor,
    min(rated.service) as service,
    string_agg(distinct rated.source, ' and ' order by rated.source) as sources
from {{ ref('int_rated') }} as rated
where rated.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
group by
    rated.customer_id, rated.billing_period,
    {{ match_key('rated.vendor') }}, {{ match_key('rated.sub_account_id') }},
    case
        when {{ match_key('rated.sub_account_id') }} = ''
            then {{ match_key('rated.billing_account_id') }} || chr(31) || {{ match_key('rated.service') }}
    end
having count(distinct rated.source) > 1
