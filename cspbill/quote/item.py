"""What a SKU means: a service that vendors' charges or the price list know, or a product of the reseller's own."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import duckdb

from cspbill.book import Book
from cspbill.errors import InputError
from cspbill.whatif import query
from invoices.money import EXACT

#: What a charge states per unit; its cost columns in the daily charges.
COSTS = ("list_cost", "contracted_cost", "billed_cost", "effective_cost", "partner_credit")
DESCRIBED = (
    "source", "vendor", "publisher", "host_provider", "invoice_issuer", "service", "service_category", "sku",
    "sku_price_id", "charge_description", "region", "region_name", "charge_category", "charge_frequency",
    "pricing_category", "vendor_currency", "unit",
)  # fmt: skip
CYCLES = {"monthly": 1, "annual": 12, "triennial": 36}

_MILLIONTHS = "cast({} * 1000000 as hugeint)"
_UNIT_PRICE = (
    f"{_MILLIONTHS.format('coalesce(list_cost, billed_cost)')} * 1000000 // {_MILLIONTHS.format('quantity')}"
)
# Of each kind of charge the plainest and newest, the customer's own before others'; of a period's purchases the
# dearest, because seats that came during a cycle cost a part of it.
_SEEN = f"""
select distinct on (lower(trim(vendor)), lower(trim(service)), lower(trim(coalesce(region, ''))), lower(trim(unit)))
    {", ".join(DESCRIBED)}, {", ".join(COSTS)}, quantity, charge_day,
    commitment_discount_id is not null as is_covered
from intermediate.int_charges__daily
where lower(trim(sku)) = $sku and quantity > 0 and unit is not null and charge_category in ('Usage', 'Purchase')
order by
    lower(trim(vendor)), lower(trim(service)), lower(trim(coalesce(region, ''))), lower(trim(unit)),
    commitment_discount_id is not null, charge_class is not null,
    charge_id not in (select charge_id from intermediate.int_charges__assigned where customer_id = $customer),
    case charge_category when 'Purchase' then billing_period else charge_day end desc,
    case charge_category when 'Purchase' then {_UNIT_PRICE} end desc nulls last,
    quantity desc, charge_id
