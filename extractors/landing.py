"""The landing zone: vendors' files as delivered, written once, never changed and never deleted.

landing/<source>/<billing period>/<delivery id>/files/…      what the vendor delivered
                                              manifest.json  what it is, written last
                                              gate.json      what gate 1 said
landing/<source>/in_force.json    which delivery is the vendor's current word, by scope and billing period
landing/<source>/seen.json        what was seen at the vendor, so that nothing is read twice
landing/.incoming/<source>/       what is being fetched; left over only by a kill, and removed by the next run
quarantine/<source>/<billing period>/<delivery id>/          what gate 1 refused or holds
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

from cspbill import atomic
from cspbill.settings import Settings
from extractors import periods
from extractors.names import shown
from extractors.protocol import Extractor, InterruptedTransferError, RemoteFile
from extractors.retrying import Transient, with_retries

FILES = "files"
MANIFEST = "manifest.json"
GATE = "gate.json"
CHUNK = 1 << 20


@dataclass(frozen=True)
class LandedFile:
    """A file as landed. ``rows`` counts those of the delivery's own billing period, by which they are loaded."""

    name: str
    size: int
    sha256: str
    content_sha256: str  # of the unpacked content; equal to sha256 unless gzip
    location: str
    version: str
    rows: int
    rows_by_period: Mapping[str, int]
    damage: str = ""  # why the packed content cannot be unpacked
    details: bool = False  # its rows explain other rows and are no money


@dataclass(frozen=True)
class Manifest:
    """What a landed delivery is. Totals and days cover its own billing period only."""

    delivery_id: str
    source: str
    kind: str
    scope: str
    period: dt.date | None
    by_row: bool  # only the rows told the period: the files may hold rows of other periods
    files: tuple[LandedFile, ...]
    totals: Mapping[str, Decimal]
    stated: Mapping[str, object]
    days: tuple[dt.date, ...]
    invoiced_rows: int | None
    landed_at: str

    @property
    def rows(self) -> int:
        """Return the number of rows of the delivery's billing period."""
        return sum(file.rows for file in self.files)

    @property
    def charges(self) -> int:
        """Return the number of rows that are money."""
        return sum(file.rows for file in self.files if not file.details)

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values; decimals and dates as text."""
        return {
            **asdict(self),
            "period": periods.label(self.period),
            "rows": self.rows,
            "totals": {currency: str(total) for currency, total in self.totals.items()},
            "days": [day.isoformat() for day in self.days],
        }


@dataclass(frozen=True)
class InForce:
    """The delivery that is a vendor's current word on a scope and billing period; ``final`` if the vendor says."""

    delivery_id: str
    final: bool | None


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a landed or quarantined delivery."""
    found = atomic.read_json(folder / MANIFEST)
    return Manifest(
        delivery_id=found["delivery_id"],
        source=found["source"],
        kind=found["kind"],
        scope=found["scope"],
        period=None if found["period"] == periods.label(None) else periods.parse(found["period"]),
        by_row=found["by_row"],
        files=tuple(LandedFile(**file) for file in found["files"]),
        totals={currency: Decimal(total) for currency, total in found["totals"].items()},
        stated=found["stated"],
        days=tuple(map(dt.date.fromisoformat, found["days"])),
        invoiced_rows=found["invoiced_rows"],
        landed_at=found["landed_at"],
    )


def delivery_id(source: str, scope: str, period: dt.date | None, files: Sequence[tuple[str, str]]) -> str:
    """Name a delivery by its content: the same (name, sha256) pairs always give the same 16 digits."""
    digest = hashlib.sha256()
    for part in (source, scope, periods.label(period), *(f"{name}\0{sha}" for name, sha in sorted(files))):
        digest.update(part.encode() + b"\0\0")
    return digest.hexdigest()[:16]


def folder_of(settings: Settings, source: str, period: dt.date | None, delivery: str) -> Path:
    """Return where a landed delivery lies."""
    return settings.landing / source / periods.label(period) / delivery


def quarantine_of(settings: Settings, source: str, period: dt.date | None, delivery: str) -> Path:
    """Return where a refused or held delivery lies."""
    return settings.quarantine / source / periods.label(period) / delivery


def read_in_force(settings: Settings, source: str) -> dict[tuple[str, dt.date], InForce]:
    """Return the deliveries in force of a source by (scope, billing period); empty before the first landing."""
    found = atomic.read_json(settings.landing / source / "in_force.json") or {}
    keys = {key: key.rpartition("|") for key in found}
    return {
        (scope, periods.parse(period)): InForce(found[key]["delivery_id"], found[key]["final"])
        for key, (scope, _, period) in keys.items()
    }


def write_in_force(settings: Settings, source: str, entries: Mapping[tuple[str, dt.date], InForce]) -> None:
    """Replace the pointers of a source in one step."""
    content = {
        f"{scope}|{periods.label(period)}": asdict(entry) for (scope, period), entry in entries.items()
    }
    atomic.write_json(settings.landing / source / "in_force.json", content)


@contextmanager
def source_lock(settings: Settings, source: str) -> Iterator[None]:
    """Let one extract of a source run at a time; another one waits. The OS frees the lock of a killed run."""
    folder = settings.landing / source
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def fresh_incoming(settings: Settings, source: str) -> Path:
    """Return an empty folder to fetch into, without what a killed run left there. The caller holds the lock."""
    folder = settings.landing / ".incoming" / source
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def fetch(extractor: Extractor, file: RemoteFile, target: Path, *, source: str) -> LandedFile:
    """Copy one file of the vendor to ``target``, hashing it and testing its compression on the way.

    A transfer that breaks off is started over; CspbillError, naming ``source`` and the file, when that does not help.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    sink = with_retries(
        lambda: _copy(extractor, file, target), what=f"source {source}, {shown(file.location)}"
    )
    sha, content = sink.digests()
    return LandedFile(
        name=file.name,
        size=target.stat().st_size,
        sha256=sha,
        content_sha256=content,
        location=file.location,
        version=file.version,
        rows=0,
        rows_by_period={},
        damage=sink.damage(),
    )


