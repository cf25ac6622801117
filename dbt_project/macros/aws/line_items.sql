{#-
What AWS's line item types are in FOCUS. A type that is not listed here (AWS adds some) is a purchase when it costs
money and an adjustment when it gives some back: the one is sold like any charge, the other is passed on only where a
rule says so.
-#}
{% macro aws_charge_category(line_item_type, cost) -%}
    case
        when {{ line_item_type }} in ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage', 'SavingsPlanNegation')
            then 'Usage'
        when {{ line_item_type }} in ('Fee', 'RIFee', 'SavingsPlanUpfrontFee', 'SavingsPlanRecurringFee')
            then 'Purchase'
        when {{ line_item_type }} in ('Tax', 'Credit') then {{ line_item_type }}
        when {{ aws_is_discount(line_item_type) }} or {{ line_item_type }} = 'Refund' or {{ cost }} < 0
            then 'Adjustment'
        else 'Purchase'
    end
{%- endmacro %}

{#- Discount, EdpDiscount, PrivateRateDiscount, BundledDiscount, RiVolumeDiscount, SppDiscount, SPP_Discount … -#}
{% macro aws_is_discount(line_item_type) -%}
    {{ line_item_type }} like '%Discount'
{%- endmacro %}

{#- The savings plan or reservation that a row is about. A row of any other type may name one that it only touches. -#}
{% macro aws_commitment(line_item_type, savings_plan, reservation) -%}
    case
        when {{ line_item_type }} like 'SavingsPlan%' then {{ savings_plan }}
        when {{ line_item_type }} in ('DiscountedUsage', 'RIFee', 'Fee') then {{ reservation }}
    end
{%- endmacro %}

{#- Exclusive end of a charge: AWS writes some ends as the last second (23:59:59), and a purchase's as its start. -#}
{% macro aws_exclusive_end(period_start, period_end) -%}
    greatest(
        case
            when extract(minute from {{ period_end }}) = 59 and extract(second from {{ period_end }}) = 59
                then {{ period_end }} + interval '1 second'
            else {{ period_end }}
        end,
        {{ period_start }} + interval '1 second'
    )
{%- endmacro %}

{#- A rate as AWS writes it, in text: a number, or words ('Tiered') for which there is no unit price. -#}
{% macro aws_rate(rate) -%}
    try_cast({{ rate }} as {{ money_type() }})
{%- endmacro %}

{#- The price list's id of the usage that a negation offsets: only its description has it. -#}
{% macro aws_negated_sku(description) -%}
    nullif(regexp_extract({{ description }}, 'UsageSku\s*:\s*([A-Za-z0-9]+)', 1), '')
{%- endmacro %}
