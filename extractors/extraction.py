"""One extract of one source: discover → fetch → land → gate 1 → in force.

Every step leaves a state from which the next run goes on, so that a kill at any moment costs time only. A delivery
that fails or is held never touches the one in force.
"""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cspbill import atomic
from cspbill.book import Source
from cspbill.errors import Problem
from cspbill.settings import Settings
from extractors import landing, periods
from extractors.arrivals import Arrival, Workplace, arrive
from extractors.guard import shrinkage
from extractors.landing import FILES, GATE, InForce
from extractors.memory import Memory
from extractors.names import shown
from extractors.protocol import Discovery, FileChangedError, RemoteDelivery
from extractors.registry import extractor_for
from quality import gate, report
from quality.evidence import Evidence
from quality.gate import Verdict


@dataclass(frozen=True)
class Outcome:
    """What became of one delivery; ``problems`` say why it is not in force."""

    delivery_id: str
    scope: str
    period: dt.date | None
    rows: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class ExtractResult:
    """What one extract did. ``refused`` problems belong to no delivery; notes and incomplete need no action."""

    source: str
    landed: tuple[Outcome, ...] = ()  # newly in force
    unchanged: tuple[Outcome, ...] = ()
    quarantined: tuple[Outcome, ...] = ()
    held: tuple[Outcome, ...] = ()
    incomplete: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return everything that needs a person, sorted."""
        outcomes = (*self.quarantined, *self.held)
        return tuple(sorted({*self.refused, *(problem for one in outcomes for problem in one.problems)}))


@dataclass
class _Tally:
    """The result while it grows."""

    outcomes: dict[str, list[Outcome]] = field(default_factory=lambda: defaultdict(list))
    incomplete: list[str] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def result(self, source: str) -> ExtractResult:
        return ExtractResult(
            source=source,
            **{kind: tuple(self.outcomes[kind]) for kind in ("landed", "unchanged", "quarantined", "held")},
            incomplete=tuple(self.incomplete),
            refused=tuple(self.refused),
            notes=tuple(self.notes),
        )


def extract_source(
    settings: Settings, source: Source, *, period: dt.date | None = None, accept: str | None = None
) -> ExtractResult:
    """Land what is new at the vendor and let gate 1 decide what comes into force.

    ``period`` leaves out deliveries that are known to be of another one. ``accept`` is the id of a held delivery that
    a person has looked at. Bad deliveries do not raise: they are in the result. Raises CspbillError when the vendor
    cannot be reached and InputError when the configuration is wrong.
    """
    extractor = extractor_for(settings, source)
    with landing.source_lock(settings, source.name):
        work = Workplace(settings, source, extractor, Memory.open(settings, source.name))
        discovery = extractor.discover(period)
        tally = _Tally(refused=list(discovery.problems), notes=list(discovery.notes))
        arrivals = _without_rivals(work, _arrivals(work, discovery, tally), tally)
        _settle(work, arrivals, accept, tally)
        if period is None:
            _note_withdrawn(work, discovery, arrivals, tally)
            work.memory.forget_all_but(discovery.deliveries, since=discovery.since)
        work.memory.save()
        landing.fresh_incoming(settings, source.name)
    return tally.result(source.name)


def _arrivals(work: Workplace, discovery: Discovery, tally: _Tally) -> list[Arrival]:
    arrivals: list[Arrival] = []
    for remote in discovery.deliveries:
        if remote.missing:
            names = ", ".join(map(shown, remote.missing))
            tally.incomplete.append(f"{remote.label}: still incomplete: {names} is announced but not there")
        elif remote.problems:
            tally.refused += remote.problems
        else:
            arrivals += _arrive(work, remote, tally)
    return arrivals


def _arrive(work: Workplace, remote: RemoteDelivery, tally: _Tally) -> list[Arrival]:
    try:
        return arrive(work, remote)
    except FileChangedError as error:
        tally.incomplete.append(
            f"{remote.label}: {shown(str(error))} changed while it was read; the next run takes it"
        )
        return []


def _without_rivals(work: Workplace, arrivals: Sequence[Arrival], tally: _Tally) -> list[Arrival]:
    """Refuse deliveries that claim the same partition with different content: neither can be in force."""
    claims: dict[tuple[str, dt.date | None], dict[str, Arrival]] = defaultdict(dict)
    for arrival in arrivals:
        claims[arrival.key][arrival.manifest.delivery_id] = arrival
    for (scope, period), rivals in claims.items():
        if len(rivals) > 1:
            files = " and ".join(shown(rival.manifest.files[0].location) for rival in rivals.values())
            message = (
                f"{files} both claim this scope and period: put them into one folder, or give them different "
                "scopes by folder or manifest"
            )
            place = f"{work.source.name}, scope {shown(scope)}, {periods.label(period)}"
            tally.refused.append(Problem(place, 0, "", message))
    return [next(iter(rivals.values())) for rivals in claims.values() if len(rivals) == 1]


def _settle(work: Workplace, arrivals: Sequence[Arrival], accept: str | None, tally: _Tally) -> None:
    """Judge what is not in force yet, and bring what passes into force."""
    before = landing.read_in_force(work.settings, work.source.name)
    after = dict(before)
    new = []
    for arrival in arrivals:
        current = before.get(_known(arrival))
        if current and current.delivery_id == arrival.manifest.delivery_id:
            after[_known(arrival)] = _pointer(arrival)
            tally.outcomes["unchanged"].append(_outcome(arrival))
        else:
            new.append(arrival)
    duplicates = _duplicates(work, arrivals, new, before)
    verdicts = _judge(work, new, duplicates)
    for arrival in new:
        kind, problems = _decide(work, arrival, verdicts, before, accept)
        tally.outcomes[kind].append(_outcome(arrival, problems))
        if kind == "landed":
            after[_known(arrival)] = _pointer(arrival)
    if after != before:
        landing.write_in_force(work.settings, work.source.name, after)
    if accept and not any(one.manifest.delivery_id == accept for one in arrivals):
        message = (
            f"delivery {shown(accept)} is not among what the vendor offers now: there is nothing to accept"
        )
        tally.refused.append(Problem(work.source.name, 0, "", message))


def _known(arrival: Arrival) -> tuple[str, dt.date]:
    # A delivery without a period never passes gate 1, so that the stand-in below never comes into force.
    scope, period = arrival.key
    return scope, period or dt.date.min


def _pointer(arrival: Arrival) -> InForce:
    return InForce(arrival.manifest.delivery_id, arrival.remote.statement.final)


def _outcome(arrival: Arrival, problems: Iterable[Problem] = ()) -> Outcome:
    manifest = arrival.manifest
    return Outcome(manifest.delivery_id, manifest.scope, manifest.period, manifest.rows, tuple(problems))


def _duplicates(
    work: Workplace,
    arrivals: Sequence[Arrival],
    new: Sequence[Arrival],
    in_force: Mapping[tuple[str, dt.date], InForce],
) -> dict[str, dict[str, str]]:
    """Return, for each new delivery, its files whose content another file of source and period has as well.

    Rows that are no money are not billed twice: files of details may be the same as others.
    """
    if not new:
        return {}
    offered = {arrival.key for arrival in arrivals}
    others = [
        landing.read_manifest(landing.folder_of(work.settings, work.source.name, period, pointer.delivery_id))
        for (scope, period), pointer in in_force.items()
        if (scope, period) not in offered
    ]
    owners: dict[tuple[object, str], list[tuple[str, str]]] = defaultdict(list)
    for manifest in [*(arrival.manifest for arrival in arrivals), *others]:
        for file in manifest.files:
            if file.rows and not file.details:
                owners[manifest.period, file.content_sha256].append((manifest.delivery_id, file.location))
    return {
        arrival.manifest.delivery_id: {
            file.name: rivals[0]
            for file in arrival.manifest.files
            if not file.details
            and (
                rivals := _rivals(
                    arrival, file.location, owners[arrival.manifest.period, file.content_sha256]
                )
            )
        }
        for arrival in new
    }


def _rivals(arrival: Arrival, location: str, owners: Iterable[tuple[str, str]]) -> list[str]:
    own = (arrival.manifest.delivery_id, location)
    return sorted(other for delivery, other in owners if (delivery, other) != own)


def _judge(
    work: Workplace, new: Sequence[Arrival], duplicates: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, Any]]:
    """Return gate 1's record on each new delivery: the one on file if nothing it depends on has changed."""
    records, pending = {}, []
    for arrival in new:
        evidence = _evidence(work, arrival, duplicates[arrival.manifest.delivery_id])
        record = atomic.read_json(arrival.folder / GATE)
        if record and record["circumstances"] == _circumstances(evidence):
            records[evidence.delivery_id] = record
        else:
            pending.append((evidence, bool(record and record["was_in_force"])))
    verdicts = _verdicts(work, [evidence for evidence, _ in pending])
    for (evidence, was_in_force), verdict in zip(pending, verdicts, strict=True):
        records[evidence.delivery_id] = {
            "circumstances": _circumstances(evidence),
            "passed": verdict.passed,
            "problems": [vars(problem) for problem in verdict.problems],
            "checks": [{"meaning": meaning, "failures": failures} for meaning, failures in verdict.checks],
            "held": [],
            "accepted": None,
            "was_in_force": was_in_force,
        }
    return records


