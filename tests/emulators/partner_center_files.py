"""Reconciliation and daily usage rows made from the documented columns and arithmetic: nobody publishes real ones.

Microsoft truncates: usage lines ROUNDDOWN(ROUNDDOWN(price × quantity, 2) × rate, 2), licence lines
ROUNDDOWN(price × rate, 2) × quantity, daily usage FLOOR(price × quantity × rate, 2).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_FLOOR, Decimal
from typing import Any

Row = dict[str, Any]
CENT = Decimal("0.01")
PLAN = "DZH318Z0BPS6"


def rounddown(amount: Decimal) -> Decimal:
    """Truncate to cents, towards zero."""
    return amount.quantize(CENT, ROUND_DOWN)


def floored(amount: Decimal) -> Decimal:
    """Round down to cents."""
    return amount.quantize(CENT, ROUND_FLOOR)


def usage_subtotal(price: Decimal, quantity: Decimal, rate: Decimal) -> Decimal:
    """The documented subtotal of a usage line."""
    return rounddown(rounddown(price * quantity) * rate)


def licence_subtotal(price: Decimal, quantity: Decimal, rate: Decimal) -> Decimal:
    """The documented subtotal of a licence line."""
    return rounddown(price * rate) * quantity


def effective_price(unit_price: Decimal, quantity: Decimal, pec_percent: Decimal) -> Decimal:
    """The documented price after partner earned credit: the cost is floored, then divided by the quantity."""
    cost = floored(unit_price * quantity * (100 - pec_percent) / 100)
    return (cost / quantity).quantize(Decimal("1e-15"))


def line(customer: str, **columns: Any) -> Row:
    """A reconciliation line; ``subtotal`` and the rest as given."""
    row = {
        "PartnerId": "0e195b37-4574-4539-bc42-0e539b9684c0",
        "CustomerId": customer,
        "CustomerName": f"Customer {customer}",
        "CustomerDomainName": f"{customer}.onmicrosoft.com",
        "CustomerCountry": "DE",
        "InvoiceNumber": "",
        "MpnId": "1234567",
        "Tier2MpnId": 0,
        "OrderId": "94e858b6d855",
        "OrderDate": "2024-09-02T18:30:06.6045692Z",
        "ProductId": "CFQ7TTC0LH0R",
        "SkuId": "0001",
        "AvailabilityId": "CFQ7TTC0K5RQ",
        "SkuName": "Microsoft 365 E3",
        "ProductName": "Microsoft 365 E3",
        "ChargeType": "new",
        "TaxTotal": Decimal(0),
        "Currency": "EUR",
        "PriceAdjustmentDescription": "[]",
        "PublisherName": "Microsoft Corporation",
        "SubscriptionDescription": "Microsoft 365 E3",
        "SubscriptionId": f"sub-{customer}",
        "ChargeStartDate": "2024-09-01T00:00:00Z",
        "ChargeEndDate": "2024-09-30T00:00:00Z",
        "TermAndBillingCycle": "One-Year commitment for monthly/yearly billing",
        "UnitType": "",
        "BillingFrequency": "Monthly",
        "PricingCurrency": "EUR",
        "PCToBCExchangeRate": Decimal(1),
        "PCToBCExchangeRateDate": "2024-09-01T00:00:00Z",
        "MeterDescription": "",
        "ReservationOrderId": "8fdebb4a-7110-496e-9570-623e4c992797",
        "CreditReasonCode": "",
        "PromotionId": "",
        **columns,
    }
    row["Total"] = columns.get("Total", row["Subtotal"] + row["TaxTotal"])
    return row


def licence(customer: str, price: str, quantity: int, *, effective: str | None = None, **columns: Any) -> Row:
    """A licence line; ``effective`` is the price for its part of the cycle, after promotions."""
    paid = Decimal(effective or price)
    rate = Decimal(columns.get("PCToBCExchangeRate", 1))
    given = {
        "UnitPrice": Decimal(price),
        "EffectiveUnitPrice": paid,
        "Quantity": quantity,
        "BillableQuantity": quantity,
        "Subtotal": licence_subtotal(paid, Decimal(quantity), rate),
        **columns,
    }
    return line(customer, **given)


def usage_line(customer: str, meter: str, price: str, quantity: str, **columns: Any) -> Row:
    """A usage line of the Azure plan; ``effective`` in ``columns`` is the price after partner earned credit."""
    rate = Decimal(columns.get("PCToBCExchangeRate", 1))
    paid = Decimal(columns.pop("effective", price))
    given = {
        "ProductId": PLAN,
        "SkuId": "0001",
        "AvailabilityId": "DZH318Z0BQ3Q",
        "SkuName": "Azure plan",
        "ProductName": "Azure plan",
        "SubscriptionId": f"plan-{customer}",
        "SubscriptionDescription": "Azure plan",
        "TermAndBillingCycle": "",
        "BillingFrequency": "",
        "ReservationOrderId": "",
        "UnitType": "1 Hour",
        "MeterDescription": meter,
        "UnitPrice": Decimal(price),
        "EffectiveUnitPrice": paid,
        "Quantity": Decimal(quantity),
        "BillableQuantity": Decimal(quantity),
        "Subtotal": usage_subtotal(paid, Decimal(quantity), rate),
        **columns,
    }
    return line(customer, **given)


def daily(customer: str, subscription: str, day: str, price: str, quantity: str, **columns: Any) -> Row:
    """A daily usage row of the Azure plan, floored to the cent as documented unless its total is given."""
    rate = Decimal(columns.get("PCToBCExchangeRate", 1))
    percent = Decimal(columns.get("PartnerEarnedCreditPercentage", 0))
    paid = Decimal(price) * (100 - percent) / 100
    return {
        "PartnerId": "0e195b37-4574-4539-bc42-0e539b9684c0",
        "CustomerId": customer,
        "CustomerName": f"Customer {customer}",
        "InvoiceNumber": "",
        "ProductId": PLAN,
        "SkuId": "0001",
        "AvailabilityId": "DZH318Z0BQ3Q",
        "SkuName": "Azure plan",
        "ProductName": "Azure plan",
        "PublisherName": "Microsoft",
        "SubscriptionDescription": "Azure plan",
        "SubscriptionId": f"plan-{customer}",
        "ChargeStartDate": "2024-09-01T00:00:00Z",
        "ChargeEndDate": "2024-09-30T00:00:00Z",
        "UsageDate": f"{day}T00:00:00Z",
        "MeterCategory": "Virtual Machines",
        "MeterSubCategory": "Dv3/DSv3 Series",
        "MeterId": "meter-d2",
        "MeterName": "D2 v3/D2s v3",
        "MeterRegion": "EU West",
        "Unit": "1 Hour",
        "ResourceLocation": "EUWEST",
        "ConsumedService": "Microsoft.Compute",
        "ResourceGroup": "rg",
        "ResourceURI": f"/subscriptions/{subscription}/resourceGroups/rg/providers/"
        "Microsoft.Compute/virtualMachines/vm1",
        "ChargeType": "new",
        "UnitPrice": Decimal(price),
        "Quantity": Decimal(quantity),
        "UnitType": "1 Hour",
        "BillingPreTaxTotal": floored(paid * Decimal(quantity) * rate),
        "BillingCurrency": "EUR",
        "PricingPreTaxTotal": floored(paid * Decimal(quantity)),
        "PricingCurrency": "EUR",
        "Tags": '"env": "prod"',
        "AdditionalInfo": '{"UsageType": "ComputeHR"}',
        "EffectiveUnitPrice": paid,
        "PCToBCExchangeRate": rate,
        "EntitlementId": subscription,
        "EntitlementDescription": f"Subscription {subscription}",
        "PartnerEarnedCreditPercentage": percent,
        "CreditPercentage": Decimal(0),
        "CreditType": "Partner Earned Credit Applied" if percent else "Credit Not Applied",
        **columns,
    }


def days(month: str = "2024-09", count: int = 30) -> list[str]:
    """The first days of a month."""
    first = dt.date.fromisoformat(f"{month}-01")
    return [str(first + dt.timedelta(days=number)) for number in range(count)]


def invoiced(number: str, rows: Sequence[Row]) -> list[Row]:
    """The rows under an invoice number."""
    return [{**row, "InvoiceNumber": number} for row in rows]


def total(rows: Sequence[Row]) -> Decimal:
    """What an invoice with these reconciliation lines comes to."""
    return sum((row["Subtotal"] + row["TaxTotal"] for row in rows), Decimal(0))


def as_json_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as the export API delivers them."""
    return "".join(
        json.dumps(row, default=lambda value: float(value) if isinstance(value, Decimal) else str(value))
        + "\n"
        for row in rows
    )


def as_portal_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as the portal writes them: CSV with a byte order mark, US dates, its own name for the reseller's id."""
    text = io.StringIO()
    names = {name: "ResellerMpnId" if name == "Tier2MpnId" else name for name in rows[0]}
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names.values())
    writer.writerows([[_us_date(row[name]) for name in names] for row in rows])
    return "\ufeff" + text.getvalue()


def _us_date(value: Any) -> Any:
    try:
        moment = dt.datetime.fromisoformat(str(value)) if str(value).endswith("Z") else None
    except ValueError:
        return value
    return f"{moment.month}/{moment.day}/{moment.year} 12:00:00 AM" if moment else value
