{{ config(materialized='view') }}
-- Every posting before it is given an account; nothing is posted where there is no amount.
select *
from (
    select * from {{ ref('int_journal__sale') }}
    union all by name
    select * from {{ ref('int_journal__cost') }}
    union all by name
    select * from {{ ref('int_journal__cash') }}
) as every
where amount <> 0
