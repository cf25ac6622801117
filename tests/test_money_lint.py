"""Binary floating point must not touch money: its ways in are searched for, in SQL and in Python (D9, R1.1)."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from cspbill.settings import DBT_PROJECT, PROJECT_ROOT

PACKAGES = ("cspbill", "extractors", "quality", "invoices", "delivery")
SQL_WAYS = {
    "division (use exact_ratio)": re.compile(r"(?<![/*])/(?![/*])"),
    "an average (avg turns decimals into double)": re.compile(
        r"\b(avg|mean|median|stddev\w*|quantile\w*)\s*\(", re.IGNORECASE
    ),
    "a binary type": re.compile(r"(::|\bas)\s*(double|float\d*|real)\b", re.IGNORECASE),
    "an implicit binary function": re.compile(
        r"\b(pow|power|exp|ln|log\d*|sqrt|product)\s*\(", re.IGNORECASE
    ),
}
PYTHON_WAYS = {
    "float()": re.compile(r"(?<![\w.])float\("),
    "a binary column type": re.compile(r"\b(Float32|Float64|float32|float64)\b"),
    "astype(float)": re.compile(r"astype\(\s*['\"]?float"),
    "a float literal in Decimal": re.compile(r"\bDecimal\(\s*-?\d*\.\d"),
    "a double in SQL": re.compile(r"(::|\bas)\s*(double|float\d*|real)\b", re.IGNORECASE),
}

#: (file, what) → why it is no money path. An entry that nothing needs any more fails as well.
ALLOWED = {
    (
        "quality/profile.py",
        "a double in SQL",
    ): "compares text with its double to find NaN and infinity; never kept",
}


def sql_files() -> list[Path]:
    """Every dbt model and macro, but those of macros/engine, where division is given its exact bodies."""
    folders = (DBT_PROJECT / name for name in ("models", "macros", "tests"))
    found = (path for folder in folders for path in folder.rglob("*.sql"))
    return sorted(path for path in found if (DBT_PROJECT / "macros" / "engine") not in path.parents)


def python_files() -> list[Path]:
    return sorted(path for name in PACKAGES for path in (PROJECT_ROOT / name).rglob("*.py"))


def sql_code(text: str) -> str:
    """SQL without comments and quoted text."""
    return re.sub(r"\{#.*?#\}|--[^\n]*|/\*.*?\*/|'[^'\n]*'", "", text, flags=re.DOTALL)


def python_code(text: str) -> str:
    """Python without comments and docstrings: strings stay, since SQL stands in them."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    kept = (token for token in tokens if token.type != tokenize.COMMENT)
    return re.sub(
        r'(?m)^\s*"""(?!\s*(select|with|insert)).*?"""', "", tokenize.untokenize(kept), flags=re.DOTALL
    )


def found(path: Path, code: str, ways: dict[str, re.Pattern[str]]) -> Iterator[tuple[str, str]]:
    """Yield (file, what) for each way in that a file has."""
    yield from ((str(path.relative_to(PROJECT_ROOT)), name) for name, way in ways.items() if way.search(code))


def all_found() -> set[tuple[str, str]]:
    sql = (hit for p in sql_files() for hit in found(p, sql_code(p.read_text("utf-8")), SQL_WAYS))
    python = (hit for p in python_files() for hit in found(p, python_code(p.read_text("utf-8")), PYTHON_WAYS))
    return {*sql, *python}


def test_no_binary_floating_point_on_a_money_path():
    assert sorted(all_found() - set(ALLOWED)) == []


def test_every_exception_is_still_needed():
    assert sorted(set(ALLOWED) - all_found()) == []


def test_the_lint_reads_every_model_and_package():
    assert len(sql_files()) > 50
    assert {path.relative_to(PROJECT_ROOT).parts[0] for path in python_files()} == set(PACKAGES)


@pytest.mark.parametrize(
    "sql",
    [
        "select a/b",
        "select a\n    / b",
        "select avg(cost)",
        "select cast(cost as double)",
        "select cost::float8",
        "select power(1.1, 2)",
    ],
)
def test_the_lint_finds_what_it_is_for_in_sql(sql: str):
    assert any(way.search(sql_code(sql)) for way in SQL_WAYS.values())


@pytest.mark.parametrize(
    "sql", ["select a // b", "select 1 -- a / b", "select 'a/b'", "{#- a / b -#}", "select /* a / b */ 1"]
)
def test_the_lint_leaves_whole_division_comments_and_text_alone(sql: str):
    assert not any(way.search(sql_code(sql)) for way in SQL_WAYS.values())


@pytest.mark.parametrize(
    "python", ["x = float(y)", "pl.Float64", "frame.astype(float)", "Decimal(0.1)", "f'cast({x} as double)'"]
)
def test_the_lint_finds_what_it_is_for_in_python(python: str):
    assert any(way.search(python_code(python)) for way in PYTHON_WAYS.values())
