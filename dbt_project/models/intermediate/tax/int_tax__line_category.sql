-- The product's tax category: an own product's in products.csv, else the most specific row of tax_categories.csv, else
-- the standard one.
with categories as (
    select
        tax_category,
        specificity,
        {{ match_key('vendor') }} as vendor_key,
        {{ match_key('service') }} as service_key,
        {{ match_key('sku') }} as sku_key
    from {{ source('config', 'tax_categories') }}
),

ranked as (
    select
        lines.line_id,
        coalesce(products.tax_category, categories.tax_category) as tax_category,
        row_number() over (
            partition by lines.line_id
            order by
                categories.specificity desc,
                categories.tax_category
        ) as place
    from {{ ref('int_invoice__line') }} as lines
    left join {{ source('config', 'products') }} as products
        on lines.source = 'own'
        and lines.sku = products.product_id
    left join categories
        on categories.vendor_key in ('', {{ match_key('lines.vendor') }})
        and categories.service_key in ('', {{ match_key('lines.service') }})
        and categories.sku_key in ('', {{ match_key('lines.sku') }})
)

select
    line_id,
    coalesce(tax_category, 'standard') as tax_category
from ranked
where place = 1