def _copy(extractor: Extractor, file: RemoteFile, target: Path) -> _CheckedSink:
    with target.open("wb") as handle:
        sink = _CheckedSink(handle, gzipped=file.name.lower().endswith(".gz"))
        try:
            extractor.fetch(file, cast("BinaryIO", sink))
        except InterruptedTransferError as error:
            raise Transient(str(error)) from None
    return sink


def link(origin: Path, target: Path) -> None:
    """Give a landed file a second name: landed files never change, so that a copy would only cost space."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(origin, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(origin, target)


def land(settings: Settings, folder: Path, manifest: Manifest) -> Path:
    """Complete a fetched delivery with its manifest and rename it into the landing zone."""
    atomic.write_json(folder / MANIFEST, manifest.as_json())
    atomic.sync_tree(folder)
    target = folder_of(settings, manifest.source, manifest.period, manifest.delivery_id)
    atomic.move_folder(folder, target)
    return target


class _CheckedSink(RawIOBase):
    """Writes through to a file while hashing its bytes and, for gzip, its unpacked content."""

    def __init__(self, handle: BinaryIO, *, gzipped: bool) -> None:
        self._handle = handle
        self._raw = hashlib.sha256()
        self._content = hashlib.sha256() if gzipped else self._raw
        self._unpacker = zlib.decompressobj(wbits=31) if gzipped else None
        self._started = False
        self._damage = ""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # callers give bytes, never other buffers
        self._handle.write(data)
        self._raw.update(data)
        if self._unpacker and not self._damage:
            self._unpack(bytes(data))
        return len(data)

    def digests(self) -> tuple[str, str]:
        """Return sha256 of the bytes and of the unpacked content."""
        return self._raw.hexdigest(), self._content.hexdigest()

    def damage(self) -> str:
        """Return why the gzip content is not whole; empty when it is."""
        if self._unpacker and not self._damage and not self._unpacker.eof and self._started:
            return "the gzip file is truncated: it ends before its checksum"
        return self._damage

    def _unpack(self, data: bytes) -> None:
        try:
            while data and self._unpacker:
                if self._unpacker.eof:  # a gzip file may have several members
                    self._unpacker = zlib.decompressobj(wbits=31)
                self._started = True
                # Bounded, so that a small file that unpacks to gigabytes does not fill the memory.
                self._content.update(self._unpacker.decompress(data, CHUNK))
                data = self._unpacker.unconsumed_tail or self._unpacker.unused_data
        except zlib.error as error:
            self._damage = f"the gzip file is damaged: {error}"
