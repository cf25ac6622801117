"""From billed invoices and open months to deliveries, through the export API.

A delivery is a billing currency and a billing period: the files of all invoices of that month, or, until there is an
invoice, the open month's files. Invoices replace the open month's delivery, and are final.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from cspbill.book import Source
from cspbill.errors import CspbillError, InputError, Problem
from extractors.connections import airflow_connection
from extractors.contract import Contract
from extractors.names import shown
from extractors.partner_center.columns import DAILY_FILES, RECONCILIATION, RECONCILIATION_FILES
from extractors.partner_center.downloads import discover_downloads
from extractors.partner_center.exports import Answer, Export, ExportFailed, Exports, Link, NotReady
from extractors.partner_center.invoices import Document, previous, read_documents
from extractors.partner_center.service import Service
from extractors.partner_center.state import Parts, State
from extractors.partner_center.transfer import LinkRefused, copy_part
from extractors.protocol import (
    UNKNOWN_SIZE,
    Discovery,
    FileChangedError,
    RemoteDelivery,
    RemoteFile,
    Statement,
)
from extractors.stores.store import Store, open_store

#: Daily usage may still be partial when the invoice comes; it is asked for anew until so many days after it.
DAILY_SETTLES = dt.timedelta(days=7)
DEFAULTS = {
    "graph_url": "https://graph.microsoft.com",
    "api_url": "https://api.partnercenter.microsoft.com",
    "login_url": "https://login.microsoftonline.com",
    "months": "2",
}


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class _Wanted:
    """What makes one delivery: its exports, and what the vendor's invoices state about it."""

    currency: str
    period: dt.date
    exports: tuple[Export, ...]
    statement: Statement
    documents: tuple[Document, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class PartnerCenter:
    """Extractor of kind ``partner_center``; ``state_folder`` survives runs, ``now`` tells which months are open."""

    source: Source
    state_folder: Path
    now: Callable[[], dt.datetime] = _utc_now
    _offered: dict[str, tuple[Export, Parts, str]] = field(default_factory=dict)
    _links: dict[str, Link] = field(default_factory=dict)

    @property
    def contract(self) -> Contract:
        """The reconciliation, with daily usage as its variants."""
        return RECONCILIATION

    def discover(self, period: dt.date | None) -> Discovery:
        """List billed months and open ones, of the months to look back on or of ``period``; exports are prepared.

        An export that the vendor is still preparing when patience ends leaves its delivery incomplete.
        """
        if self._downloads:
            return discover_downloads(self.source.name, self._downloads.list(), period)
        today = self.now().date()
        since = period or self._first_month(today)
        documents = read_documents(self._service, self._option("api_url"))
        wanted = [
            one
            for one in self._wanted(documents.billed, documents.currencies, today)
            if (one.period == period if period else one.period >= since)
        ]
        for export in (export for one in wanted for export in one.exports):
            if not self._exports.remembered(export):
                self._exports.request(export)
        found = [self._delivery(one) for one in wanted]
        notes = [note for month, note in documents.notes if (month == period if period else month >= since)]
        return Discovery(
            deliveries=tuple(delivery for delivery, _ in found if delivery),
            notes=(*notes, *(note for _, own in found for note in own)),
            since=since,
        )

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Copy one part; a link that has expired is renewed by a new export of the same data."""
        if self._downloads:
            self._downloads.fetch(file, sink)
            return
        export, parts, blob = self._offered[file.location]
        what = f"source {self.source.name}: {shown(file.location)}"
        try:
            link = self._links.get(export.key) or self._new_link(export, parts, file)
            copy_part(self._service, link, blob, sink, what=what)
        except LinkRefused:
            link = self._new_link(export, parts, file)
            try:
                copy_part(self._service, link, blob, sink, what=what)
            except LinkRefused as error:
                raise CspbillError(
                    f"{what}: the link that Microsoft has just issued is refused ({error}); if a firewall or proxy "
                    "stands between, let it pass *.blob.core.windows.net"
                ) from None

    def _new_link(self, export: Export, parts: Parts, file: RemoteFile) -> Link:
        """Ask for the export once more: signed links end after hours, and are never kept on disk."""
        self._exports.state.forget(export.key)
        self._links.pop(export.key, None)
        try:
            self._exports.request(export)
            answer = self._exports.answer(export)
        except NotReady:
            raise CspbillError(
                f"source {self.source.name}: {shown(file.location)}: Microsoft is still preparing a new link; run it "
                "again later"
            ) from None
        except ExportFailed as error:
            raise CspbillError(f"source {self.source.name}: {shown(file.location)}: {error}") from None
        if answer.parts != parts or answer.link is None:
            raise FileChangedError(file.location)
        self._links[export.key] = answer.link
        return answer.link

    def _wanted(self, billed: Iterable[Document], currencies: Iterable[str], today: dt.date) -> list[_Wanted]:
        current = today.replace(day=1)
        by_month = itertools.groupby(sorted(billed), key=lambda one: (one.period, one.currency))
        months = {
            (month, currency): documents
            for (month, currency), found in by_month
            if _is_invoiced(month, documents := tuple(found), current)
        }
        invoiced = [
            self._invoiced(currency, month, documents) for (month, currency), documents in months.items()
        ]
        still_open = [
            self._open(currency, month, name)
            for currency in self._currencies(currencies)
            for month, name in ((previous(current), "last"), (current, "current"))
            if (month, currency) not in months
        ]
        return sorted([*invoiced, *still_open], key=lambda one: (one.period, one.currency))

    def _invoiced(self, currency: str, period: dt.date, documents: Sequence[Document]) -> _Wanted:
        settled = self.now().date() - DAILY_SETTLES
        exports = [
            Export(
                f"{kind}/billed/{document.number}",
                f"{folder}{document.number}",
                f"{kind}/billed",
                {"invoiceId": document.number},
                stays=kind == "reconciliation" or document.date <= settled,
            )
            for document in documents
            for kind, folder in (("reconciliation", RECONCILIATION_FILES), ("usage", DAILY_FILES))
        ]
        total = sum((document.total for document in documents), Decimal(0))
        statement = Statement(totals={currency: total}, final=True)
        notes = []
        if period == previous(self.now().date()):
            numbers = ", ".join(document.number for document in documents)
            notes.append(
                f"{currency}, {period:%Y-%m}: billed by {numbers}; the open month's data is not read beside it"
            )
        return _Wanted(currency, period, tuple(exports), statement, tuple(documents), tuple(notes))

    def _open(self, currency: str, period: dt.date, name: str) -> _Wanted:
        exports = [
            Export(
                f"{kind}/unbilled/{currency}/{period:%Y-%m}",
                f"{folder}unbilled",
                f"{kind}/unbilled",
                {"currencyCode": currency, "billingPeriod": name},
                stays=False,
            )
            for kind, folder in (("reconciliation", RECONCILIATION_FILES), ("usage", DAILY_FILES))
        ]
        return _Wanted(currency, period, tuple(exports), Statement(final=False))

    def _delivery(self, wanted: _Wanted) -> tuple[RemoteDelivery | None, list[str]]:
        """Return the delivery, None when the month holds nothing, and notes."""
        answers: list[tuple[Export, Answer]] = []
        missing, problems, notes = [], [], list(wanted.notes)
        for export in wanted.exports:
            try:
                answer = self._exports.answer(export)
            except NotReady:
                missing.append(f"the export {export.key}, which Microsoft is still preparing,")
            except ExportFailed as error:
                place = f"{self.source.name}/{export.key}"
                problems.append(Problem(place, 0, "", f"Microsoft could not make the export: {error}"))
            else:
                answers.append((export, answer))
                if awaited := _without_data(export, answer, wanted):
                    self._exports.state.forget(export.key)
                    missing += awaited
                notes += _other_month(export, answer, wanted)
        files = [file for export, answer in answers for file in self._files(export, answer)]
        if not (files or missing or problems):
            return None, [f"{wanted.currency}, {wanted.period:%Y-%m}: no charges yet", *notes]
        delivery = RemoteDelivery(
            scope=wanted.currency,
            period=wanted.period,
            files=tuple(sorted(files)),
            statement=wanted.statement,
            missing=tuple(missing),
            problems=tuple(problems),
        )
        return delivery, notes

    def _files(self, export: Export, answer: Answer) -> list[RemoteFile]:
        if answer.link:
            self._links[export.key] = answer.link
        files = []
        for blob in answer.parts.blobs:
            location = f"{export.key}/{blob}"
            self._offered[location] = (export, answer.parts, blob)
            version = f"{answer.parts.etag} {blob}"
            files.append(RemoteFile(f"{export.folder}/{blob}", location, UNKNOWN_SIZE, version))
        return files

    @cached_property
    def _downloads(self) -> Store | None:
        return open_store(self.source) if self.source.options.get("path") else None

    @cached_property
    def _service(self) -> Service:
        missing = [name for name in ("tenant_id", "connection") if not self.source.options.get(name)]
        if missing:
            needed = f"source {self.source.name}: {' and '.join(missing)} must be given (or path, for files)"
            raise InputError([Problem("reseller.yml", 0, "sources", needed)])
        credentials = airflow_connection(self.source.options["connection"])
        return Service(
            self.source.name, self.source.options["tenant_id"], self._option("login_url"), credentials
        )

    @cached_property
    def _exports(self) -> Exports:
        return Exports(self._service, self._option("graph_url"), State.open(self.state_folder), self.now)

    def _option(self, name: str) -> str:
        return (self.source.options.get(name) or DEFAULTS[name]).rstrip("/")

    def _currencies(self, billed: Iterable[str]) -> list[str]:
        given = self.source.options.get("currencies", "").replace(",", " ").split()
        return sorted({currency.upper() for currency in given} or set(billed))

    def _first_month(self, today: dt.date) -> dt.date:
        month = today.replace(day=1)
        for _ in range(int(self._option("months"))):
            month = previous(month)
        return month


def _is_invoiced(month: dt.date, documents: Sequence[Document], current: dt.date) -> bool:
    """Tell whether a month's documents bill all of it: a note that comes early does not replace the open data."""
    return month < previous(current) or (month < current and not all(one.is_note for one in documents))


def _without_data(export: Export, answer: Answer, wanted: _Wanted) -> list[str]:
    """Name an invoice whose lines are not there yet: an invoice without lines would drop its money."""
    amounts = {document.number: document.total for document in wanted.documents}
    if answer.parts.blobs or export.report != "reconciliation/billed":
        return []
    return [f"the lines of invoice {export.body['invoiceId']}"] if amounts[export.body["invoiceId"]] else []


def _other_month(export: Export, answer: Answer, wanted: _Wanted) -> list[str]:
    if answer.month in {None, f"{wanted.period:%Y%m}"}:
        return []
    return [
        f"{export.key}: taken for {wanted.period:%Y-%m}, while its folder says BillingMonth={answer.month}"
    ]
