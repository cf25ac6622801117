"""The book of business that the benchmark bills with: every feature of it in use.

2,000 customers, 20,000 price rules (a quarter each by cost, by list, by unit, by tiers and packages, the last two
with a parent book), 10,000 tiers, discounts of every kind, a subscription each (changed in mid-month), and here and
there a minimum commitment, a cap, a prepaid balance, an adjustment, a quarterly bill, a parent.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

DEMO_BOOK = Path(__file__).resolve().parent.parent / "cspbill" / "demo" / "book"
PROVIDERS = ("AWS", "Microsoft", "Google Cloud")
CATEGORIES = ("Compute", "Storage", "Databases", "Networking", "Analytics", "AI and Machine Learning")
UNITS = ("Hours", "GB-Months", "Hours", "GB", "Hours", "Hours")
PLACES = (("DE", "EUR", "de_DE"), ("US", "USD", "en_US"), ("GB", "GBP", "en_GB"))
BOOKS = ("cost", "list", "units", "tiers")
Rows = Iterable[Sequence[object]]

RESELLER = """\
legal_name: Benchmark Reseller GmbH
street: Messweg 1
city: Hamburg
postal_code: "20459"
country: DE
tax_id: DE819900170
base_currency: EUR
locale: en_GB
billing_starts: 2024-09-01
sources:
  - name: bench
    kind: focus_files
    path: ../vendor-files
