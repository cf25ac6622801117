"""Which runs of which exports make the deliveries.

Every run of an export holds the whole month to date, so that the newest complete one replaces those before it. Of
several exports of the same charges one is taken. Actual and amortised cost of one scope and month are one delivery:
the first is the money, the second says how it spreads over usage.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from extractors.azure_export.cost_details import ACTUAL, AMORTIZED, FOCUS_COST
from extractors.azure_export.manifests import RunManifest
from extractors.names import shown
from extractors.protocol import RemoteDelivery, RemoteFile, Statement

#: What a data set is called in messages.
TITLES: Mapping[str, str] = {ACTUAL: "actual cost", AMORTIZED: "amortised cost", FOCUS_COST: "FOCUS cost"}
#: A FOCUS export that lags so far behind the one of actual cost has been switched off.
STALE = dt.timedelta(days=7)
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)

Partition = tuple[str, dt.date]


@dataclass(frozen=True)
class Run:
    """A run with its files; ``missing``: those that are not there, or not whole, yet."""

    manifest: RunManifest
    file: RemoteFile  # the manifest itself
    files: tuple[RemoteFile, ...]
    missing: tuple[str, ...]

    @property
    def submitted(self) -> dt.datetime:
        """Return when it ran, as well as can be told."""
        return self.manifest.submitted or self.file.modified or _NEVER

    def age(self) -> tuple[bool, dt.date, dt.datetime, str]:
        """Order runs of one data set: with purchases first, then by the last day covered, then by time."""
        with_purchases = self.manifest.type.casefold() != "usage"
        return with_purchases, self.manifest.last, self.submitted, self.file.location


@dataclass
class Choice:
    """What the runs amount to, while it is being found out."""

    deliveries: list[RemoteDelivery] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unusable: dict[str, list[dt.date]] = field(
        default_factory=lambda: defaultdict(list)
    )  # months by scope with amortised cost only


def choose(runs: Iterable[Run]) -> Choice:
    """Return the deliveries: per scope and month the newest complete run, and newer ones that are incomplete."""
    partitions: dict[Partition, dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        if run.manifest.data_set:
            partitions[run.manifest.scope, run.manifest.first][run.manifest.data_set].append(run)
    choice = Choice()
    for partition, by_data_set in sorted(partitions.items()):
        _settle(choice, partition, by_data_set)
    return _without_narrower(choice)


def _settle(choice: Choice, partition: Partition, by_data_set: Mapping[str, Sequence[Run]]) -> None:
    chosen: dict[str, Run] = {}
    for data_set, rivals in sorted(by_data_set.items()):
        ordered = sorted(rivals, key=Run.age)
        complete = [run for run in ordered if not run.missing]
        pending = ordered[-1] if ordered[-1].missing else None
        if pending:
            choice.deliveries.append(_incomplete(partition, data_set, pending))
        if complete:
            chosen[data_set] = complete[-1]
            choice.notes += _of_several_exports(partition, data_set, complete)
    if chosen:
        _combine(choice, partition, chosen, waiting=len(chosen) < len(by_data_set))


def _combine(choice: Choice, partition: Partition, chosen: Mapping[str, Run], *, waiting: bool) -> None:
    actual, focus = chosen.get(ACTUAL), chosen.get(FOCUS_COST)
    if focus and not (actual and focus.submitted + STALE < actual.submitted):
        rest = [one for key, one in chosen.items() if key != FOCUS_COST]
        choice.notes += _instead(partition, focus, rest)
        choice.deliveries.append(_delivery(partition, {FOCUS_COST: focus}))
    elif actual:
        choice.notes += _instead(partition, actual, [focus] if focus else [])
        choice.deliveries.append(
            _delivery(partition, {key: one for key, one in chosen.items() if key != FOCUS_COST})
        )
    elif not waiting:
        choice.unusable[partition[0]].append(partition[1])


def _delivery(partition: Partition, chosen: Mapping[str, Run]) -> RemoteDelivery:
    first = next(iter(chosen.values()))
    return RemoteDelivery(
        scope=partition[0],
        period=partition[1],
        files=tuple(
            replace(file, name=f"{data_set}/{file.name}")
            for data_set, run in chosen.items()
            for file in run.files
        ),
        statement=Statement(
            rows={
                f"{data_set}/{part.name}": part.rows
                for data_set, run in chosen.items()
                for part in run.manifest.parts
                if part.rows is not None
            }
        ),
        manifest=first.file.location,
    )


def _incomplete(partition: Partition, data_set: str, run: Run) -> RemoteDelivery:
    missing = tuple(f"{data_set}/{name}" for name in run.missing)
    return RemoteDelivery(*partition, files=(), manifest=run.file.location, missing=missing)


def _of_several_exports(partition: Partition, data_set: str, complete: Sequence[Run]) -> Iterator[str]:
    exports = sorted({run.manifest.export for run in complete})
    if len(exports) > 1:
        yield (
            f"{_label(partition)}: the exports {' and '.join(map(shown, exports))} hold the same {TITLES[data_set]}: "
            f"counted once, from {shown(complete[-1].manifest.export)}, which ran last"
        )


def _instead(partition: Partition, taken: Run, others: Iterable[Run]) -> Iterator[str]:
    for other in others:
        yield (
            f"{_label(partition)}: {_titled(other)} and {_titled(taken)} hold the same charges: counted once, from "
            f"{shown(taken.manifest.export)}"
        )


def _titled(run: Run) -> str:
    return f"{TITLES[run.manifest.data_set or ACTUAL]} of export {shown(run.manifest.export)}"


def _label(partition: Partition) -> str:
    return f"scope {shown(partition[0])}, {partition[1]:%Y-%m}"


def _without_narrower(choice: Choice) -> Choice:
    """Leave out what a scope that lies inside another one delivers once more, such as a customer's of an account."""
    complete = [one for one in choice.deliveries if not one.missing]
    kept = []
    for one in choice.deliveries:
        wider = next((other.scope for other in complete if _inside(one, other)), None)
        if wider is None:
            kept.append(one)
        elif not one.missing:
            choice.notes.append(f"{one.label}: lies inside scope {shown(wider)}: counted once, from there")
    return replace(choice, deliveries=kept)


def _inside(one: RemoteDelivery, other: RemoteDelivery) -> bool:
    is_resource = other.scope.startswith("/")
    return is_resource and one.period == other.period and one.scope.startswith(f"{other.scope}/")
