"""Features of the book of business that nothing acts on yet: they are refused, never silently ignored.

Whoever gives a feature its effect deletes its entry here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cspbill.book.model import Draft
from cspbill.book.schema import TABLES
from cspbill.errors import Problem


@dataclass(frozen=True)
class NotYet:
    """A file (no column), a column (no values with effect), or some values of a column without effect."""

    table: str
    column: str = ""
    with_effect: tuple[str, ...] = ()


NOT_YET = (NotYet("budgets"),)


def refused(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for every use of a feature without effect."""
    for feature in NOT_YET:
        yield from _refused_cells(draft, feature) if feature.column else _refused_file(draft, feature)


def _refused_file(draft: Draft, feature: NotYet) -> Iterator[Problem]:
    rows, file = draft.tables[feature.table], TABLES[feature.table].file
    if rows:
        yield Problem(
            file,
            rows[0].line,
            "",
            f"{file} has no effect yet, so it may not seem to have one; allowed: no rows (found {len(rows)})",
        )


def _refused_cells(draft: Draft, feature: NotYet) -> Iterator[Problem]:
    file = TABLES[feature.table].file
    allowed = ", ".join(feature.with_effect) or "blank"
    for row in draft.tables[feature.table]:
        value = row.values.get(feature.column)
        if value is not None and value not in feature.with_effect:
            yield Problem(file, row.line, feature.column, f"'{value}' has no effect yet; allowed: {allowed}")