"""


def write_book(config: Path, accounts: int, skus: int) -> None:
    """Write the book for so many customers (an account each) and SKUs."""
    config.mkdir(parents=True, exist_ok=True)
    (config / "reseller.yml").write_text(RESELLER, encoding="utf-8")
    for name in ("fx_rates.csv", "tax_rates.csv"):
        (config / name).write_bytes((DEMO_BOOK / name).read_bytes())
    tables: dict[str, Rows] = {
        "tax_categories": [("tax_category", "vendor", "service", "sku"), ("standard", "", "", "")],
        "price_books": _price_books(),
        "price_rules": _price_rules(skus),
        "price_tiers": _price_tiers(skus),
        "discounts": _discounts(),
        "customers": _customers(accounts),
        "accounts": _accounts(accounts),
        "contracts": _contracts(accounts),
        "products": PRODUCTS,
        "subscriptions": _subscriptions(accounts),
        "adjustments": _adjustments(accounts),
        "prepaid": _prepaid(accounts),
    }
    for name, rows in tables.items():
        with (config / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows(rows)


def _price_books() -> Rows:
    yield "price_book", "parent", "currency", "description"
    yield "cost", "", "EUR", "Billed cost plus"
    yield "list", "", "EUR", "List less"
    yield "units", "list", "EUR", "Fixed prices"
    yield "tiers", "list", "EUR", "Tiers and packages"


def _price_rules(skus: int) -> Rows:
    names = (
        "price_book", "rule_id", "sku", "model", "basis", "percent", "unit_price", "unit", "included_quantity",
        "package_size", "minimum", "maximum",
    )  # fmt: skip
    yield names
    for number in range(skus):
        sku, unit, price = f"SKU{number:05d}", UNITS[number % 6], f"0.{500 + number * 389 % 90000:05d}"
        percent = f"{5 + number % 9}.5"
        rules: tuple[dict[str, str], ...] = (
            {"price_book": "cost", "model": "cost_plus", "basis": "effective", "percent": percent},
            {"price_book": "list", "model": "list_minus", "percent": percent},
            {"price_book": "units", "model": "unit_price", "unit_price": price, "unit": unit},
            {"price_book": "tiers", "unit": unit, **_tiered(number, price)},
        )
        for rule in rules:
            values = {**rule, "rule_id": f"{rule['price_book']}-{sku}", "sku": sku}
            yield [values.get(name, "") for name in names]


def _tiered(number: int, price: str) -> dict[str, str]:
    bounds = {"minimum": "1"} if number % 20 == 0 else {"maximum": "5000"} if number % 20 == 1 else {}
    if number % 3 == 2:
        package = {"model": "package", "unit_price": price, "package_size": "10", "included_quantity": "5"}
        return {**package, **bounds}
    return {"model": ("graduated", "volume")[number % 3], **bounds}


def _price_tiers(skus: int) -> Rows:
    yield "rule_id", "up_to", "unit_price", "flat_fee"
    for number in range(skus):
        if number % 3 != 2:
            for up_to, share, fee in (("10", 97, "1"), ("100", 83, ""), ("", 71, "")):
                yield f"tiers-SKU{number:05d}", up_to, f"0.0{(500 + number * 389 % 90000) * share:07d}", fee


def _discounts() -> Rows:
    names = (
        "discount_id", "discount_group", "kind", "vendor", "service", "min_services", "min_spend",
        "min_spend_scope", "min_tenure_months", "percent", "max_amount", "max_periods",
    )  # fmt: skip
    yield names
    rows = [*_line_discounts(), *_period_discounts()]
    yield from ([row.get(name, "") for name in names] for row in rows)


def _line_discounts() -> Iterator[dict[str, str]]:
    services = [(p, f"{p} {c} {n}") for p in PROVIDERS for c in CATEGORIES for n in range(10)]
    for number, (vendor, service) in enumerate(services):
        yield {
            "discount_id": f"L{number}",
            "kind": "line",
            "vendor": vendor,
            "service": service,
            "percent": "2",
        }


def _period_discounts() -> Iterator[dict[str, str]]:
    bundle = {"kind": "bundle", "min_services": "3", "min_spend": "10", "min_spend_scope": "each"}
    yield {"discount_id": "B", "percent": "4", **bundle}
    for spend, percent in (("100", "1"), ("1000", "2"), ("10000", "3")):
        band = {"kind": "volume", "discount_group": "bands", "min_spend": spend, "percent": percent}
        yield {"discount_id": f"V{spend}", **band}
    yield {"discount_id": "R", "kind": "relationship", "min_tenure_months": "12", "percent": "1.5"}
    yield {"discount_id": "P", "kind": "promotion", "percent": "10", "max_amount": "50", "max_periods": "3"}


def _customers(accounts: int) -> Rows:
    names = (
        "customer_id",
        "legal_name",
        "street",
        "city",
        "postal_code",
        "country",
        "currency",
        "locale",
        "since",
    )
    yield *names, "billing_frequency", "parent_customer_id"
    for number in range(accounts):
        name = (f"c{number:04d}", f"Customer {number:04d}")
        country, currency, locale = PLACES[number % 3]
        frequency = "quarterly" if number % 30 == 10 else ""
        # Three further on, so that child and parent have one currency.
        parent = f"c{number + 3:04d}" if number % 30 == 20 and number + 3 < accounts else ""
        address = (f"Street {number}", "Town", "10000", country)
        yield *name, *address, currency, locale, "2023-01-01", frequency, parent


def _accounts(accounts: int) -> Rows:
    yield "source", "account_id", "customer_id"
    for number in range(accounts):
        yield "bench", f"{number:012d}", f"c{number:04d}"


def _contracts(accounts: int) -> Rows:
    names = ("contract_id", "customer_id", "price_book", "valid_from")
    yield *names, "minimum_commitment", "commitment_interval", "spend_cap"
    for number in range(accounts):
        name = (f"K-{number:04d}", f"c{number:04d}", BOOKS[number // 3 % 4], "2023-01-01")
        minimum = (
            ("1000", "month") if number % 10 == 1 else ("50000", "year") if number % 10 == 2 else ("", "")
        )
        yield *name, *minimum, "100000" if number % 10 == 3 else ""


PRODUCTS = (
    (
        "product_id",
        "name",
        "charge_type",
        "interval",
        "timing",
        "alignment",
        "unit_price",
        "currency",
        "unit_cost",
    ),
    ("DESK", "Service desk", "recurring", "month", "advance", "anniversary", "6.80", "EUR", "4.10"),
    ("BACKUP", "Backup", "recurring", "month", "arrears", "calendar", "9.40", "EUR", "3.15"),
    ("AUDIT", "Audit", "recurring", "year", "advance", "anniversary", "1200", "USD", "700"),
)


def _subscriptions(accounts: int) -> Rows:
    yield "subscription_id", "customer_id", "product_id", "event", "effective_date", "quantity"
    for number in range(accounts):
        product = PRODUCTS[1 + number % 3][0]
        name = (f"S-{number:04d}", f"c{number:04d}", product)
        yield *name, "start", f"2024-{1 + number % 9:02d}-{1 + number % 28:02d}", 5 + number % 40
        yield *name, "change", "2024-09-29", 7 + number % 40


def _adjustments(accounts: int) -> Rows:
    yield "adjustment_id", "customer_id", "date", "description", "amount"
    for number in range(0, accounts, 20):
        yield f"A-{number:04d}", f"c{number:04d}", "2024-09-15", "Goodwill", "-12.34"


def _prepaid(accounts: int) -> Rows:
    yield "customer_id", "date", "amount", "currency", "reference"
    for number in range(5, accounts, 20):
        yield f"c{number:04d}", "2024-09-01", "500", PLACES[number % 3][1], "Top-up"