def _verdicts(work: Workplace, pending: Sequence[Evidence]) -> list[Verdict]:
    profiled = [
        Evidence(
            **{
                **vars(one),
                "profiles": tuple(work.profile(file, one.folder / file.name) for file in one.files),
            }
        )
        for one in pending
    ]
    verdicts = gate.judge(profiled)
    for one in profiled:
        report.write(work.settings, one, verdicts[one.delivery_id])
    return [verdicts[one.delivery_id] for one in profiled]


def _evidence(work: Workplace, arrival: Arrival, duplicates: Mapping[str, str]) -> Evidence:
    manifest = arrival.manifest
    return Evidence(
        source=work.source.name,
        delivery_id=manifest.delivery_id,
        scope=manifest.scope,
        period=manifest.period,
        by_row=manifest.by_row,
        folder=arrival.folder / FILES,
        files=manifest.files,
        profiles=(),
        totals=manifest.totals,
        statement=arrival.remote.statement,
        tolerance=work.source.tolerance,
        duplicates=duplicates,
        contract=work.extractor.contract,
    )


def _circumstances(one: Evidence) -> str:
    shown_to_gate = [gate.VERSION, str(one.tolerance), one.statement.as_json(), dict(one.duplicates)]
    return hashlib.sha256(json.dumps(shown_to_gate, sort_keys=True).encode()).hexdigest()[:16]


