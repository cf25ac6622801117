"""Issue drafts: number, freeze into the ledger, publish.

Per batch, under the warehouse lock: read drafts → number them → copy lines, tax and rated charges into the
ledger → render the files and note their SHA-256 → insert the document rows → commit → rename the files into
place. Numbers exist only by that commit, so a kill before it burns none; a kill after it leaves files missing,
and the next call (``publish_unpublished``) renders the very same bytes from the ledger.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from cspbill import warehouse
from cspbill.errors import CspbillError, InputError
from cspbill.progress import counted
from cspbill.scratch import scratch
from cspbill.settings import Settings
from invoices import read, ties
from invoices.drafts import remove_draft
from invoices.einvoice.gaps import why_without
from invoices.files import asset_directory, keep_asset
from invoices.freeze import Frozen, Numbers, document_number, freeze, publish_frozen
from invoices.frozen_book import document_months, freeze_book, used_skus
from invoices.model import INVOICE, Document, Header
from invoices.printers import Printers
from invoices.publish import publish_unpublished

#: Documents that share a transaction, a pass over the charges, and the syncs of their files.
BATCH = 200
NO_CHARGES = "no charges in this period"


@dataclass(frozen=True)
class IssueResult:
    """Numbers issued now, customers refused with the reason, and customers whose period was issued before.

    ``without_einvoice``: by number issued now, why it has none.
    """

    issued: tuple[str, ...]
    refused: dict[str, str]
    already: tuple[str, ...]
    without_einvoice: dict[str, str]


@dataclass(frozen=True)
class Decision:
    """What may be issued of a batch of customers: ``ready`` holds the reason to record where forced."""

    ready: dict[str, str | None]
    refused: dict[str, str]
    already: tuple[str, ...]


def issue(
    settings: Settings, period: dt.date, customers: tuple[str, ...] = (), force_reason: str | None = None
) -> IssueResult:
    """Issue the period's drafts, of all customers or the named ones, in the order of customer ids.

    ``force_reason`` issues drafts that only wait for a final vendor period, and is recorded in the ledger; it
    does not help against a blocked draft. Safe to call again at any time. Raises ``InputError`` on an unknown
    customer.
    """
    publish_unpublished(settings)
    _refuse_lost_ledger(settings)
    wanted = _customers(settings, period, customers)
    issued: list[str] = []
    refused: dict[str, str] = {}
    already: list[str] = []
    with warehouse.connect(settings) as connection:
        book = freeze_book(connection, settings, used_skus(connection, document_months(connection, period)))
    without_einvoice: dict[str, str] = {}
    with Printers(asset_directory(settings)) as printers, counted("Issue documents", len(wanted)) as count:
        for batch in _batches(wanted, BATCH):
            documents, decision = _issue_batch(settings, period, batch, force_reason, book, printers)
            _remove_drafts(settings, period, [*decision.ready, *decision.already])
            issued += [str(document.header.document_number) for document in documents]
            refused |= decision.refused
            already += decision.already
            without_einvoice |= why_without(documents)
            count.advance(len(batch))
    return IssueResult(tuple(issued), refused, tuple(already), without_einvoice)


def _refuse_lost_ledger(settings: Settings) -> None:
    """An empty ledger would give numbers that published documents have."""
    with warehouse.connect(settings) as connection:
        is_empty = not read.rows(connection, "select 1 from ledger.document limit 1")
    if is_empty and any((settings.published / "invoices").glob("*/*/[!.]*.json")):
        raise CspbillError(
            "The ledger is empty but published/invoices/ holds issued documents: run `cspbill ledger rebuild` first."
        )


def _customers(settings: Settings, period: dt.date, named: tuple[str, ...]) -> list[str]:
    with warehouse.connect(settings) as connection:
        if not read.drafts_exist(connection):
            raise CspbillError("There are no drafts yet: run `cspbill run` first.")
        known = set(read.read_buyers(connection))
        unknown = sorted(set(named) - known)
        if unknown:
            raise InputError(
                f"Unknown customer {', '.join(unknown)}: see customers.csv for the ids there are."
            )
        return sorted(set(named) or read.drafted(connection, period) | read.issued(connection, period))


def _batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[at : at + size] for at in range(0, len(items), size))


def _issue_batch(
    settings: Settings,
    period: dt.date,
    batch: Sequence[str],
    force_reason: str | None,
    book: str,
    printers: Printers,
) -> tuple[list[Document], Decision]:
    """Issue the batch's documents and put their files in place."""
    with scratch(settings) as folder:
        frozen, decision = _freeze_batch(settings, period, batch, force_reason, book, printers, folder)
        publish_frozen(settings, frozen)
    return [each.document for each in frozen], decision


