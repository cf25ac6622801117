"""The order of a printed document: sections (vendors, then the rest), services, lines, their discounts.

Corrections of earlier documents are grouped by what they correct instead of by service.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from invoices.model import Line

VENDOR, CORRECTIONS, OTHER, GENERAL_DISCOUNTS, COMMITMENT = (
    "vendor",
    "corrections",
    "other",
    "general_discounts",
    "commitment",
)
_KIND_ORDER = {
    kind: place for place, kind in enumerate((VENDOR, GENERAL_DISCOUNTS, CORRECTIONS, COMMITMENT, OTHER))
}


@dataclass(frozen=True)
class Item:
    """A line and the discounts that reduce it."""

    line: Line
    discounts: tuple[Line, ...]

    @property
    def is_small(self) -> bool:
        """Whether everything about it rounds to nothing, so that it is counted rather than listed."""
        return not self.line.amount and not any(discount.amount for discount in self.discounts)

    @property
    def net(self) -> Decimal:
        """Amount after its discounts."""
        return self.line.amount + sum((discount.amount for discount in self.discounts), Decimal(0))


@dataclass(frozen=True)
class Origin:
    """The document and month that lines correct; ``document`` is None where the line names none."""

    document: str | None
    period: dt.date


@dataclass(frozen=True)
class Service:
    """A service's items, or what corrects one month of an earlier document.

    ``name`` is the service's, None for lines that belong to none; ``origin`` is what is corrected.
    """

    name: str | None
    items: tuple[Item, ...]
    origin: Origin | None = None

    @property
    def net(self) -> Decimal:
        """Subtotal after discounts."""
        return sum((item.net for item in self.items), Decimal(0))


@dataclass(frozen=True)
class Section:
    """A vendor's services, or the lines of a kind that stands apart; ``name`` is the vendor's."""

    kind: str
    name: str | None
    services: tuple[Service, ...]

    @property
    def discounts(self) -> Decimal:
        """Sum of the section's discounts, zero or negative on an invoice."""
        return sum((line.amount for line in self._lines() if line.line_type == "discount"), Decimal(0))

    @property
    def net(self) -> Decimal:
        """Sum of the section after discounts."""
        return sum((service.net for service in self.services), Decimal(0))

    def _lines(self) -> Iterable[Line]:
        return (
            part
            for service in self.services
            for item in service.items
            for part in (item.line, *item.discounts)
        )


def outline(lines: Iterable[Line], cancelled: str | None = None) -> tuple[Section, ...]:
    """Group a document's lines for print, keeping their order inside each group.

    ``cancelled`` is the document that this one cancels as a whole: all its lines refer to it, and none corrects it.
    """
    places: dict[tuple[str, str | None], dict[str | Origin | None, list[Item]]] = {}
    for item in _items(lines):
        kind = _kind(item.line, cancelled)
        section = places.setdefault((kind, item.line.vendor if kind == VENDOR else None), {})
        section.setdefault(_group(kind, item.line), []).append(item)
    sections = (
        Section(kind, name, tuple(_service(key, items) for key, items in groups.items()))
        for (kind, name), groups in places.items()
    )
    return tuple(sorted(sections, key=lambda section: _KIND_ORDER[section.kind]))


def _group(kind: str, line: Line) -> str | Origin | None:
    if kind == CORRECTIONS:
        return Origin(line.reference_document, line.used_in_period)
    # Commitments and adjustments are the reseller's own words: a service's heading would only repeat them.
    return None if kind in {COMMITMENT, OTHER} else line.service


def _service(key: str | Origin | None, items: Iterable[Item]) -> Service:
    return Service(None, tuple(items), key) if isinstance(key, Origin) else Service(key, tuple(items))


def _items(lines: Iterable[Line]) -> list[Item]:
    lines = tuple(lines)
    ids = {line.line_id for line in lines if line.parent_line_id is None}
    reducing: dict[str, list[Line]] = {}
    for line in lines:
        if line.parent_line_id in ids:
            reducing.setdefault(str(line.parent_line_id), []).append(line)
    return [
        Item(line, tuple(reducing.get(line.line_id, ()))) for line in lines if line.parent_line_id not in ids
    ]


def _kind(line: Line, cancelled: str | None) -> str:
    if line.line_type == "correction" or line.reference_document not in {None, cancelled}:
        return CORRECTIONS
    if line.line_type in {"true_up", "cap"}:
        return COMMITMENT
    if line.line_type == "adjustment" and not line.source:
        return OTHER
    if line.vendor:
        return VENDOR
    return GENERAL_DISCOUNTS if line.line_type == "discount" else OTHER