"""
_SOURCES = """
select vendor, source, vendor_currency
from (
    select
        lower(trim(vendor)) as vendor, source, vendor_currency, max(charge_day) as newest,
        bool_or(charge_id in (select charge_id from intermediate.int_charges__assigned where customer_id = $customer))
            as is_theirs
    from intermediate.int_charges__daily where lower(trim(vendor)) = $vendor group by all
)
order by is_theirs desc, newest desc, source
"""
_SIMILAR = """
select sku from (
    select distinct sku from intermediate.int_charges__daily where sku is not null
    union select unnest($known)
)
where jaro_winkler_similarity(lower(sku), $sku) > 0.85
order by jaro_winkler_similarity(lower(sku), $sku) desc, sku limit 3
"""


@dataclass(frozen=True)
class Wanted:
    """What is asked for; what is None is left open."""

    sku: str
    vendor: str | None = None
    service: str | None = None
    region: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Order:
    """What is to be provisioned: ``quantity`` from ``start`` until the day before ``until`` (None: open)."""

    customer_id: str
    wanted: Wanted
    quantity: Decimal
    start: dt.date
    until: dt.date | None = None

    @property
    def period(self) -> dt.date:
        """First day of the month that it starts in."""
        return self.start.replace(day=1)

    @property
    def next_period(self) -> dt.date:
        """First day of the month after."""
        return self.period + dt.timedelta(days=calendar.monthrange(self.start.year, self.start.month)[1])

    @property
    def end(self) -> dt.date:
        """Where its use in that month ends, exclusive."""
        return min(self.until or self.next_period, self.next_period)


@dataclass(frozen=True)
class Item:
    """One thing that can be quoted.

    ``described``: the columns of its charges; ``unit_costs``: what the vendor states per unit, where known.
    ``product_id`` is set for own products. ``unit``: as asked for, which for licences names term and billing too.
    ``cycle_months``: of a licence, how often it is billed.
    """

    vendor: str
    service: str | None
    region: str | None
    unit: str
    described: Mapping[str, Any]
    unit_costs: Mapping[str, Decimal | None]
    known_from: str
    product_id: str | None = None
    cycle_months: int | None = None

    def __str__(self) -> str:
        """Name it as an error message lists it."""
        parts = {"vendor": self.vendor, "service": self.service, "region": self.region, "unit": self.unit}
        return ", ".join(f"{name} {value}" for name, value in parts.items() if value)

    @property
    def is_purchase(self) -> bool:
        """Whether it is charged whole, not day by day as it is used."""
        return self.product_id is None and self.described["charge_category"] == "Purchase"


def find_item(
    live: duckdb.DuckDBPyConnection, book: Book, wanted: Wanted, customer: Mapping[str, Any], day: dt.date
) -> Item:
    """Return the only item that fits; InputError names what else there is."""
    seen = [
        _seen(row)
        for row in query(live, _SEEN, {"sku": _key(wanted.sku), "customer": customer["customer_id"]})
    ]
    listed = [row for row in book.tables["price_list"] if _key(row["sku"]) == _key(wanted.sku)]
    currencies = [customer["currency"], book.reseller["base_currency"]]
    priced = _priced(seen, [row for row in listed if _is_valid(row, day)], currencies)
    items = [*priced, *_products(book, wanted.sku)]
    if not items:
        raise InputError(_unknown(live, book, wanted.sku, listed))
    fitting = [item for item in _filled(items, wanted) if _fits(item, wanted)]
    if len(fitting) != 1:
        raise InputError(_choices(wanted, fitting or items, found=bool(fitting)))
    item = fitting[0]
    if item.service is None:
        raise InputError(f"price_list.csv names no service for SKU {wanted.sku!r}: say which with --service.")
    return item if "source" in item.described else _placed(live, book, item, customer["customer_id"])


def _key(value: object) -> str:
    return "" if value is None else str(value).strip().casefold()


def _is_valid(row: Mapping[str, Any], day: dt.date) -> bool:
    return (row["valid_from"] or day) <= day and (row["valid_to"] is None or day < row["valid_to"])


def _seen(row: dict[str, Any]) -> Item:
    per_unit = {name: _ratio(row[name], row["quantity"]) for name in COSTS}
    if row["is_covered"]:  # by somebody's commitment: a new one would be charged at the contracted price
        per_unit |= dict.fromkeys(("billed_cost", "effective_cost"), per_unit["contracted_cost"])
        per_unit["partner_credit"] = None
    return Item(
        row["vendor"],
        row["service"],
        row["region"],
        row["unit"],
        {name: row[name] for name in DESCRIBED} | {"pricing_category": "Standard"},
        per_unit,
        f"charges of {row['charge_day']}",
    )


def _ratio(amount: Decimal | None, quantity: Decimal) -> Decimal | None:
    return (
        None if amount is None else EXACT.divide(amount, quantity).quantize(Decimal("1e-12"), context=EXACT)
    )


def _priced(
    seen: Sequence[Item], listed: Sequence[Mapping[str, Any]], currencies: Sequence[str]
) -> list[Item]:
    """Give seen items their list price, and add those that only the price list knows, each in one currency."""
    items, unseen = list(seen), dict[str, Item]()
    # A region's price replaces the one for everywhere.
    for row in sorted(listed, key=lambda row: (bool(row["region"]), _place(row["currency"], currencies))):
        covered = [place for place, item in enumerate(items) if _covers(row, item)]
        for place in covered:
            if items[place].described["vendor_currency"] == row["currency"]:
                prices = {**items[place].unit_costs, "list_cost": row["list_price"]}
                items[place] = replace(items[place], unit_costs=prices)
        if not covered:
            item = _listed(row, seen)
            unseen.setdefault(str(item), item)
    return [*items, *unseen.values()]


def _place(currency: str, preferred: Sequence[str]) -> tuple[int, str]:
    return (preferred.index(currency) if currency in preferred else len(preferred), currency)


def _covers(row: Mapping[str, Any], item: Item) -> bool:
    return (
        _key(row["vendor"]) == _key(item.vendor)
        and _key(row["unit"]) == _key(item.unit)
        and _key(row["region"]) in ("", _key(item.region))
        and _key(row["service"]) in ("", _key(item.service))
    )


def _listed(row: Mapping[str, Any], seen: Sequence[Item]) -> Item:
    services = {item.service for item in seen if _key(item.vendor) == _key(row["vendor"])}
    service = row["service"] or (services.pop() if len(services) == 1 else None)
    # Price sheets name a licence's term and billing in its unit; the vendor charges it in plain licences.
    licence = re.fullmatch(r"(?P<unit>.+?) P\d+[MY] (?P<billing>\w+)", row["unit"])
    described = {
        "vendor": row["vendor"],
        "publisher": row["vendor"],
        "sku": row["sku"],
        "charge_description": re.sub(r"\s*\[sheet: .*\]$", "", row["description"] or "") or None,
        "charge_category": "Purchase" if licence else "Usage",
        "pricing_category": "Standard",
        "vendor_currency": row["currency"],
        "unit": licence["unit"] if licence else row["unit"],
    }
    costs = {
        **dict.fromkeys(COSTS, row["cost_price"]),
        "list_cost": row["list_price"],
        "partner_credit": None,
    }
    months = CYCLES.get(licence["billing"].casefold()) if licence else None
    return Item(
        row["vendor"], service, row["region"], row["unit"], described, costs, "price_list.csv", None, months
    )


def _products(book: Book, sku: str) -> list[Item]:
    vendor = str(book.reseller["legal_name"])
    return [
        Item(
            vendor,
            str(row["service"] or row["name"]),
            None,
            "unit",
            {"source": "own", "charge_description": row["name"], "vendor_currency": row["currency"]},
            {"list_cost": Decimal(str(row["unit_price"]))},
            "products.csv",
            str(row["product_id"]),
        )
        for row in book.tables["products"]
        if _key(row["product_id"]) == _key(sku)
    ]


def _filled(items: Sequence[Item], wanted: Wanted) -> list[Item]:
    """Let --service and --region fill what the price list leaves open."""
    regions = {_key(item.region) for item in items}
    region = None if _key(wanted.region) in regions else wanted.region
    return [
        replace(item, service=item.service or wanted.service, region=item.region or region)
        if item.known_from == "price_list.csv"
        else item
        for item in items
    ]


def _fits(item: Item, wanted: Wanted) -> bool:
    asked = (
        (wanted.vendor, item.vendor),
        (wanted.service, item.service),
        (wanted.region, item.region),
        (wanted.unit, item.unit),
    )
    return all(want is None or _key(want) == _key(has) for want, has in asked)


def _placed(live: duckdb.DuckDBPyConnection, book: Book, item: Item, customer: str) -> Item:
    """Say which source would deliver it: that of the vendor's other charges, the customer's own before others'."""
    found = query(live, _SOURCES, {"vendor": _key(item.vendor), "customer": customer})
    named = [source.name for source in book.sources if _key(source.vendor) == _key(item.vendor)]
    source = found[0]["source"] if found else (named or ["quote"])[0]
    described = {**item.described, "source": source, "service": item.service, "region": item.region}
    return replace(item, described=described)


