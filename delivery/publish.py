"""Send what changed in ``published/`` to every destination of the book of business.

Per folder: each changed file is noted, sent, looked at where it lies, and noted as sent; ``SHA256SUMS`` follows last,
so that a folder whose sums agree is whole. What is not in the record was not sent from here: it is neither replaced
nor removed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from cspbill.book import Destination
from cspbill.errors import CspbillError
from cspbill.progress import step
from cspbill.scratch import scratch
from cspbill.settings import Settings
from delivery import journal
from delivery.contents import REPLACED, Item, items
from delivery.places import Place, open_place
from invoices.files import safe_name

SUMS = "SHA256SUMS"
SENDING, SENT, REMOVED = "sending", "sent", "removed"


@dataclass(frozen=True)
class Published:
    """What was done at one destination; ``problem`` is for a person to act on."""

    url: str
    sent: int = 0
    unchanged: int = 0
    removed: int = 0
    problem: str | None = None


@dataclass
class Sending:
    """One destination under way; ``known`` is the last entry of every path that was ever sent there."""

    place: Place
    record: journal.Journal
    there: dict[str, int]
    folder: Path
    known: dict[str, journal.Entry] = field(default_factory=dict)
    sent: int = 0
    unchanged: int = 0
    removed: int = 0

    def __post_init__(self) -> None:
        self.known = {entry["path"]: entry for entry in self.record.entries}

    def bring(self, path: str, local: Path) -> None:
        """Send a file unless it lies there as it is here; one with the size and time of the last run is not read."""
        status = local.stat()
        mark = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
        if self._is_there(path) and all(self.known[path].get(name) == value for name, value in mark.items()):
            self.unchanged += 1
        elif self._bring(path, local, digest_of(local), mark):
            self.sent += 1
        else:
            self.unchanged += 1

    def _is_there(self, path: str) -> bool:
        entry = self.known.get(path, {})
        return entry.get("state") == SENT and self.there.get(path) == entry["size"]

    def _bring(self, path: str, local: Path, digest: str, mark: dict[str, int]) -> bool:
        is_same = self._is_there(path) and self.known[path]["sha256"] == digest
        is_foreign = path not in self.known and path in self.there
        if is_foreign:
            self._adopt(path, digest)
        elif not is_same:
            self._note(path, SENDING)
            self.place.put(path, local)
            self.place.verify(path, mark["size"], digest)
            self.there[path] = mark["size"]
        self._note(path, SENT, sha256=digest, **mark)
        return not (is_same or is_foreign)

    def _adopt(self, path: str, digest: str) -> None:
        """Take over what a run whose record is lost has sent; leave everything else alone."""
        if self.place.digest(path) != digest:
            raise CspbillError(
                f"{self.place.named(path)}: another file lies there, which was not sent from here. "
                "Move it away, or name another prefix."
            )

    def _note(self, path: str, state: str, **values: object) -> None:
        # Written before a file appears under its name: that is how it is known as ours after a kill. What a power
        # cut takes of the record is taken up again from what lies there.
        self.known[path] = self.record.note({"path": path, "state": state, **values}, durable=False)

    def sums(self, folder: str, names: Iterable[str]) -> None:
        """Write the folder's checksums, in the format of ``sha256sum``."""
        lines = [f"{self.known[f'{folder}/{name}']['sha256']}  {name}\n" for name in names]
        path, local = f"{folder}/{SUMS}", self.folder / SUMS
        local.write_text("".join(lines), "utf-8")
        digest = digest_of(local)
        if not (self._is_there(path) and self.known[path]["sha256"] == digest):
            self._bring(path, local, digest, {"size": local.stat().st_size})

    def clear(self, wanted: set[str]) -> None:
        """Remove what was sent from here of kinds that replace their files, and is no longer here."""
        for path, entry in list(self.known.items()):
            is_ours = entry["state"] != REMOVED and path.partition("/")[0] in REPLACED
            if is_ours and path not in wanted:
                if path in self.there:
                    self.place.remove(path)
                    self.removed += 1
                self._note(path, REMOVED)


def publish(settings: Settings, destinations: Iterable[Destination]) -> tuple[Published, ...]:
    """Bring every destination up to date. One that fails does not stop the others."""
    return tuple(_publish(settings, destination) for destination in destinations)


def _publish(settings: Settings, destination: Destination) -> Published:
    with step(f"Publish to {destination.url}") as current:
        try:
            done = _bring_all(settings, destination)
        except CspbillError as error:
            current.note("failed")
            return Published(destination.url, problem=str(error))
        except FileNotFoundError as error:
            current.note("failed")
            problem = f"{error.filename} was replaced meanwhile; run it again"
            return Published(destination.url, problem=problem)
        current.note(f"{done.sent} files sent, {done.unchanged} unchanged")
    return done


def _bring_all(settings: Settings, destination: Destination) -> Published:
    found = items(settings, destination.send)
    with journal.opened(record_path(settings, destination)) as record, scratch(settings) as folder:
        place = open_place(destination)
        sending = Sending(place, record, place.listed(), folder)
        for name, group in groupby(found, key=lambda item: item.folder):
            _bring_folder(sending, name, list(group))
        sending.clear({path for item in found for path in (item.path, f"{item.folder}/{SUMS}")})
    return Published(destination.url, sending.sent, sending.unchanged, sending.removed)


def _bring_folder(sending: Sending, folder: str, group: list[Item]) -> None:
    for item in group:
        sending.bring(item.path, item.local)
    sending.sums(folder, sorted(item.local.name for item in group))


def record_path(settings: Settings, destination: Destination) -> Path:
    """The record of one destination: readable, and different for each."""
    digest = hashlib.sha256(os.fsencode(destination.url)).hexdigest()[:8]
    return journal.path_of(settings, f"{safe_name(destination.url)[:80]}-{digest}")


def digest_of(local: Path) -> str:
    """SHA-256 of a file as hex, whatever its size."""
    with local.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def problems(done: Iterable[Published]) -> Iterator[str]:
    """What failed, for a person to act on."""
    return (one.problem for one in done if one.problem)
