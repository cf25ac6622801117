"""How the rows of a kind of vendor file look: what gate 1 checks and what the loader casts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property


def as_delivered(name: str) -> str:
    """Leave a column's name as it is."""
    return name


@dataclass(frozen=True)
class Contract:
    """Columns of a vendor's charge rows, by the part they play.

    ``decimals`` become DECIMAL(28,12), ``times`` TIMESTAMP in UTC, every other column text. Each group of
    ``required`` must be delivered under at least one of its names. Names match whatever their letter case.

    ``rename`` turns a delivered name into the contract's spelling. ``time_formats`` (strptime) are tried for times in
    text that are not ISO 8601. ``derived`` columns are computed while reading, from SQL over ``{column}``
    placeholders; a placeholder is NULL where the column was not delivered. ``end_inclusive``: ``charge_end`` is the
    last day itself. ``details``: the rows explain other rows and are no money of their own. ``days_until_final``:
    days after a period's end when a vendor that says nothing about finality is taken to have finished it.
    ``gathered``: columns whose delivered names start with one of the prefixes become one column of JSON text, by the
    rest of their names (tags, of which there may be any number). ``variants``: contracts of files whose name inside
    the delivery starts with the key.
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
    rename: Callable[[str], str] = as_delivered
    time_formats: tuple[str, ...] = ()
    derived: Mapping[str, str] = field(default_factory=dict)
    end_inclusive: bool = False
    details: bool = False
    days_until_final: int = 5
    gathered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variants: Mapping[str, Contract] = field(default_factory=dict)

    def of(self, file_name: str) -> Contract:
        """Return the contract of one file of a delivery."""
        return next((one for start, one in self.variants.items() if file_name.startswith(start)), self)

    def tables(self) -> tuple[str, ...]:
        """Return every raw table that a delivery's rows go to."""
        return tuple(dict.fromkeys([self.table, *(one.table for one in self.variants.values())]))

    def gatherer(self, delivered: str) -> tuple[str, str] | None:
        """Return the JSON column that a delivered column goes into, and its key there; None for no such."""
        if self.canonical(delivered) in self.names():
            return None
        return next(
            (
                (column, delivered.removeprefix(prefix))
                for column, prefixes in self.gathered.items()
                for prefix in prefixes
                if delivered.startswith(prefix)
            ),
            None,
        )

    def names(self) -> frozenset[str]:
        """Return every column that the contract says something about."""
        required = {name for group in self.required for name in group}
        told = {
            self.amount,
            self.currency,
            self.billing_period,
            self.charge_start,
            self.charge_end,
            self.invoice,
        }
        return (
            self.decimals
            | self.times
            | required
            | self.not_null
            | set(self.allowed)
            | set(self.derived)
            | told
        )

    def canonical(self, name: str) -> str:
        """Return the contract's spelling of a delivered column name, or the name itself."""
        renamed = self.rename(name)
        return self._spellings.get(renamed.casefold(), renamed)

    @cached_property
    def _spellings(self) -> Mapping[str, str]:
        return {known.casefold(): known for known in self.names()}