def _choices(wanted: Wanted, items: Sequence[Item], *, found: bool) -> str:
    listed = "".join(f"\n  {line}" for line in sorted({str(item) for item in items}))
    if found:
        return (
            f"SKU {wanted.sku!r} may be several things; say which with --vendor, --service, --region or "
            f"--unit:{listed}"
        )
    return f"SKU {wanted.sku!r} is not known like that; allowed:{listed}"


def _unknown(
    live: duckdb.DuckDBPyConnection, book: Book, sku: str, expired: Sequence[Mapping[str, Any]]
) -> str:
    if expired:
        lines = ", ".join(str(row["config_line"]) for row in expired)
        return f"price_list.csv has no price of SKU {sku!r} on that day; it has others on line {lines}."
    known = [str(row["sku"]) for row in book.tables["price_list"]]
    known += [str(row["product_id"]) for row in book.tables["products"]]
    close = [row["sku"] for row in query(live, _SIMILAR, {"sku": _key(sku), "known": known})]
    hint = f" (did you mean {' or '.join(repr(each) for each in close)}?)" if close else ""
    return (
        f"No SKU is called {sku!r}{hint}; allowed: a SKU of charges seen so far, of price_list.csv "
        "(`cspbill prices` fills it), or a product_id of products.csv."
    )
