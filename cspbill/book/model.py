"""What a validated book of business is in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from cspbill.book.values import Value
from cspbill.errors import Problem


@dataclass(frozen=True)
class Row:
    """One row of a config file; values in ``broken`` columns are None because they were wrong."""

    line: int
    values: Mapping[str, Value]
    broken: frozenset[str] = frozenset()

    def text(self, column: str) -> str:
        """Return a value for comparison: casefolded text, empty when blank."""
        value = self.values.get(column)
        return "" if value is None else str(value).casefold()


@dataclass(frozen=True)
class Destination:
    """Where published files are sent: a URL or an absolute folder, what of them, and how to reach it."""

    url: str
    send: tuple[str, ...]
    options: Mapping[str, str]


@dataclass(frozen=True)
class Mail:
    """How documents are sent by e-mail; ``connection`` names where the login is kept."""

    smtp_host: str
    smtp_port: int
    security: str
    sender: str
    ca_file: str | None = None
    reply_to: str | None = None
    bcc: str | None = None
    connection: str | None = None
    usage_csv: bool = False
    most_megabytes: int = 10


@dataclass(frozen=True)
class Outgoing:
    """What leaves the house by itself: nothing, unless reseller.yml says so."""

    destinations: tuple[Destination, ...] = ()
    mail: Mail | None = None


@dataclass
class Draft:
    """The book while it is read: what was understood so far, and what was wrong."""

    tables: dict[str, list[Row]]
    reseller: dict[str, Value]
    sources: list[SourceDraft]
    unreadable: frozenset[str]  # files of which too little was understood to check references against
    outgoing: Outgoing = field(default_factory=Outgoing)

    def whole(self, table: str) -> list[Row]:
        """Return the rows of ``table`` without a wrong value: only these are compared with others."""
        return [row for row in self.tables[table] if not row.broken]


@dataclass(frozen=True)
class Source:
    """Where an extractor reads; ``options`` are the connection settings of its kind, paths made absolute."""

    name: str
    kind: str
    vendor: str | None
    tolerance: Decimal
    owner_accounts: tuple[str, ...]
    options: Mapping[str, str]


@dataclass(frozen=True)
class SourceDraft:
    """A source and its line in reseller.yml."""

    line: int
    source: Source


@dataclass(frozen=True)
class Book:
    """A valid book of business.

    ``tables`` holds the rows of every ``config`` table as they are stored; ``fingerprint`` changes with
    everything that can change an amount or a document, and with nothing else. ``warnings`` are no errors.
    """

    fingerprint: str
    reseller: Mapping[str, Value]
    sources: tuple[Source, ...]
    tables: Mapping[str, tuple[Mapping[str, Value], ...]]
    warnings: tuple[Problem, ...] = field(default=())
    outgoing: Outgoing = field(default_factory=Outgoing)

    def count(self, table: str) -> int:
        """Return the number of rows of a config table."""
        return len(self.tables[table])


def problems_of(groups: Iterable[Iterable[Problem]]) -> list[Problem]:
    """Return the problems of all groups, sorted, each once."""
    return sorted({problem for group in groups for problem in group})
