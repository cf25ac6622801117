"""The rows of Google's billing exports: standard, detailed and reseller (channel) share one contract.

A nested field ``a.b`` is called ``a_b``; lists (credits, labels, tags) stay as they are and load as JSON.
"""

from __future__ import annotations

from types import MappingProxyType

from extractors.contract import Contract

#: The reseller export spells some columns its own way.
_ALIASES = MappingProxyType(
    {
        "usage_amount_in_pricing_unit": "usage_amount_in_pricing_units",
        "adjustmentsInfo": "adjustments_info",
    }
)
_MONEY = "decimal(28, 12)"


def column_name(delivered: str) -> str:
    """Return the raw table's name of a delivered column: ``service.id`` becomes ``service_id``."""
    name = delivered.replace(".", "_")
    return _ALIASES.get(name, name)


#: Amounts may be FLOAT or NUMERIC: each goes through its shortest text, so that 0.1 is 0.1. A credit that is no
#: number raises; it must not vanish from the sum.
_CREDIT = f"lambda credit: cast(cast(credit.amount as varchar) as {_MONEY})"
_CREDITS = f"coalesce(list_sum(list_transform({{credits}}, {_CREDIT})), 0)"
_NET_COST = f"try_cast(cast({{cost}} as varchar) as {_MONEY}) + {_CREDITS}"
#: Summed here, where credits still have their type: as JSON a NUMERIC would pass through a binary float.
_RESELLER_MARGIN = (
    "-list_sum(list_transform(list_filter({credits}, lambda credit: credit.type = 'RESELLER_MARGIN'), "
    f"{_CREDIT}))"
)

GCP_BILLING = Contract(
    table="raw.gcp_billing",
    decimals=frozenset(
        {
            "channel_partner_cost",
            "cost",
            "cost_at_effective_price_default",
            "cost_at_list",
            "cost_at_list_consumption_model",
            "currency_conversion_rate",
            "customer_cost",
            "net_cost",
            "price_effective_price",
            "price_effective_price_default",
            "price_list_price",
            "price_list_price_consumption_model",
            "price_pricing_unit_quantity",
            "price_tier_start_amount",
            "reseller_margin",
            "usage_amount_in_pricing_units",
        }
    ),
    times=frozenset({"export_time", "invoice_month_start", "usage_end_time", "usage_start_time"}),
    required=(
        ("billing_account_id",),
        ("service_description",),
        ("sku_id",),
        ("usage_start_time",),
        ("usage_end_time",),
        ("cost",),
        ("currency",),
        ("credits",),
        ("invoice_month",),
        ("cost_type",),
    ),
    not_null=frozenset(
        {"cost", "currency", "invoice_month_start", "net_cost", "usage_start_time", "cost_type"}
    ),
    allowed=MappingProxyType({"cost_type": ("regular", "tax", "adjustment", "rounding_error")}),
    amount="net_cost",
    currency="currency",
    billing_period="invoice_month_start",
    charge_start="usage_start_time",
    charge_end="usage_end_time",
    invoice="invoice_id",  # not in any export: Google names the invoice by its month only
    rename=column_name,
    derived=MappingProxyType(
        {
            "invoice_month_start": "try_strptime(cast({invoice_month} as varchar), '%Y%m')",
            "net_cost": _NET_COST,
            "reseller_margin": _RESELLER_MARGIN,
        }
    ),
    end_inclusive=True,  # taxes and adjustments may start and end at the same moment
    # The invoice comes by the fifth business day, up to the 9th of the month, and rows trickle in until then.
    days_until_final=10,
)
