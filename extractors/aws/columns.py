"""The cost and usage report (CUR): its column names in three spellings, and what gate 1 and the loader expect.

lineItem/UnblendedCost      legacy CSV
line_item_unblended_cost    legacy Parquet (Athena), CUR 2.0
"""

from __future__ import annotations

import re
from types import MappingProxyType

from extractors.contract import Contract

#: Tools that copy reports through other warehouses shorten the name that Athena gives to "ARN".
_SHORTENED = {
    "reservation_reservation_arn": "reservation_reservation_a_r_n",
    "savings_plan_savings_plan_arn": "savings_plan_savings_plan_a_r_n",
}


def cur_name(delivered: str) -> str:
    """Return the CUR 2.0 spelling of a column, by the rules that AWS documents for Athena.

    Tags and cost categories keep their delivered names: two tags may differ in letter case only.
    """
    if delivered.startswith(("resourceTags/", "costCategory/")):
        return delivered
    if "/" not in delivered:
        return _SHORTENED.get(delivered.lower(), delivered)
    words = re.sub(r"([A-Z])", r"_\1", delivered).lower()
    return re.sub(r"_+", "_", re.sub(r"[^a-z0-9]", "_", words)).strip("_")


#: The line's invoice. A line without money may never get one, and must not keep its month from being final.
_INVOICE_OR_NO_MONEY = (
    "coalesce(nullif(cast({bill_invoice_id} as varchar), ''), "
    "case when try_cast(cast({line_item_unblended_cost} as varchar) as decimal(28, 12)) = 0 then 'no charge' end)"
)

#: Days: without an invoice a month stays an estimate, however old it is.
NEVER = 36_500

CUR = Contract(
    table="raw.aws_cur",
    decimals=frozenset(
        {
            "line_item_unblended_cost",
            "line_item_usage_amount",
            "pricing_public_on_demand_cost",
            "reservation_effective_cost",
            "reservation_unused_amortized_upfront_fee_for_billing_period",
            "reservation_unused_recurring_fee",
            "savings_plan_savings_plan_effective_cost",
            "savings_plan_total_commitment_to_date",
            "savings_plan_used_commitment",
        }
    ),
    times=frozenset(
        {
            "bill_billing_period_start_date",
            "bill_billing_period_end_date",
            "line_item_usage_start_date",
            "line_item_usage_end_date",
        }
    ),
    required=(
        ("bill_billing_period_start_date",),
        ("bill_invoice_id",),
        ("bill_payer_account_id",),
        ("line_item_currency_code",),
        ("line_item_line_item_type",),
        ("line_item_product_code",),
        ("line_item_unblended_cost",),
        ("line_item_usage_account_id",),
        ("line_item_usage_amount",),
        ("line_item_usage_end_date",),
        ("line_item_usage_start_date",),
    ),
    not_null=frozenset(
        {
            "bill_billing_period_start_date",
            "line_item_currency_code",
            "line_item_line_item_type",
            "line_item_unblended_cost",
        }
    ),
    allowed=MappingProxyType({}),
    amount="line_item_unblended_cost",
    currency="line_item_currency_code",
    billing_period="bill_billing_period_start_date",
    charge_start="line_item_usage_start_date",
    charge_end="line_item_usage_end_date",
    invoice="invoice_or_no_charge",
    rename=cur_name,
    derived=MappingProxyType({"invoice_or_no_charge": _INVOICE_OR_NO_MONEY}),
    end_inclusive=True,  # a purchase starts and ends in the same second
    days_until_final=NEVER,
    gathered=MappingProxyType(
        {
            "resource_tags": ("resourceTags/", "resource_tags_"),
            "cost_category": ("costCategory/", "cost_category_"),
        }
    ),
)
