-- R1.3: tax is rounded once per code and rate per document, on the sum of that category's rounded lines.
with bases as (
    select
        lines.customer_id,
        lines.billing_period,
        lines.tax_code,
        lines.tax_rate,
        lines.currency,
        max(coalesce(invoiced.legal_note, treatments.legal_note)) as legal_note,
        cast(sum(lines.amount) as {{ document_money_type() }}) as taxable_amount
    from {{ ref('int_invoice__draft_lines') }} as lines
    left join {{ ref('int_tax__treatment') }} as treatments
        on lines.customer_id = treatments.customer_id
        and lines.billing_period = treatments.billing_period
        and lines.tax_category = treatments.tax_category
        and lines.tax_code = treatments.tax_code
    -- A correction keeps the tax, and so the note, of what it corrects.
    left join {{ source('ledger', 'document_tax') }} as invoiced
        on lines.reference_document = invoiced.document_number
        and lines.tax_code = invoiced.tax_code
        and lines.tax_rate = invoiced.tax_rate
    where lines.tax_code is not null
    group by lines.customer_id, lines.billing_period, lines.tax_code, lines.tax_rate, lines.currency
)

select
    bases.customer_id,
    bases.billing_period,
    bases.tax_code,
    bases.tax_rate,
    bases.taxable_amount,
    {{ round_to_minor_unit(percent_of('bases.taxable_amount', 'bases.tax_rate'), 'currencies.minor_units') }} as tax_amount,
    bases.currency,
    bases.legal_note
from bases
inner join {{ source('config', 'currencies') }} as currencies
    on bases.currency = currencies.code
