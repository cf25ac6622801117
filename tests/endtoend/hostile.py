"""A vendor that writes HTML, formulas and Typst where names should stand, and the customer who pays for it."""

from __future__ import annotations

import csv
from pathlib import Path

SOURCE, CUSTOMER, ACCOUNT = "outsider", "mallory", "acct-1"
SCRIPT = "<script>alert('billed')</script>"
FORMULA = '=HYPERLINK("http://evil.example","pay here")'
PANIC = "#panic() $x^2$ *bold* @cite"
QUOTED = 'Accounts "R" Us <img src=x onerror=alert(1)>'
LEGAL_NAME = f"Mallory {SCRIPT} #panic() GmbH"

#: ServiceName, ChargeDescription, ResourceName, BilledCost of each row; charge days are 2024-09-02, -03 and -04.
ROWS = (
    (SCRIPT, "@SUM(A1:A9)", "+cmd|' /C calc'!A0", "100.10"),
    (FORMULA, FORMULA, "-2+3", "200.20"),
    (PANIC, f"{PANIC} {SCRIPT}", "web-1", "300.30"),
)
FILE = "2024-09/charges.csv"


def add(demo: Path) -> None:
    """Add source, vendor file, customer, account, contract and prices to a written demo."""
    _write(demo / "vendor-files" / SOURCE / FILE)
    with (demo / "config" / "reseller.yml").open("a", encoding="utf-8") as book:
        book.write(f"  - name: {SOURCE}\n    kind: focus_files\n    path: ../vendor-files/{SOURCE}\n")
    config = demo / "config"
    _append(
        config / "customers.csv",
        customer_id=CUSTOMER,
        legal_name=LEGAL_NAME,
        street="Hintertür 1",
        city="Berlin",
        postal_code="10115",
        country="DE",
        tax_id="DE304418721",
        currency="EUR",
        locale="de_DE",
        since="2024-01-01",
    )
    _append(config / "accounts.csv", source=SOURCE, account_id=ACCOUNT, customer_id=CUSTOMER)
    _append(config / "contracts.csv", contract_id="M-1", customer_id=CUSTOMER, price_book="mallory-eur")
    _append(config / "price_books.csv", price_book="mallory-eur", currency="EUR", description=SCRIPT)
    rule = {"rule_id": "MALLORY", "model": "cost_plus", "basis": "billed", "percent": "10"}
    _append(config / "price_rules.csv", price_book="mallory-eur", **rule)


def _write(file: Path) -> None:
    file.parent.mkdir(parents=True)
    rows = [_row(day, *values) for day, values in enumerate(ROWS, start=2)]
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _row(day: int, service: str, description: str, resource: str, cost: str) -> dict[str, str]:
    return {
        "BillingAccountId": "outsider-payer",
        "BillingAccountName": QUOTED,
        "SubAccountId": ACCOUNT,
        "SubAccountName": QUOTED,
        "ProviderName": f"Outsider {SCRIPT}",
        "PublisherName": PANIC,
        "InvoiceIssuerName": "Outsider",
        "ServiceName": service,
        "ServiceCategory": "Other",
        "SkuId": f"sku-{day}",
        "SkuPriceId": f"sku-{day}",
        "ResourceId": f"res-{day}",
        "ResourceName": resource,
        "ResourceType": "Thing",
        "RegionId": "eu",
        "RegionName": "Europe",
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ChargeDescription": description,
        "ChargeFrequency": "Usage-Based",
        "BillingCurrency": "EUR",
        "BillingPeriodStart": "2024-09-01T00:00:00Z",
        "BillingPeriodEnd": "2024-10-01T00:00:00Z",
        "ChargePeriodStart": f"2024-09-{day:02d}T00:00:00Z",
        "ChargePeriodEnd": f"2024-09-{day + 1:02d}T00:00:00Z",
        "PricingCategory": "Standard",
        "PricingQuantity": "1",
        "PricingUnit": "Hours",
        **dict.fromkeys(("ListCost", "ContractedCost", "BilledCost", "EffectiveCost"), cost),
    }


def _append(file: Path, **values: str) -> None:
    with file.open(encoding="utf-8", newline="") as handle:
        names = next(csv.reader(handle))
    with file.open("a", encoding="utf-8", newline="") as handle:
        csv.DictWriter(handle, names).writerow(values)