def _freeze_batch(
    settings: Settings,
    period: dt.date,
    batch: Sequence[str],
    force_reason: str | None,
    book: str,
    printers: Printers,
    folder: Path,
) -> tuple[list[Frozen], Decision]:
    with warehouse.connect(settings) as connection, warehouse.transaction(connection):
        seller, logo = read.read_seller(connection)
        seller = replace(seller, logo=keep_asset(settings, logo))
        drafts = read.read_drafts(connection, seller, period, batch)
        decision = _decide(connection, period, batch, _as_of(drafts, settings.today), force_reason)
        ready = [draft for draft in drafts if draft.header.customer_id in decision.ready]
        if not ready:
            return [], decision
        numbered = _number(connection, settings, ready, decision)
        payers = {str(each.header.document_number): each.header.customer_id for each in numbered}
        copy_drafts(connection, period, payers, book)
        return freeze(connection, settings, _reread(connection, numbered), printers, folder), decision


def _as_of(drafts: Sequence[Document], today: dt.date) -> dict[str, Header]:
    """The drafts' headers by who pays, with what needs force today."""
    return {
        draft.header.customer_id: replace(
            draft.header,
            force_reason_needed=ties.needs_force(
                draft.header.force_reason_needed, draft.header.period_end, today
            ),
        )
        for draft in drafts
    }


def _decide(
    connection: duckdb.DuckDBPyConnection,
    period: dt.date,
    batch: Sequence[str],
    headers: Mapping[str, Header],
    force_reason: str | None,
) -> Decision:
    already = read.issued(connection, period) & set(batch) - read.drafted(connection, period)
    breaks = ties.draft_breaks(connection, period, batch)
    ready: dict[str, str | None] = {}
    refused = _without_draft(connection, set(batch) - already - set(headers))
    for customer in sorted(set(headers) - already):
        reason = _refusal(headers[customer], breaks.get(customer), force_reason)
        if reason:
            refused[customer] = reason
        else:
            ready[customer] = force_reason if headers[customer].force_reason_needed else None
    return Decision(ready, refused, tuple(sorted(already)))


def _without_draft(connection: duckdb.DuckDBPyConnection, customers: set[str]) -> dict[str, str]:
    """Why there is nothing to issue for customers, where another one or another period may be meant."""
    sql = """
    select customer_id, parent_customer_id, billing_frequency from config.customers
    where customer_id in (select unnest($1)) order by customer_id
    """
    return {row["customer_id"]: _meant(row) for row in read.rows(connection, sql, [sorted(customers)])}


def _meant(customer: read.Row) -> str:
    if customer["parent_customer_id"]:
        return f"{customer['parent_customer_id']} pays for it: issue that customer's document"
    if customer["billing_frequency"] == "monthly":
        return NO_CHARGES
    return f"{NO_CHARGES}; its invoices are {customer['billing_frequency']} and go by their last month"


def _refusal(header: Header, untied: str | None, force_reason: str | None) -> str | None:
    if header.blocked_reason or untied:
        return header.blocked_reason or untied
    if header.force_reason_needed and not force_reason:
        return f"{header.force_reason_needed} (issue it with --force --reason …)"
    return None


