"""What of ``published/`` is sent under which name.

Customers' folders hold what a customer may see and nothing else: a file of a kind that is not listed here stays at
home, so that a new internal file is never sent by accident. ``archive`` is the reseller's own copy of everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cspbill import snapshot
from cspbill.settings import Settings

#: Of issued documents: not the JSON (its key ``internal`` has cost and reasons), not the frozen charges.
FOR_CUSTOMERS = (".pdf", ".xml", ".csv")
#: Kinds whose older files are removed again once they are replaced: snapshots are large, each under a new name.
REPLACED = ("snapshot", "parquet")


@dataclass(frozen=True)
class Item:
    """A file to send and its path at the destination."""

    path: str
    local: Path

    @property
    def folder(self) -> str:
        """The folder that it lies in at the destination."""
        return self.path.rpartition("/")[0]


def items(settings: Settings, kinds: tuple[str, ...]) -> list[Item]:
    """Return what there is of these kinds now, by folder, in the order in which it is to be sent."""
    found = [item for kind in kinds for item in _READERS[kind](settings, kind)]
    # What points at other files follows them: a reader never finds a name without its file.
    return sorted(found, key=lambda item: (item.folder, item.local.name == "CURRENT", item.path))


def _issued(settings: Settings, kind: str) -> Iterator[Item]:
    return (item for item in _tree(settings, kind) if item.local.suffix in FOR_CUSTOMERS)


def _tree(settings: Settings, kind: str) -> Iterator[Item]:
    yield from _below(settings.published / kind, kind)


def _archive(settings: Settings, kind: str) -> Iterator[Item]:
    for part in ("invoices", "assets"):
        yield from _below(settings.published / part, f"{kind}/{part}")


def _snapshot(settings: Settings, kind: str) -> Iterator[Item]:
    if newest := snapshot.newest(settings):
        yield Item(f"{kind}/{newest.name}", newest)
        yield Item(f"{kind}/CURRENT", settings.published / "CURRENT")


def _parquet(settings: Settings, kind: str) -> Iterator[Item]:
    # The link is followed once: a new set may be swapped in meanwhile.
    yield from _below((settings.published / "parquet").resolve(), kind)


def _below(folder: Path, name: str) -> Iterator[Item]:
    for local in folder.rglob("*"):
        path = local.relative_to(folder)
        if local.is_file() and not any(part.startswith(".") for part in path.parts):
            yield Item(f"{name}/{path.as_posix()}", local)


_READERS: Mapping[str, Callable[[Settings, str], Iterator[Item]]] = {
    "invoices": _issued,
    "focus": _tree,
    "statements": _tree,
    "accounting": _tree,
    "dashboards": _tree,
    "snapshot": _snapshot,
    "parquet": _parquet,
    "archive": _archive,
}
