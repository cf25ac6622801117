"""Which extractor reads which kind of source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

from cspbill.book import Source
from cspbill.errors import InputError, Problem
from extractors.contract import Contract
from extractors.focus_files.extractor import FocusFiles
from extractors.focus_files.focus import FOCUS
from extractors.protocol import Extractor

EXTRACTORS: Mapping[str, Callable[[Source], Extractor]] = MappingProxyType({"focus_files": FocusFiles})
CONTRACTS: Mapping[str, Contract] = MappingProxyType({"focus_files": FOCUS})

T = TypeVar("T")


def extractor_for(source: Source) -> Extractor:
    """Return the extractor of a configured source; InputError when its kind has none."""
    return _of_kind(EXTRACTORS, source)(source)


def contract_for(source: Source) -> Contract:
    """Return how the rows of a configured source look; InputError when its kind has no extractor."""
    return _of_kind(CONTRACTS, source)


def _of_kind(table: Mapping[str, T], source: Source) -> T:
    if source.kind not in table:
        message = f"source {source.name}: there is no extractor for kind {source.kind!r} yet; there is: " + (
            ", ".join(sorted(table))
        )
        raise InputError([Problem("reseller.yml", 0, "sources", message)])
    return table[source.kind]
