"""Rate a customer's period with and without a service that is not there yet; what differs is the quote."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from cspbill import warehouse
from cspbill.book import Book, read_book
from cspbill.book.csv_file import suggest
from cspbill.errors import InputError
from cspbill.quote.adding import QUOTED, add, carry_rates_forward, first_billed_period, open_account
from cspbill.quote.item import Item, Order, find_item
from cspbill.settings import Settings
from cspbill.whatif import Rows, WhatIf, Wish, family, what_if
from invoices.money import EXACT, round_money

KINDS = ("line", "bundle", "volume", "relationship", "promotion")
COMMITMENTS = ("true_up", "cap")
MONTHS = {"month": 1, "year": 12, "three_years": 36}
_COST = ("cost", "margin")
_COUNTED = re.compile(r"\d+ resources? in")  # counts what is used already too

_WITHOUT = """
create table before.line as from marts.fct_invoice_line where status = 'draft';
create table before.document as from marts.fct_invoice where status = 'draft';
"""
_RATED = f"""
create or replace view before.quoted as
select * from marts.fct_rated_charge
where sub_account_id = '{QUOTED}' or (subscription_id = '{QUOTED}' and billing_period in (from ops.dirty_period))
"""
_CHARGED = """
select
    sum(quantity) as quantity, sum(amount_before_discount) as exact_amount, min(customer_currency) as currency,
    case when count(list_amount) = count(*) then sum(list_amount) end as list_amount,
    case when count(cost) = count(*) then sum(cost) end as cost,
    list(distinct disposition || ': ' || reason) filter (where disposition <> 'sold') as not_sold
from before.quoted
"""
_RULES = """
select distinct quoted.rule_id, quoted.model, quoted.contract_id, rules.description, rules.price_book, rules.valid_to
from before.quoted as quoted
left join config.price_rules as rules using (rule_id)
order by all
"""
_RATES = """
select distinct
    case when is_direct then vendor_currency else books.currency end as from_currency,
    customer_currency as to_currency,
    case when is_direct then priced.fx_rate else rates.fx_rate end as rate,
    least(case when is_direct then priced.fx_date else rates.fx_date end, newest.date) as date
from (
    select *, coalesce(model in ('cost_plus', 'list_minus', 'subscription', 'one_off'), true) as is_direct
    from before.quoted where disposition = 'sold'
) as priced
cross join config.reseller as policy
cross join (select max(date) as date from config.fx_rates where config_line > 0) as newest
left join config.price_rules as rules using (rule_id)
left join config.price_books as books on rules.price_book = books.price_book
left join intermediate.int_fx__rate as rates
    on books.currency = rates.from_currency and priced.customer_currency = rates.to_currency
    and rates.on_date = case policy.fx_policy when 'charge_date' then charge_day else billing_period end
where case when is_direct then vendor_currency else books.currency end <> customer_currency
order by all
"""
_DIFFERENCES = """
select line_type, discount_id, discount_kind, description, sum(amount) as amount, sum(was) = 0 as is_new
from (
    select line_type, discount_id, discount_kind, description, amount, 0 as was
    from marts.fct_invoice_line where status = 'draft'
    union all
    select line_type, discount_id, discount_kind, description, -amount, amount from before.line
)
group by all
having sum(amount) <> 0
order by all
"""
_DOCUMENTS = """
select
    sum(coalesce(now.net_amount, 0) - coalesce(was.net_amount, 0)) as net_amount,
    sum(coalesce(now.tax_amount, 0) - coalesce(was.tax_amount, 0)) as tax_amount,
    sum(coalesce(now.gross_amount, 0) - coalesce(was.gross_amount, 0)) as gross_amount
