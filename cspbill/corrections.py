"""Rate issued months again where their charges changed, so that the difference can be billed (R9.3).

    int_correction__changed ──> a what-if per month and frozen book ──> rerated.*  ──> intermediate/corrections

A month is rated by what is known now (deliveries, mappings, subscriptions) under the prices that it was billed by.
What comes out is kept until the charges change again; the models bill what it is more or less than the ledger says.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cspbill import warehouse
from cspbill.book import Book, read_book
from cspbill.scratch import scratch
from cspbill.settings import Settings
from cspbill.whatif import WhatIf, Wish, family, query, what_if

Month = tuple[str, dt.date]
#: What is kept of a what-if, by table of schema ``rerated``.
_KEPT = {
    "charge": "select * from intermediate.int_rated where disposition in ('sold', 'kept') and not is_frozen",
    "line": "select * from intermediate.int_invoice__open_line where corrected_line_id is null",
}
_HELD = """
select customer_id, billing_period, count(*) as charges, min(reason) as reason
from intermediate.int_rated
where disposition = 'unpriced' and customer_id is not null
group by customer_id, billing_period
"""
# Where something counts over several months (a year's commitment, a discount for some periods), a corrected month may
# change what is due in those after it: they are rated again too, once per state of those corrections.
_WANTED = """
with billed_by as (
    select issued.customer_id, issued.billing_period,
        max_by(billed.book_sha256, documents.issued_at) as book_sha256
    from intermediate.int_invoice__issued as issued
    inner join ledger.document_period as billed using (document_number, customer_id, billing_period)
    inner join ledger.document as documents using (document_number)
    group by all
),

counting as (
    select months.customer_id, months.billing_period
    from intermediate.int_invoice__issued_month as months
    inner join config.contracts as contracts
        on months.customer_id = contracts.customer_id and contracts.commitment_interval = 'year'
    where extract(month from contracts.valid_from - 1) = extract(month from months.billing_period)
        or date_trunc('month', contracts.valid_to - 1) = months.billing_period
    union
    select customer_id, billing_period from intermediate.int_invoice__issued_month
    where exists (select 1 from config.discounts where max_periods is not null)
),

corrected as (
    select customer_id, billing_period, line_id, amount from intermediate.int_correction__line
    union
    select used_by_customer_id, used_in_period, line_id, amount from ledger.document_line
    where corrected_line_id is not null
        and document_number in (select document_number from intermediate.int_invoice__issued)
),

later as (
    select months.customer_id, months.billing_period,
        md5(string_agg(line_id || amount, '' order by line_id)) as inputs
    from counting as months
    inner join corrected
        on months.customer_id = corrected.customer_id and months.billing_period > corrected.billing_period
    group by months.customer_id, months.billing_period
),

-- A ledger that was rebuilt without some charges does not know what it billed: nothing to compare with.
lost as (
    select distinct used_by_customer_id as customer_id, used_in_period as billing_period
    from ledger.document_line
    where line_type in ('usage', 'purchase', 'subscription', 'one_off', 'correction')
        and document_number in (select document_number from intermediate.int_invoice__issued)
        and document_number not in (select document_number from ledger.rated_charge)
)

select months.customer_id, months.billing_period,
    concat_ws(' after ', coalesce(changed.inputs, 'as invoiced'), later.inputs) as inputs,
    coalesce(repriced.book_sha256, billed_by.book_sha256) as book_sha256
from intermediate.int_invoice__issued_month as months
left join intermediate.int_correction__changed as changed using (customer_id, billing_period)
left join later using (customer_id, billing_period)
left join rerated.repriced as repriced using (customer_id, billing_period)
left join billed_by using (customer_id, billing_period)
left join lost using (customer_id, billing_period)
where lost.customer_id is null
    and (changed.customer_id is not null or later.customer_id is not null or repriced.customer_id is not null)
order by months.billing_period, months.customer_id
"""


@dataclass(frozen=True)
class Again:
    """A customer's month to rate again: from which charges, and under which frozen book (None: that of today)."""

    customer_id: str
    billing_period: dt.date
    inputs: str
    book_sha256: str | None

    @property
    def month(self) -> Month:
        """Customer and billing period."""
        return self.customer_id, self.billing_period


