"""What every part of an e-invoice is made from: the document, and how values are written in its language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from invoices.formats import Formats, formats_for
from invoices.labels import label
from invoices.model import CREDIT_NOTE, Document, Line
from invoices.money import minor_units, plain
from invoices.phrases import translated
from invoices.printable import one_line

LONGEST_TEXT = 400


@dataclass(frozen=True)
class Source:
    """A document with the formats of its locale."""

    document: Document
    formats: Formats

    def say(self, name: str, /, **values: object) -> str:
        """A label in the document's language."""
        return label(name, self.formats.language, **values)

    def translated(self, phrase: str | None) -> str:
        """The ledger's words in the document's language."""
        return translated(phrase, self.formats) or ""

    def turned(self, amount: Decimal) -> Decimal:
        """An amount as it is printed: positive where a credit note credits."""
        sign = -1 if self.document.header.document_type == CREDIT_NOTE else 1
        return sign * amount + 0  # plus nothing: there is no negative zero

    def money(self, amount: Decimal) -> str:
        """A turned amount with the currency's decimals."""
        return plain(amount, minor_units(self.document.header.currency))

    def net(self, line: Line) -> Decimal:
        """A line's amount, turned."""
        return self.turned(line.amount)


def source_of(document: Document) -> Source:
    """A document in its locale."""
    return Source(document, formats_for(document.header.locale, document.header.currency))


def text(value: str | None, limit: int = LONGEST_TEXT) -> str:
    """Text as XML may hold it: one line, without control characters."""
    return one_line(value, limit)


def last_day(start: dt.date, end: dt.date) -> dt.date:
    """The last day of a half-open period: EN 16931 counts it in."""
    return max(start, end - dt.timedelta(days=1))
