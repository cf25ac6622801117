"""Add to a scratch warehouse what is quoted: charges as the vendor would deliver them, or a subscription."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa

from cspbill.book import Book
from cspbill.compiled import GIVEN
from cspbill.errors import InputError
from cspbill.quote.item import COSTS, Item, Order
from cspbill.settings import Settings
from cspbill.whatif import WhatIf, Wish, what_if
from invoices.money import EXACT

#: A name that no vendor's account and no subscription has.
QUOTED = "cspbill quote"
_CYCLES = tuple(f"int_subscriptions__{name}" for name in ("event", "state", "cycle", "piece"))
_PLACES = Decimal("1e-12")
_LOOK_BACK = 10  # days for which a published rate counts (R8.1)


def open_account(trial: WhatIf, customer_id: str) -> None:
    """Give the customer an account of their own for what is quoted."""
    trial.connection.execute(
        "insert into config.accounts (source, account_id, customer_id, share, config_line) "
        "values (null, ?, ?, 100, 0)",
        [QUOTED, customer_id],
    )


def add(trial: WhatIf, item: Item, order: Order, *, whole_month: bool = False) -> None:
    """Add the order, or in its place one that lasts the whole month."""
    if item.product_id is not None:
        _subscribe(trial, item.product_id, order, whole_month=whole_month)
        return
    start, end = (order.period, order.next_period) if whole_month else (order.start, order.end)
    trial.connection.execute(f"delete from intermediate.{GIVEN} where sub_account_id = ?", [QUOTED])
    rows = pa.Table.from_pylist([*_charges(item, order, start, end)])
    trial.connection.register("quoted_charges", rows)
    trial.connection.execute(f"insert into intermediate.{GIVEN} by name from quoted_charges")
    trial.connection.unregister("quoted_charges")


def _charges(item: Item, order: Order, start: dt.date, end: dt.date) -> Iterator[dict[str, Any]]:
    """One charge a day; together they are the month's quantity for the days from ``start`` to ``end``."""
    days = (order.next_period - order.period).days
    for nth in range(1 if item.is_purchase else (end - start).days):
        day = start + dt.timedelta(days=nth)
        quantity = (
            order.quantity if item.is_purchase else _share(order, nth + 1, days) - _share(order, nth, days)
        )
        yield {
            **item.described,
            **{name: _cost(item, name, quantity) for name in COSTS},
            "charge_id": f"{QUOTED} {day}",
            "billing_period": order.period,
            "charge_day": day,
            "charge_period_end": dt.datetime.combine(day + dt.timedelta(days=1), dt.time()),
            "billing_account_id": QUOTED,
            "sub_account_id": QUOTED,
            "resource_id": QUOTED,
            "scope": QUOTED,
            "delivery_id": QUOTED,
            "quantity": quantity,
            "row_count": 1,
        }


def _share(order: Order, days: int, whole: int) -> Decimal:
    return EXACT.divide(order.quantity * days, whole).quantize(_PLACES, context=EXACT)


def _cost(item: Item, name: str, quantity: Decimal) -> Decimal | None:
    unit_cost = item.unit_costs[name]
    return None if unit_cost is None else EXACT.multiply(unit_cost, quantity).quantize(_PLACES, context=EXACT)


def _subscribe(trial: WhatIf, product_id: str, order: Order, *, whole_month: bool) -> None:
    """Start a subscription; for a whole month, so long ago that one full cycle falls into the period."""
    trial.connection.execute("delete from config.subscriptions where subscription_id = ?", [QUOTED])
    period = trial.rows("from ops.dirty_period")[0]["billing_period"]
    start = (period - dt.timedelta(days=1)).replace(day=1) if whole_month else order.start
    events: list[tuple[str, dt.date, Decimal | None]] = [("start", start, order.quantity)]
    if order.until is not None and not whole_month:
        events.append(("cancel", order.until, None))
    trial.connection.executemany(
        "insert into config.subscriptions "
        "(subscription_id, customer_id, product_id, event, effective_date, quantity, config_line) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        [
            (QUOTED, order.customer_id, product_id, event, day, quantity, 1_000_000 + place)
            for place, (event, day, quantity) in enumerate(events)
        ],
    )


def first_billed_period(settings: Settings, book: Book, item: Item, order: Order) -> dt.date:
    """Return the month whose invoice has the product first; the models know when its first cycle is billed."""
    months = [(order.period + dt.timedelta(days=31 * nth)).replace(day=1) for nth in range(38)]
    wish = Wish(tuple(dict.fromkeys(months)), frozenset([order.customer_id]))
    with what_if(settings, book, wish) as trial:
        add(trial, item, order)
        trial.rate(only=_CYCLES)
        rows = trial.rows(
            "select min(billing_period) as first from intermediate.int_subscriptions__piece "
            "where subscription_id = ?",
            [QUOTED],
        )
    if rows[0]["first"] is None:
        raise InputError(f"Nothing of {item.product_id} would be billed for these days.")
    return rows[0]["first"]  # type: ignore[no-any-return]


def carry_rates_forward(trial: WhatIf, today: dt.date, period: dt.date) -> None:
    """Let the newest exchange rates stand for the days to come.

    Rates that are missing today stay missing: the quote is blocked as the invoice would be.
    """
    until = (period + dt.timedelta(days=31)).replace(day=1)
    trial.connection.execute(
        f"""
        insert into config.fx_rates (date, base, quote, rate, source, config_line)
        select cast(unnest(range(greatest(date, $today) + 1, cast($until as date), interval 1 day)) as date),
            base, quote, rate, source, 0
        from (
            select base, quote, max(date) as date, arg_max(rate, date) as rate, arg_max(source, date) as source
            from config.fx_rates group by base, quote
        )
        where date >= $today - {_LOOK_BACK}
        """,
        {"today": today, "until": until},
    )