def rerate_changed(settings: Settings) -> tuple[dt.date, ...]:
    """Rate again every issued month that needs it; returns the billing periods whose comparison changed."""
    with warehouse.connect(settings) as connection:
        wanted = _wanted(connection)
        known = _known(connection)
        gone = [month for month in known if month not in {each.month for each in wanted}]
        if gone:
            with warehouse.transaction(connection):
                _forget(connection, gone)
    due = [each for each in wanted if known.get(each.month) != (each.inputs, each.book_sha256)]
    if due:
        book = read_book(settings.config)
        for (period, sha256), months in _together(due).items():
            _rerate(settings, book, period, sha256, months)
    return tuple(sorted({period for _, period in gone} | {each.billing_period for each in due}))


def _wanted(connection: duckdb.DuckDBPyConnection) -> list[Again]:
    """Months whose charges changed, and those whose price is to be corrected, each with the book that counts."""
    return [Again(**row) for row in query(connection, _WANTED)]


def _known(connection: duckdb.DuckDBPyConnection) -> dict[Month, tuple[str, str | None]]:
    found = query(connection, "select customer_id, billing_period, inputs, book_sha256 from rerated.month")
    return {(row["customer_id"], row["billing_period"]): (row["inputs"], row["book_sha256"]) for row in found}


def _together(due: Sequence[Again]) -> Mapping[tuple[dt.date, str | None], list[Again]]:
    """What can be rated in one what-if: months of one period under one book."""
    groups: dict[tuple[dt.date, str | None], list[Again]] = defaultdict(list)
    for each in due:
        groups[each.billing_period, each.book_sha256].append(each)
    return groups


def _rerate(
    settings: Settings, book: Book, period: dt.date, sha256: str | None, months: Sequence[Again]
) -> None:
    from invoices.frozen_book import use_frozen_book

    customers = family(book, [each.customer_id for each in months])
    with scratch(settings) as folder:
        with what_if(settings, book, Wish((period,), customers)) as trial:
            if sha256:
                use_frozen_book(trial.connection, settings, sha256)
            trial.rate()
            held = _set_aside(trial, folder)
        with warehouse.connect(settings) as connection, warehouse.transaction(connection):
            store(connection, months, held, folder)


def _set_aside(trial: WhatIf, folder: Path) -> dict[Month, str]:
    """Leave what is kept of a what-if as files in a folder; returns why months are held."""
    for table, sql in _KEPT.items():
        trial.connection.execute(f"copy ({sql}) to '{folder / table}.parquet' (format parquet)")
    return {
        (row["customer_id"], row["billing_period"]): (
            f"{row['charges']} charges without a price in the book that the month was billed by ({row['reason']}): "
            "add the price, then cspbill reprice --correct"
        )
        for row in trial.rows(_HELD)
    }


def store(
    connection: duckdb.DuckDBPyConnection, months: Sequence[Again], held: Mapping[Month, str], folder: Path
) -> None:
    """Replace what is known of these months by what a what-if left in ``folder``."""
    _forget(connection, [each.month for each in months])
    connection.executemany(
        "insert into rerated.month values (?, ?, ?, ?, ?)",
        [[*each.month, each.inputs, each.book_sha256, held.get(each.month)] for each in months],
    )
    for table in _KEPT:
        names = ", ".join(row[0] for row in connection.execute(f"describe rerated.{table}").fetchall())
        connection.execute(
            f"insert into rerated.{table} by name select {names} from '{folder / table}.parquet' "
            "where (customer_id, billing_period) in (select (unnest($1), unnest($2)))",
            [[each.customer_id for each in months], [each.billing_period for each in months]],
        )


def _forget(connection: duckdb.DuckDBPyConnection, months: Sequence[Month]) -> None:
    for table in ("month", *_KEPT):
        connection.executemany(
            f"delete from rerated.{table} where customer_id = ? and billing_period = ?", list(months)
        )