def _decide(
    work: Workplace,
    arrival: Arrival,
    records: Mapping[str, dict[str, Any]],
    in_force: Mapping[tuple[str, dt.date], InForce],
    accept: str | None,
) -> tuple[str, tuple[Problem, ...]]:
    """Move a judged delivery to where it belongs; returns what became of it, and why."""
    name, settings = arrival.manifest.delivery_id, work.settings
    source, period, record = work.source.name, arrival.manifest.period, records[name]
    aside = landing.quarantine_of(settings, source, period, name)
    if record["was_in_force"]:  # invoices may rest on it: evidence stays where it was landed
        aside = arrival.folder
    if not record["passed"]:
        _move(arrival, record, aside)
        return "quarantined", tuple(Problem(**problem) for problem in record["problems"])
    record["held"] = list(_shrinkage(work, arrival, in_force))
    if record["held"] and name == accept:
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        record["accepted"] = {"by": getpass.getuser(), "at": now, "although": record["held"]}
    if record["held"] and (record["accepted"] or {}).get("although") != record["held"]:
        _move(arrival, record, aside)
        return "held", (_held(work, arrival, record["held"]),)
    record["was_in_force"] = True
    _move(arrival, record, landing.folder_of(settings, source, period, name))
    return "landed", ()


def _shrinkage(
    work: Workplace, arrival: Arrival, in_force: Mapping[tuple[str, dt.date], InForce]
) -> tuple[str, ...]:
    pointer = in_force.get(_known(arrival))
    if not pointer or _invoice_of_estimate(arrival, pointer):
        return ()
    _, period = _known(arrival)
    folder = landing.folder_of(work.settings, work.source.name, period, pointer.delivery_id)
    return shrinkage(arrival.manifest, landing.read_manifest(folder))


def _invoice_of_estimate(arrival: Arrival, pointer: InForce) -> bool:
    """Tell whether a final delivery that the vendor's own total vouches for replaces an open month's estimate."""
    stated = arrival.remote.statement
    return pointer.final is False and stated.final is True and stated.totals is not None


def _held(work: Workplace, arrival: Arrival, reasons: Iterable[str]) -> Problem:
    manifest = arrival.manifest
    place = f"{work.source.name}, scope {shown(manifest.scope)}, {periods.label(manifest.period)}"
    message = (
        f"delivery {manifest.delivery_id} is held: {'; '.join(reasons)}. The delivery in force stays. If the vendor "
        f"means it: cspbill extract {work.source.name} --accept {manifest.delivery_id}"
    )
    return Problem(place, 0, "", message)


def _move(arrival: Arrival, record: Mapping[str, Any], target: Path) -> None:
    if atomic.read_json(arrival.folder / GATE) != record:
        atomic.write_json(arrival.folder / GATE, record)
    if arrival.folder != target:
        atomic.move_folder(arrival.folder, target)


def _note_withdrawn(
    work: Workplace, discovery: Discovery, arrivals: Iterable[Arrival], tally: _Tally
) -> None:
    """Say which partitions the vendor no longer offers: what was billed from them stays."""
    offered = {arrival.key for arrival in arrivals}
    left_alone = {remote.scope for remote in discovery.deliveries if remote.missing or remote.problems}
    for (scope, period), pointer in landing.read_in_force(work.settings, work.source.name).items():
        asked = discovery.since is None or period >= discovery.since
        if asked and (scope, period) not in offered and scope not in left_alone:
            tally.notes.append(
                f"scope {scope}, {periods.label(period)}: no longer at the vendor; {pointer.delivery_id} stays"
            )
