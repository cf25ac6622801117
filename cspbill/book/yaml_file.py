"""reseller.yml as nodes that know their line, with every scalar kept as the text that was written.

Text, because YAML's own types would turn 0.10 into a binary float, NO (Norway) into false and 01234 into 668.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from cspbill.book.csv_file import suggest
from cspbill.book.schema import Column
from cspbill.book.values import Value, WrongValueError, parse
from cspbill.errors import Problem

FILE = "reseller.yml"
_SECRET_WORDS = (
    "password", "passwd", "secret", "access_key", "accesskey", "private_key", "api_key", "apikey",
    "account_key", "token", "credential", "connection_string", "sas_",
)  # fmt: skip


@dataclass
class Reading:
    """Problems gathered while the file is read."""

    problems: list[Problem] = field(default_factory=list)

    def wrong(self, node: yaml.Node, key: str, message: str) -> None:
        """Note a problem at the node's line."""
        self.problems.append(Problem(FILE, line_of(node), key, message))


def line_of(node: yaml.Node) -> int:
    """Return the node's line, the first being 1."""
    return int(node.start_mark.line) + 1


def compose(path: Path, reading: Reading) -> yaml.MappingNode | None:
    """Parse the file; None (and a problem) when it is not a mapping."""
    try:
        node = yaml.compose(path.read_bytes().decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        reading.problems.append(Problem(FILE, 0, "", "not UTF-8; allowed: save the file as UTF-8"))
    except RecursionError:
        reading.problems.append(Problem(FILE, 0, "", "nested too deeply; allowed: `key: value` lines"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", "unexpected text")
        line = mark.line + 1 if mark else 0
        reading.problems.append(
            Problem(FILE, line, "", f"not readable as YAML ({what}); allowed: `key: value` lines")
        )
    else:
        if isinstance(node, yaml.MappingNode):
            return node
        reading.problems.append(
            Problem(FILE, 1, "", "not a list of `key: value` lines; allowed: legal_name: … etc.")
        )
    return None


def entries(node: yaml.MappingNode, allowed: Iterable[str], reading: Reading) -> dict[str, yaml.Node]:
    """Return key → node; unknown, repeated and secret keys are problems and left out."""
    known, found = list(allowed), dict[str, yaml.Node]()
    for key_node, value in node.value:
        key = str(key_node.value).strip() if isinstance(key_node, yaml.ScalarNode) else ""
        if any(word in key.casefold().replace("-", "_") for word in _SECRET_WORDS):
            reading.wrong(
                key_node,
                key,
                "secrets never stand in this file; allowed: an Airflow connection (name it as `connection`), "
                "or the environment",
            )
        elif key not in known:
            reading.wrong(key_node, key, f"unknown key{suggest(key, known)}; allowed: {', '.join(known)}")
        elif key in found:
            reading.wrong(key_node, key, "stands twice; allowed: once")
        else:
            found[key] = value
    return found


def scalar(node: yaml.Node) -> str | None:
    """Return the node's text, blank for null; None when it is a list or a mapping."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def values(
    columns: Iterable[Column], found: Mapping[str, yaml.Node], parent: yaml.Node, reading: Reading
) -> dict[str, Value]:
    """Parse one value per column; wrong or missing required ones are problems and come back as None."""
    return {column.name: _value(column, found.get(column.name), parent, reading) for column in columns}


def _value(column: Column, node: yaml.Node | None, parent: yaml.Node, reading: Reading) -> Value:
    text = "" if node is None else scalar(node)
    if text is None:
        reading.wrong(node or parent, column.name, "a list or mapping; allowed: one value")
        return None
    try:
        return parse(column, text)
    except WrongValueError as error:
        reading.wrong(node or parent, column.name, str(error).replace("blank; required", "missing; required"))
        return None


def items(node: yaml.Node | None, key: str, reading: Reading) -> list[yaml.Node]:
    """Return the items of a list, none when the key is absent or null."""
    if node is None or scalar(node) == "":
        return []
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    reading.wrong(node, key, "not a list; allowed: items that start with '- '")
    return []
