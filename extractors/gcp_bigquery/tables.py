"""Which tables (or folders) are billing exports, and which of several that hold the same charges counts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: Standard and detailed exports hold the same charges of one billing account; the reseller's export those of all.
_STANDARD = re.compile(r"gcp_billing_export_(resource_)?v1_([0-9A-Za-z]{6}(?:_[0-9A-Za-z]{6}){2})")
_RESELLER = "reseller_billing_detailed_export_v1"


@dataclass(frozen=True)
class Export:
    """A billing export by its name. ``account``: the billing account that it is of; "" where only rows tell."""

    name: str
    account: str
    detail: int  # of several exports of one account the one with the most detail counts

    @property
    def kind(self) -> str:
        """Name it as Google's documentation does."""
        return ("standard", "detailed", "reseller")[self.detail]


def export_named(name: str) -> Export | None:
    """Return the export that a table's or folder's name stands for; None when it is none of Google's names."""
    if name == _RESELLER:
        return Export(name, "", 2)
    if found := _STANDARD.fullmatch(name):
        return Export(name, found[2].replace("_", "-").upper(), 1 if found[1] else 0)
    return None


def chosen(names: Iterable[str]) -> tuple[list[Export], list[str]]:
    """Return the exports that count, each charge once, and a note on every other one."""
    found = [one for one in map(export_named, names) if one]
    resellers = [one for one in found if one.kind == "reseller"]
    best: dict[str, Export] = {}
    for one in sorted(resellers or found, key=lambda export: (export.detail, export.name)):
        best[one.account] = one
    kept = sorted(best.values(), key=lambda export: export.name)
    left_out = [one for one in found if one not in kept]
    return kept, [_note(one, resellers, best) for one in left_out]


def _note(one: Export, resellers: list[Export], best: dict[str, Export]) -> str:
    winner = resellers[0] if resellers else best[one.account]
    return f"{one.name}: left out, {winner.name} has the same charges in more detail ({winner.kind} export)"
