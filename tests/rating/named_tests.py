"""What `where_told.yaml` says: which tests tell a golden vector or catch a trap, and which of them do not exist."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("where_told.yaml")


def where_told(part: str) -> dict[Any, Mapping[str, Any]]:
    """One part of the table: by number, what it is and the tests, as ``path::function``."""
    found: dict[Any, Mapping[str, Any]] = yaml.safe_load(TABLE.read_text("utf-8"))[part]
    return found


def unknown_tests(told: Mapping[Any, Mapping[str, Any]]) -> list[str]:
    """The tests that are no function of their file."""
    return sorted({node for entry in told.values() for node in entry["tests"] if not _exists(node)})


def _exists(node: str) -> bool:
    path, _, name = node.partition("::")
    return name.startswith("test_") and name in _functions(ROOT / path)


@cache
def _functions(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))
