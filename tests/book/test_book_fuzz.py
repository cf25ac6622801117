"""Whatever a config file holds, the answer is a valid book or a list of problems, never a crash."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cspbill.book import read_book
from cspbill.book.schema import RESELLER, TABLES
from cspbill.errors import InputError

WORDS = [
    "", "*", "acme", "bolt", "base", "aws", "r", "r2", "2024-01-01", "2024-13-01", "5", "-1", "x", "DE", "EUR",
    "start", "cancel", "line", "flat", "graduated", "recurring", "=1+1", "NaN", "9" * 40, "\x00", "ü", '"',
]  # fmt: skip
fuzz = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzz
@given(cells=st.lists(st.lists(st.sampled_from(WORDS), min_size=30, max_size=30), max_size=6))
@pytest.mark.parametrize("name", list(TABLES))
def test_any_words_in_a_file_give_a_book_or_problems(write, tmp_path_factory, name, cells):
    table = TABLES[name]
    header = ",".join(column.name for column in table.columns)
    lines = [",".join(row[: len(table.columns)]) for row in cells]
    directory = write({table.file: "\n".join([header, *lines])}, name=tmp_path_factory.mktemp("book").name)
    with contextlib.suppress(InputError):
        read_book(directory)


@fuzz
@given(content=st.binary(max_size=200))
@pytest.mark.parametrize("file", ["customers.csv", "reseller.yml"])
def test_any_bytes_in_a_file_give_a_book_or_problems(write, tmp_path_factory, file, content):
    directory = write({file: content}, name=tmp_path_factory.mktemp("book").name)
    with contextlib.suppress(InputError):
        read_book(directory)


KEYS = [*(column.name for column in RESELLER), "sources", "invoice_series"]
YAML = [
    "{}",
    "[]",
    "[[1]]",
    "{a: {b: c}}",
    "null",
    "~",
    "&a [*a]",
    "!!python/object:os.system x",
    "|",
    "2024-01-01",
]


@fuzz
@given(values=st.dictionaries(st.sampled_from(KEYS), st.sampled_from(YAML)))
def test_any_structure_in_reseller_yml_gives_problems(write, tmp_path_factory, values):
    content = "".join(f"{key}: {value}\n" for key, value in values.items())
    directory = write({"reseller.yml": content}, name=tmp_path_factory.mktemp("book").name)
    with pytest.raises(InputError):
        read_book(directory)


def test_deeply_nested_yaml_is_a_problem(problems):
    assert problems({"reseller.yml": "sources: " + "[" * 5000})[0].startswith("reseller.yml:")
