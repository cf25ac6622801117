{{ config(materialized='view') }}

-- The pipeline's day, which every run writes down: models have no other clock.
select cast(coalesce(
    (
        select cast(state.value as date) from {{ source('ops', 'state') }} as state
        where state.name = 'today'
    ),
    current_date
) as date) as as_of
