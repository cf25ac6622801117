"""From what a vendor offers to deliveries in the landing zone: fetch what is new, and give it its name.

A remote delivery whose period only its rows tell becomes one delivery per billing period; each holds all files that
have rows of that period, and only those rows are ever loaded from it.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import duckdb

from cspbill.book import Source
from cspbill.settings import Settings
from extractors import landing, periods, reading
from extractors.landing import FILES, LandedFile, Manifest
from extractors.memory import Memory
from extractors.protocol import Extractor, RemoteDelivery
from quality.profile import FileProfile, Slice, profile_file

UNKNOWN = periods.label(None)


@dataclass(frozen=True)
class Arrival:
    """A delivery that the vendor offers now and that lies in the landing zone, or in quarantine."""

    remote: RemoteDelivery
    manifest: Manifest
    folder: Path

    @property
    def key(self) -> tuple[str, dt.date | None]:
        """Return the partition: scope and billing period."""
        return self.manifest.scope, self.manifest.period


@dataclass
class Workplace:
    """What the steps of one extract of one source share."""

    settings: Settings
    source: Source
    extractor: Extractor
    memory: Memory
    connection: duckdb.DuckDBPyConnection = field(default_factory=reading.connect)
    profiles: dict[str, FileProfile] = field(
        default_factory=dict
    )  # by sha256: a file may serve several periods
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    incoming: Path = field(init=False)

    def __post_init__(self) -> None:
        self.incoming = landing.fresh_incoming(self.settings, self.source.name)

    def profile(self, file: LandedFile, path: Path) -> FileProfile:
        """Profile a file once, however many deliveries it serves."""
        if file.damage:
            return FileProfile(file.name, unreadable=reading.UnreadableError(file.damage))
        if file.sha256 not in self.profiles:
            self.profiles[file.sha256] = profile_file(
                self.connection, path, file.name, self.extractor.contract.of(file.name)
            )
        return replace(self.profiles[file.sha256], name=file.name)


def arrive(work: Workplace, remote: RemoteDelivery) -> list[Arrival]:
    """Return the deliveries that ``remote`` amounts to; reads nothing that was read before.

    Raises FileChangedError when the vendor changes a file meanwhile.
    """
    known = work.memory.deliveries.get(remote.fingerprint(), [])
    remembered = [_locate(work, remote, period, delivery) for period, delivery in known]
    if remembered and all(remembered):
        return [arrival for arrival in remembered if arrival]
    fetched = [_fetch(work, remote, number) for number in range(len(remote.files))]
    arrivals = [_land(work, remote, period, files) for period, files in _by_period(remote, fetched).items()]
    _remember(work, remote, arrivals)
    return arrivals


def _locate(work: Workplace, remote: RemoteDelivery, period: str, delivery: str) -> Arrival | None:
    for folder in (work.settings.landing, work.settings.quarantine):
        path = folder / work.source.name / period / delivery
        if (path / landing.MANIFEST).is_file():
            return Arrival(remote, landing.read_manifest(path), path)
    return None


Fetched = tuple[LandedFile, Path]


def _fetch(work: Workplace, remote: RemoteDelivery, number: int) -> Fetched:
    """Copy a file, or find the copy that an earlier delivery has of it; says which periods its rows are of."""
    file = remote.files[number]
    if known := work.memory.landed_as(file):
        return replace(known[0], name=file.name), known[1]
    path = work.incoming / "fetched" / str(next(work.numbers)) / file.name
    landed = landing.fetch(work.extractor, file, path, source=work.source.name)
    found = work.profile(landed, path).periods
    if remote.period and set(found) == {None}:  # no row tells a period: the delivery does
        found = {remote.period: found[None]}
    return replace(
        landed, rows_by_period={periods.label(period): rows for period, rows in found.items()}
    ), path


def _by_period(remote: RemoteDelivery, fetched: list[Fetched]) -> dict[dt.date | None, list[Fetched]]:
    if remote.period:
        return {remote.period: fetched}
    if any(set(file.rows_by_period) <= {UNKNOWN} for file, _ in fetched):
        # The rows of an unreadable file may be of any period: taking the others would bill half a month.
        return {None: fetched}
    labels = sorted({label for file, _ in fetched for label in file.rows_by_period} - {UNKNOWN})
    return {
        periods.parse(label): [one for one in fetched if label in one[0].rows_by_period] for label in labels
    }


def _land(work: Workplace, remote: RemoteDelivery, period: dt.date | None, fetched: list[Fetched]) -> Arrival:
    label, source = periods.label(period), work.source.name
    contract = work.extractor.contract
    files = tuple(
        replace(file, rows=file.rows_by_period.get(label, 0), details=contract.of(file.name).details)
        for file, _ in fetched
    )
    name = landing.delivery_id(source, remote.scope, period, [(file.name, file.sha256) for file in files])
    if known := _locate(work, remote, label, name):
        return known
    folder = work.incoming / name
    for file, path in fetched:
        landing.link(path, folder / FILES / file.name)
    slices = [
        part
        for file, path in fetched
        for part in work.profile(file, path).slices
        if part.period in {None, period} and not contract.of(file.name).details
    ]
    manifest = _manifest(work, remote, period, name, files, slices)
    return Arrival(remote, manifest, landing.land(work.settings, folder, manifest))


def _manifest(
    work: Workplace,
    remote: RemoteDelivery,
    period: dt.date | None,
    name: str,
    files: tuple[LandedFile, ...],
    slices: list[Slice],
) -> Manifest:
    invoiced = [part.invoiced for part in slices if part.invoiced is not None]
    return Manifest(
        delivery_id=name,
        source=work.source.name,
        kind=work.source.kind,
        scope=remote.scope,
        period=period,
        by_row=remote.period is None,
        files=files,
        totals=_totals(slices),
        stated=remote.statement.as_json(),
        days=tuple(sorted({day for part in slices for day in part.days})),
        invoiced_rows=sum(invoiced) if invoiced else None,
        landed_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    )


def _totals(slices: list[Slice]) -> Mapping[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for part in slices:
        if part.currency is not None:
            totals[part.currency] = totals.get(part.currency, Decimal(0)) + part.cost
    return dict(sorted(totals.items()))


def _remember(work: Workplace, remote: RemoteDelivery, arrivals: list[Arrival]) -> None:
    pairs = [(periods.label(arrival.manifest.period), arrival.manifest.delivery_id) for arrival in arrivals]
    work.memory.deliveries[remote.fingerprint()] = pairs
    for arrival in arrivals:
        place = f"{periods.label(arrival.manifest.period)}/{arrival.manifest.delivery_id}/{FILES}"
        for file in arrival.manifest.files:
            work.memory.files[file.location] = (file, f"{place}/{file.name}")
    work.memory.save()
