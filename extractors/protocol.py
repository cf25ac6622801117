"""What a vendor's extractor is: it lists what the vendor has, and copies one file of it.

Everything else (landing, digests, gate 1, quarantine, loading) is the same for every vendor and lives outside.
A new kind implements ``Extractor``, describes its rows in a ``Contract``, adds its raw table to
``cspbill/schema/raw.sql``, one line to ``extractors.registry`` and a staging model to ``dbt_project``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO, Protocol

from cspbill.errors import Problem
from extractors.contract import Contract

UNKNOWN_SIZE = -1


@dataclass(frozen=True, order=True)
class RemoteFile:
    """A file that a vendor offers.

    ``name`` is its path inside the delivery; ``location`` is unique within the source; ``size`` is in bytes, or
    UNKNOWN_SIZE where only fetching tells; ``version`` changes whenever the content may have changed (modification
    time, ETag, job id). ``modified`` is when the vendor wrote it, where known; it only orders files.
    """

    name: str
    location: str
    size: int
    version: str
    modified: dt.datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Statement:
    """What the vendor says about a delivery; None or absent where it says nothing."""

    totals: Mapping[str, Decimal] | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)
    final: bool | None = None

    def as_json(self) -> dict[str, object]:
        """Return the statement as plain JSON values; decimals as text."""
        totals = None if self.totals is None else {key: str(value) for key, value in self.totals.items()}
        return {"totals": totals, "rows": dict(self.rows), "sha256": dict(self.sha256), "final": self.final}


@dataclass(frozen=True)
class RemoteDelivery:
    """The files that together make one scope's charges of one billing period.

    ``period`` None: only the rows tell, and they may be of several periods. ``missing``: files that the vendor
    announced and that are not there yet; such a delivery is left alone. ``problems``: why it is refused unread.
    """

    scope: str
    period: dt.date | None
    files: tuple[RemoteFile, ...]
    statement: Statement = Statement()
    manifest: str | None = None  # location of the vendor's own manifest
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def label(self) -> str:
        """Name the delivery in messages."""
        period = f"{self.period:%Y-%m}" if self.period else "periods by row"
        return f"scope {self.scope}, {period}"

    def fingerprint(self) -> str:
        """Return a digest of everything the vendor shows without any file being read."""
        files = [[file.name, file.location, file.size, file.version] for file in sorted(self.files)]
        shown = [self.scope, str(self.period), files, self.statement.as_json()]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Discovery:
    """What a vendor currently has; ``problems`` belong to no delivery, ``notes`` need no action.

    ``since``: the vendor was not asked about billing periods before it, so that nothing is known to be gone there.
    """

    deliveries: tuple[RemoteDelivery, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    since: dt.date | None = None


class Extractor(Protocol):
    """One configured source of one kind."""

    @property
    def contract(self) -> Contract:
        """How the rows of this kind look and which raw table they go to."""

    def discover(self, period: dt.date | None) -> Discovery:
        """List the deliveries that the vendor has now, of ``period`` only when given; reads no charge rows.

        Raises CspbillError when the vendor cannot be reached, InputError when the configuration is wrong.
        """

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Write the file's bytes, unchanged, to ``sink``.

        Raises FileChangedError when the vendor changes it meanwhile, InterruptedTransferError when the bytes did not
        come whole and asking once more may help, and CspbillError when it will not.
        """


class FileChangedError(Exception):
    """The vendor changed the file while it was read: the next run takes it."""


class InterruptedTransferError(Exception):
    """The file's bytes did not arrive whole; the message says how, and holds no secret."""
