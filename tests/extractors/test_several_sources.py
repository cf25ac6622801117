"""Several sources in one book: one vendor's trouble is that vendor's alone."""

from __future__ import annotations

import datetime as dt
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from focus_vendor import as_csv, charge

from cspbill import pipeline, warehouse
from cspbill.settings import Settings
from cspbill.status import read_status

BOOK = """\
legal_name: Nordlicht Cloud GmbH
country: DE
base_currency: EUR
sources:
  - name: unreachable
    kind: aws_cur
    path: s3://exports/cur
    endpoint_url: http://127.0.0.1:{port}
  - name: folder
    kind: focus_files
    path: files
  - name: silent
    kind: focus_files
    path: nothing
"""
TABLES = {
    "customers": "customer_id,legal_name,country,currency",
    "accounts": "source,account_id,customer_id",
    "contracts": "contract_id,customer_id,price_book",
    "price_books": "price_book,currency",
    "price_rules": "price_book,rule_id,model",
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-that-nobody-may-see")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    config = tmp_path / "config"
    (config / "files").mkdir(parents=True)
    (config / "nothing").mkdir()
    with socket.socket() as free:  # bound to nothing once closed: a port where nobody answers
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (config / "reseller.yml").write_text(BOOK.format(port=port))
    for name, header in TABLES.items():
        (config / f"{name}.csv").write_text(header + "\n")
    (config / "files" / "focus.csv").write_text(as_csv([charge(day) for day in (3, 4, 5)]))
    return replace(
        Settings.from_environment(), home=tmp_path / "var", config=config, today=dt.date(2024, 9, 6)
    )


def extract_all(settings: Settings) -> dict[str, pipeline.SourceOutcome]:
    book = pipeline.load_book(settings)
    return {source.name: pipeline.extract_source(settings, source) for source in book.sources}


def test_a_vendor_out_of_reach_is_named_and_the_others_are_loaded(settings: Settings):
    outcomes = extract_all(settings)
    (problem,) = outcomes["unreachable"].problems
    assert "source unreachable: s3://exports/cur" in problem
    assert "a-secret-that-nobody-may-see" not in problem
    assert (outcomes["folder"].loaded, outcomes["folder"].problems) == (1, ())
    with warehouse.connect(settings) as connection:
        assert connection.execute("select count(*) from raw.focus_files").fetchone() == (3,)


def test_status_says_what_each_source_delivered_and_when_the_next_delivery_is_due(settings: Settings):
    extract_all(settings)
    found = {row["source"]: row for row in read_status(settings)["sources"]}
    folder = found["folder"]
    today = dt.datetime.now(dt.UTC).date()  # landing times are those of the real clock
    assert (folder["newest_period"], folder["not_final"]) == ("2024-09", "2024-09")
    assert (folder["covered_from"], folder["covered_until"]) == (dt.date(2024, 9, 3), dt.date(2024, 9, 5))
    assert folder["last_delivery"].date() == today
    assert folder["next_expected"] == today + dt.timedelta(days=1)
    assert (found["silent"]["last_delivery"], found["silent"]["newest_period"]) == (None, None)
    assert found["silent"]["next_expected"] == settings.today
