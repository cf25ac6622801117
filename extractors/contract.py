"""How the rows of a kind of vendor file look: what gate 1 checks and what the loader casts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Contract:
    """Columns of a vendor's charge rows, by the part they play.

    ``decimals`` become DECIMAL(28,12), ``times`` TIMESTAMP in UTC, every other column text. Each group of
    ``required`` must be delivered under at least one of its names. Names match whatever their letter case.
    """

    table: str
    decimals: frozenset[str]
    times: frozenset[str]
    required: tuple[tuple[str, ...], ...]
    not_null: frozenset[str]
    allowed: Mapping[str, tuple[str, ...]]
    amount: str
    currency: str
    billing_period: str
    charge_start: str
    charge_end: str
    invoice: str

    def names(self) -> frozenset[str]:
        """Return every column that the contract says something about."""
        required = {name for group in self.required for name in group}
        return self.decimals | self.times | required | self.not_null | set(self.allowed) | {self.invoice}

    def canonical(self, name: str) -> str:
        """Return the contract's spelling of a delivered column name, or the name itself."""
        return {known.casefold(): known for known in self.names()}.get(name.casefold(), name)