from (select * from marts.fct_invoice where status = 'draft') as now
full outer join before.document as was using (customer_id, billing_period)
"""
_LINES = """
select distinct detail, tax_code, tax_rate, tax_category
from marts.fct_invoice_line
where status = 'draft' and line_id in (select line_id from before.quoted)
order by all
"""


def quote(settings: Settings, order: Order, *, internal: bool = False) -> dict[str, Any]:
    """Return what the order costs in its first period and a month; with cost and margin when ``internal``.

    Why it could not be billed is in ``blocked``. Raises InputError for an order that cannot be understood.
    """
    book = read_book(settings.config)
    _require_sense(book, order)
    customer = next(row for row in book.tables["customers"] if row["customer_id"] == order.customer_id)
    with warehouse.read_only(settings) as live:
        warehouse.require_marts(live)
        item = find_item(live, book, order.wanted, customer, order.start)
    period = order.period
    if item.product_id is not None:
        period = first_billed_period(settings, book, item, order)
    first, month, notes = _offers(settings, book, item, order, period)
    blocked = first["blocked"]
    found = {
        "customer_id": order.customer_id,
        "customer_name": customer["legal_name"],
        **_described(item, order, period),
        "first_period": first,
        "month": month,
        "blocked": blocked,
        "assumed": notes,
    }
    return found if internal else _without_cost(found)


def _require_sense(book: Book, order: Order) -> None:
    known = [str(row["customer_id"]) for row in book.tables["customers"]]
    if order.customer_id not in known:
        raise InputError(
            f"No customer is called {order.customer_id!r}{suggest(order.customer_id, known)}; see customers.csv."
        )
    if order.quantity <= 0:
        raise InputError(f"A quantity of {order.quantity:f} cannot be quoted; allowed: more than 0.")
    if order.until is not None and order.until <= order.start:
        raise InputError(
            f"--until {order.until} is not after --from {order.start}; it is the first day without."
        )


def _offers(
    settings: Settings, book: Book, item: Item, order: Order, period: dt.date
) -> tuple[dict[str, Any], dict[str, Any] | None, list[str]]:
    """Rate without it, with it, and with it for a whole month."""
    wish = Wish(
        (period,),
        family(book, [order.customer_id]),
        {
            "issued": f"select customer_id from intermediate.int_invoice__issued where billing_period = '{period}'"
        },
    )
    with what_if(settings, book, wish) as trial:
        carry_rates_forward(trial, settings.today, period)
        open_account(trial, order.customer_id)
        trial.rate()
        trial.connection.execute(_WITHOUT)
        notes = _conditions(trial, item, order, period, wish.customers)
        add(trial, item, order)
        first = _rated(trial)
        notes += _effects(first)
        if first["rates"] and period > settings.today:
            notes.append("Exchange rates are the newest ones: those that will count are not published yet.")
        month = _month(trial, item, order, first)
    return first, month, notes


def _month(trial: WhatIf, item: Item, order: Order, first: dict[str, Any]) -> dict[str, Any] | None:
    """What it comes to a month: rated for a whole one, or a part of a longer cycle; None when it does not recur."""
    months = _cycle_months(trial, item)
    if months is None:
        return None
    if months > 1 or (item.is_purchase and months == 1):
        return _part(first, months)
    if item.product_id is None and (order.start, order.end) == (order.period, order.next_period):
        return first
    add(trial, item, order, whole_month=True)
    return _rated(trial)


def _cycle_months(trial: WhatIf, item: Item) -> int | None:
    if item.product_id is None:
        return item.cycle_months if item.is_purchase else 1
    (product,) = trial.rows("select * from config.products where product_id = ?", [item.product_id])
    if product["charge_type"] == "one_off" or (
        product["alignment"] == "calendar" and product["interval"] != "month"
    ):
        return None  # the first cycle is a part of one
    return MONTHS[product["interval"]]


def _part(first: Mapping[str, Any], months: int) -> dict[str, Any]:
    names = ("amount_before_discount", "net_amount", "tax_amount", "gross_amount", "list_amount", *_COST)
    currency = first["currency"]
    return {
        **{name: first[name] for name in ("currency", "quantity")},
        **{
            name: None if first[name] is None else round_money(EXACT.divide(first[name], months), currency)
            for name in names
        },
    }


def _rated(trial: WhatIf) -> dict[str, Any]:
    """Rate with what was added, and return the difference that it makes."""
    trial.rate()
    trial.connection.execute(_RATED)
    charged, documents = trial.rows(_CHARGED)[0], trial.rows(_DOCUMENTS)[0]
    differences, lines = trial.rows(_DIFFERENCES), trial.rows(_LINES)
    blocked = [reason.partition(": ")[2] for reason in sorted(charged["not_sold"] or [])]
    blocked += [
        f"no tax rate for category {line['tax_category']}" for line in lines if line["tax_rate"] is None
    ]
    net, cost = documents["net_amount"] or Decimal(0), charged["cost"]
    return {
        "currency": charged["currency"],
        "quantity": charged["quantity"],
        "unit_price": _unit_price(charged),
        "rules": trial.rows(_RULES),
        "details": sorted(
            {line["detail"] for line in lines if line["detail"] and not _COUNTED.match(line["detail"])}
        ),
        "amount_before_discount": _charged_amount(differences),
        "exact_amount": charged["exact_amount"],
        "discounts": _discounts(trial, differences),
        "commitments": [
            {name: line[name] for name in ("line_type", "description", "amount")}
            for line in differences
            if line["line_type"] in COMMITMENTS
        ],
        "net_amount": net,
        "taxes": [{name: line[name] for name in ("tax_code", "tax_rate")} for line in lines],
        "tax_amount": documents["tax_amount"] or Decimal(0),
        "gross_amount": documents["gross_amount"] or Decimal(0),
        "list_amount": charged["list_amount"],
        "rates": trial.rows(_RATES),
        "cost": cost,
        "margin": None if cost is None else net - cost,
        "blocked": blocked,
    }


def _details(lines: Rows) -> list[str]:
    details = {line["detail"] for line in lines if line["detail"]}
    return sorted(detail for detail in details if not _COUNTED.match(detail))


def _charged_amount(differences: Rows) -> Decimal:
    others = ("discount", *COMMITMENTS)
    return sum((line["amount"] for line in differences if line["line_type"] not in others), Decimal(0))


def _unit_price(charged: Mapping[str, Any]) -> Decimal | None:
    """What a unit comes to on average, before discounts; digits beyond the tenth are those of daily rounding."""
    if not charged["quantity"] or charged["not_sold"]:
        return None
    return Context(prec=10, rounding=ROUND_HALF_UP).divide(charged["exact_amount"], charged["quantity"])


def _discounts(trial: WhatIf, differences: Rows) -> Rows:
    """The discounts that become larger, smaller, or are earned only with what is quoted."""
    percents = {row["discount_id"]: row["percent"] for row in trial.rows("from config.discounts")}
    return [
        {
            "discount_id": line["discount_id"],
            "kind": line["discount_kind"],
            "description": line["description"],
            "percent": percents.get(line["discount_id"]),
            "amount": line["amount"],
            "newly_earned": bool(line["is_new"]) and line["amount"] < 0,
        }
        for line in sorted(differences, key=lambda line: _order(line["discount_kind"]))
        if line["line_type"] == "discount"
    ]


def _order(kind: str | None) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _described(item: Item, order: Order, period: dt.date) -> dict[str, Any]:
    listed = item.unit_costs.get("list_cost")
    return {
        "sku": order.wanted.sku,
        "description": item.described["charge_description"],
        "vendor": item.vendor,
        "service": item.service,
        "region": item.region,
        "unit": item.unit,
        "quantity": order.quantity,
        "is_monthly": item.product_id is None and not item.is_purchase,
        "from": order.start,
        "until": order.until,
        "period": f"{period:%Y-%m}",
        "days": (order.end - order.start).days,
        "days_in_month": (order.next_period - order.period).days,
        "list_price": listed,
        "list_currency": None if listed is None else item.described["vendor_currency"],
    }


def _conditions(
    trial: WhatIf, item: Item, order: Order, period: dt.date, billed_with: frozenset[str]
) -> list[str]:
    """What the quote rests on, beside the book of business."""
    delivered = trial.rows(
        "select max(charge_day) as newest from marts.fct_rated_charge "
        "where billing_period = ? and source <> 'own' and list_contains(?, customer_id)",
        [period, [*billed_with]],
    )[0]["newest"]
    notes = [_spread(item, order)] if item.product_id is None else []
    if delivered:
        notes.append(f"The customer's other use in {period:%Y-%m} counts as delivered until {delivered}.")
    else:
        notes.append(
            f"Nothing else is delivered for {period:%Y-%m} yet: no tier is used up, and discounts that need other "
            "services are not earned."
        )
    if item.product_id is None:
        notes.append(f"What the vendor asks for it is taken from {item.known_from}.")
    if trial.rows("from before.issued where customer_id = ?", [order.customer_id]):
        notes.append(f"{period:%Y-%m} is invoiced already: it would come on a later invoice.")
    waiting = trial.rows(
        "select distinct blocked_reason from before.document where blocked_reason is not null "
        "and (customer_id, billing_period) in (select (payer_id, document_period) "
        "from intermediate.int_invoice__document_period where customer_id = ? and billing_period = ?)",
        [order.customer_id, period],
    )
    notes += [f"An invoice waits already: {row['blocked_reason']}." for row in waiting]
    return notes


def _spread(item: Item, order: Order) -> str:
    if item.is_purchase:
        return f"A purchase is charged whole on {order.start}; how often it recurs is the vendor's to say."
    return (
        f"The quantity is that of a month, spread evenly over its days: {(order.end - order.start).days} of "
        f"{(order.next_period - order.period).days} days of {order.period:%Y-%m} are charged."
    )


def _effects(first: Mapping[str, Any]) -> list[str]:
    if first["exact_amount"] is None or first["currency"] is None:
        return []
    rest = first["amount_before_discount"] - round_money(first["exact_amount"], first["currency"])
    if abs(rest) <= Decimal("0.01"):
        return []
    money = f"{round_money(rest, first['currency']):f} {first['currency']}"
    return [f"{money} of it is on what is used already: the price of the whole period changes."]


def _without_cost(found: dict[str, Any]) -> dict[str, Any]:
    for offer in (found["first_period"], found["month"]):
        for name in _COST:
            if offer is not None:
                offer.pop(name, None)
    return found
