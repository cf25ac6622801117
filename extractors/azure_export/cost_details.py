"""The actual and amortised cost data sets of Cost Management: their columns, whatever agreement delivers them.

The spelling is that of the partner agreement's schema (camel case). Enterprise, customer and pay-as-you-go agreements
spell or name the same columns differently, and pay-as-you-go files may carry translated headers such as
``Ressourcengruppe (ResourceGroup)``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

from extractors.contract import Contract
from extractors.focus_files.focus import FOCUS

ACTUAL, AMORTIZED, FOCUS_COST = "actual", "amortized", "focus"

#: Other names of a column, in lower case.
_ALIASES = MappingProxyType(
    {
        "billingcurrencycode": "billingCurrency",
        "cost": "costInBillingCurrency",
        "currency": "billingCurrency",
        "instanceid": "resourceId",
        "instancename": "resourceId",
        "invoicesection": "invoiceSectionName",
        "pretaxcost": "costInBillingCurrency",
        "product": "productName",
        "resourcegroup": "resourceGroupName",
        "resourcerate": "effectivePrice",
        "subscriptionguid": "subscriptionId",
        "usagedatetime": "date",
        "usagequantity": "quantity",
    }
)
_TRANSLATED = re.compile(r".*\((\w+)\)")  # the column's own name stands behind its translation

_CHARGE_TYPES = ("Usage", "Purchase", "Refund", "RoundingAdjustment", "Tax", "Adjustment", "Credit")
_UNUSED = ("UnusedReservation", "UnusedSavingsPlan")  # in amortised cost only


def spelled(name: str) -> str:
    """Return a delivered column's name in the spelling of the partner agreement's schema."""
    translated = _TRANSLATED.fullmatch(name)
    own = translated[1] if translated else name
    return _ALIASES.get(own.casefold(), own)


_AMORTIZED_COST = Contract(
    table="raw.azure_cost",
    decimals=frozenset(
        {
            "costInBillingCurrency",
            "costInPricingCurrency",
            "costInUsd",
            "effectivePrice",
            "exchangeRatePricingToBilling",
            "paygCostInBillingCurrency",
            "paygCostInUsd",
            "payGPrice",
            "quantity",
            "unitPrice",
        }
    ),
    times=frozenset({"billingMonth", "date"}),
    required=(
        ("costInBillingCurrency",),
        ("billingCurrency",),
        ("date",),
        ("subscriptionId",),
        ("meterCategory",),
    ),
    not_null=frozenset({"billingCurrency", "costInBillingCurrency", "date"}),
    allowed=MappingProxyType({"chargeType": (*_CHARGE_TYPES, *_UNUSED)}),
    amount="costInBillingCurrency",
    currency="billingCurrency",
    billing_period="billingMonth",
    charge_start="date",
    charge_end="date",
    invoice="invoiceId",
    rename=spelled,
    time_formats=("%m/%d/%Y", "%m/%d/%Y %H:%M:%S"),
    # Pay-as-you-go files and those of a partner's subscription do not tell the billing period: it is the day's month.
    derived=MappingProxyType(
        {
            "billingMonth": "coalesce(nullif(cast({billingPeriodStartDate} as varchar), ''), "
            "nullif(cast({date} as varchar), ''))"
        }
    ),
    end_inclusive=True,
    details=True,
)

#: Times without seconds, as exports of FOCUS 1.0 write them.
_FOCUS_COST = replace(FOCUS, time_formats=("%Y-%m-%dT%H:%MZ",))

#: Rows of actual cost are the money. Amortised rows of the same delivery only say how commitments spread over usage.
CONTRACT = replace(
    _AMORTIZED_COST,
    allowed=MappingProxyType({"chargeType": _CHARGE_TYPES}),
    details=False,
    variants=MappingProxyType({f"{AMORTIZED}/": _AMORTIZED_COST, f"{FOCUS_COST}/": _FOCUS_COST}),
)
