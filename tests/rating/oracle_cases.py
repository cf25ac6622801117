"""Other systems' known answers (tests/oracles): which of them bind this project, and how their numbers read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

COPY = Path(__file__).parents[1] / "oracles"
BESIDE = Path(__file__).parents[3] / "shared" / "oracles"
NO_COUNTERPART = COPY / "without_counterpart.yaml"

#: Cases of prices whose minimum or credits belong to a contract here, not to a rule.
OF_CONTRACTS = (
    "openmeter-minimum-spend-002",
    "openmeter-minimum-spend-007",
    "openmeter-restatement-018",
    "openmeter-prepaid-credit-002",
    "openmeter-prepaid-credit-003",
    "openmeter-prepaid-credit-005",
)

Case = dict[str, Any]


def adopted_tags() -> set[str]:
    """The conventions that the README of the cases says this project adopts."""
    text = (COPY / "README.md").read_text("utf-8")
    found = re.search(r"\*\*Adopted by this project\*\*.*?\n\n(.*?)\n\n", text, re.DOTALL)
    assert found
    return set(found[1].split(" · "))


@cache
def all_cases() -> dict[str, Case]:
    """Every case by id; the folder beside the project, where there is one, is newer than the copy."""
    folders = [COPY, BESIDE] if BESIDE.is_dir() else [COPY]
    return {case["id"]: case for folder in folders for case in _read(folder)}


def _read(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.yaml")):
        found = yaml.safe_load(path.read_text("utf-8"))
        yield from found if isinstance(found, list) else found.get("cases", [])


@cache
def binding_cases() -> dict[str, Case]:
    """The cases that hold for every convention, or whose conventions are all adopted."""
    adopted = adopted_tags()
    return {
        name: case
        for name, case in all_cases().items()
        if case["convention"]["independent"] or set(case["convention"]["depends_on"]) <= adopted
    }


@cache
def reasons() -> dict[str, str]:
    """Why a binding case has no counterpart in this project, by its id."""
    listed = yaml.safe_load(NO_COUNTERPART.read_text("utf-8"))["reasons"]
    return {name: entry["reason"] for entry in listed for name in entry["cases"]}


def cases_of(*operations: str) -> list[Case]:
    """The binding cases of some operations that have a counterpart."""
    known = reasons()
    return [c for n, c in binding_cases().items() if c["operation"] in operations and n not in known]


def name_of(case: Case) -> str:
    """A case's id, for pytest."""
    return str(case["id"])


def decimals(values: Iterable[str]) -> list[Decimal]:
    """Numbers of a case."""
    return [Decimal(value) for value in values]


def major(minor: str) -> Decimal:
    """Cents as an amount."""
    return Decimal(minor).scaleb(-2)
