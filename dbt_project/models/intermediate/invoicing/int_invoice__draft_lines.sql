-- Every line of the open documents, with the tax treatment of who pays and its place: the payer's own lines first, then
-- those of each customer that it pays for; under a service, month by month. What corrects a line is taxed as the line was.
select
    periods.payer_id as customer_id,
    periods.document_period as billing_period,
    lines.customer_id as used_by_customer_id,
    lines.billing_period as used_in_period,
    lines.line_id,
    lines.parent_line_id,
    cast(row_number() over (
        partition by periods.payer_id, periods.document_period
        order by
            lines.customer_id <> periods.payer_id, lines.customer_id, lines.part_order,
            case when lines.corrected_line_id is not null then lines.billing_period end nulls first, lines.vendor nulls last,
            lines.service nulls last, lines.billing_period, lines.charge_category desc nulls last,
            lines.weight desc nulls last, case when lines.weight is null then lines.sequence else 0 end,
            lines.group_line_id, lines.sequence, lines.line_id
    ) as integer) as line_number,
    lines.line_type, lines.source, lines.vendor, lines.publisher, lines.service, lines.sku, lines.charge_category,
    lines.description, lines.detail, lines.charge_period_start, lines.charge_period_end, lines.quantity, lines.unit,
    lines.unit_price, lines.amount, lines.exact_amount, lines.currency, lines.tax_category,
    coalesce(lines.billed_tax_code, treatments.tax_code) as tax_code,
    coalesce(lines.billed_tax_rate, treatments.tax_rate) as tax_rate,
    lines.rule_id, lines.discount_id, lines.discount_kind, lines.subscription_id, lines.reference_document,
    lines.vendor_currency, lines.fx_rate, lines.fx_date, lines.fx_source, lines.cost, customers.purchase_order, lines.corrected_line_id
from {{ ref('int_invoice__open_line') }} as lines
inner join {{ ref('int_invoice__document_period') }} as periods
    on lines.customer_id = periods.customer_id
    and lines.billing_period = periods.billing_period
inner join {{ source('config', 'customers') }} as customers
    on periods.payer_id = customers.customer_id
left join {{ ref('int_tax__treatment') }} as treatments
    on periods.payer_id = treatments.customer_id
    and periods.document_period = treatments.billing_period
    and lines.tax_category = treatments.tax_category
