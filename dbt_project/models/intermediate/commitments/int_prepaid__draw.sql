-- What each open draft draws from each top-up that was paid in by its period's last day (R7): after tax, drafts in the
-- order of their periods, the oldest top-up first, none on or after the day that it expires. What issued documents drew is
-- gone from the start; a void has given it back.
with recursive drafts as (
    select
        customer_id,
        billing_period,
        last_day(billing_period) as last_day,
        gross_amount,
        row_number() over (partition by customer_id order by billing_period) as place
    from {{ ref('int_invoice__draft_total') }}
),

-- One step per draft: what the top-ups before it leave of its amount, as far as this one reaches.
drawing as (
    select
        top_ups.customer_id, top_ups.top_up_date, top_ups.top_up_reference, top_ups.expires, top_ups.currency, top_ups.age,
        top_ups.remaining,
        0 as place,
        {{ no_value('date') }} as billing_period,
        false as is_expired,
        cast(0 as {{ document_money_type() }}) as drawn
    from {{ ref('int_prepaid__top_up') }} as top_ups
    union all
    select
        customer_id, top_up_date, top_up_reference, expires, currency, age,
        cast(remaining - greatest(least(available, gross_amount - available_before), 0) as {{ document_money_type() }})
            as remaining,
        place,
        billing_period,
        is_expired,
        cast(greatest(least(available, gross_amount - available_before), 0) as {{ document_money_type() }}) as drawn
    from (
        select
            *,
            coalesce(sum(available) over (
                partition by customer_id order by age rows between unbounded preceding and 1 preceding
            ), 0) as available_before
        from (
            select
                drawing.customer_id, drawing.top_up_date, drawing.top_up_reference, drawing.expires, drawing.currency,
                drawing.age, drawing.remaining, drafts.place, drafts.billing_period, drafts.gross_amount,
                coalesce(drawing.expires <= drafts.last_day, false) as is_expired,
                case
                    when drawing.top_up_date > drafts.last_day or drawing.expires <= drafts.last_day then 0
                    else drawing.remaining
                end as available
            from drawing
            inner join drafts
                on drawing.customer_id = drafts.customer_id
                and drawing.place + 1 = drafts.place
        ) as eligible
    ) as stepped
)

select
    customer_id,
    billing_period,
    cast(age as integer) as draw_number,
    top_up_date,
    top_up_reference,
    expires,
    currency,
    drawn as amount,
    cast(case when is_expired then 0 else remaining end as {{ document_money_type() }}) as remaining
from drawing
where billing_period is not null and top_up_date <= last_day(billing_period)