def _number(
    connection: duckdb.DuckDBPyConnection, settings: Settings, drafts: Sequence[Document], decision: Decision
) -> list[Document]:
    numbers = Numbers(connection)
    made = []
    for draft in drafts:
        header = draft.header
        series, sequence = numbers.take(header.document_type)
        terms = (header.payment_terms_days or 0) if header.document_type == INVOICE else 0
        numbered = replace(
            header,
            document_number=document_number(series, sequence),
            series=series,
            sequence_number=sequence,
            issue_date=settings.today,
            due_date=settings.today + dt.timedelta(days=terms),
            payment_terms_days=terms,
            forced_reason=decision.ready[header.customer_id],
            blocked_reason=None,
            force_reason_needed=None,
        )
        made.append(replace(draft, header=numbered))
    return made


def copy_drafts(
    connection: duckdb.DuckDBPyConnection, period: dt.date, payers: Mapping[str, str], book: str | None = None
) -> None:
    """Copy drafts of a period into the ledger, a table at a time: lines, tax, prepaid draws, charges, months billed.

    ``payers``: who pays, by the number that the draft gets. ``book``: the frozen book that they were rated by.
    """
    values = [list(payers), list(payers.values())]
    for table, source in _COPIED.items():
        columns = read.columns(connection, f"ledger.{table}")
        names = ", ".join("draft." + name for name in columns if name != "document_number")
        connection.execute(
            f"""
            insert into ledger.{table} ({", ".join(columns)})
            select document_number, {names}
            from ({source}) as draft
            join (select unnest($1) as document_number, unnest($2) as payer_id) as numbered using (payer_id)
            where document_period = $3
            """,
            [*values, period],
        )
    connection.execute(_PERIODS, [*values, book])


_OF_DOCUMENT = "select *, customer_id as payer_id, billing_period as document_period from"
_COPIED = {
    "document_line": f"{_OF_DOCUMENT} intermediate.int_invoice__draft_lines",
    "document_tax": f"{_OF_DOCUMENT} intermediate.int_invoice__draft_tax",
    "prepaid_draw": f"{_OF_DOCUMENT} {read.DRAFT_DRAWS}",
    "rated_charge": "from intermediate.int_invoice__document_charge",
}
# What was copied is billed now, and only that: a month that brings charges later waits for a document of its own.
# A month that is corrected keeps the book that it was billed by.
_PERIODS = """
insert into ledger.document_period
select
    billed.*, case when billed.customer_id <> numbered.payer_id then customers.legal_name end,
    case when period.is_correction then rerated.book_sha256 else $3 end
from (
    select document_number, customer_id, billing_period from ledger.rated_charge
    where document_number in (select unnest($1))
    union
    select document_number, used_by_customer_id, used_in_period from ledger.document_line
    where document_number in (select unnest($1))
) as billed
join (select unnest($1) as document_number, unnest($2) as payer_id) as numbered using (document_number)
join config.customers as customers on billed.customer_id = customers.customer_id
left join intermediate.int_invoice__document_period as period
    on billed.customer_id = period.customer_id and billed.billing_period = period.billing_period
left join rerated.month as rerated
    on billed.customer_id = rerated.customer_id and billed.billing_period = rerated.billing_period
"""


def _reread(connection: duckdb.DuckDBPyConnection, numbered: Sequence[Document]) -> list[Document]:
    """The documents with the ledger's own lines and taxes: what a later print will read."""
    where = "document_number in (select unnest($1))"
    values = [[document.header.document_number for document in numbered]]
    return read.assemble(
        [document.header for document in numbered],
        parties={
            (document.header.document_number,): (document.seller, document.buyer) for document in numbered
        },
        **read.read_parts_of_issued(connection, where, values),
        key=lambda header: (header.document_number,),
    )


def _remove_drafts(settings: Settings, period: dt.date, customers: Sequence[str]) -> None:
    for customer in customers:
        remove_draft(settings, period, customer)
