"""The real DAGs, run to their end by Airflow over two sources and two months of the demo."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest
from airflow_processes import DEMO_DAY, run_python
from demo_subset import run_make_demo
from validators import problems_of_pdf, problems_of_ubl

MONTHS = ("2024-08", "2024-09")
pytestmark = pytest.mark.timeout(600)  # one of these tests waits for the whole demo


def metadata(directory: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(directory / "home" / "airflow" / "airflow.db") as connection:
        return connection.execute(query).fetchall()


def marts(directory: Path, query: str) -> list[tuple[Any, ...]]:
    published = directory / "home" / "published"
    newest = published / (published / "CURRENT").read_text().strip()
    with duckdb.connect(str(newest), read_only=True) as connection:
        return connection.execute(query).fetchall()


def digests(directory: Path, pattern: str) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((directory / "home").glob(pattern))
        if path.is_file()
    }


@pytest.fixture
def own_demo(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo that a test may change."""
    copy = tmp_path / "demo"
    shutil.copytree(demo, copy, symlinks=True)
    return copy


def run_dag(directory: Path, dag_id: str) -> Any:
    return run_python(
        Path(__file__).with_name("run_dag.py"),
        dag_id,
        CSPBILL_HOME=directory / "home",
        CSPBILL_CONFIG=directory / "book" / "config",
        CSPBILL_TODAY=DEMO_DAY,
    )


def test_every_dag_of_the_demo_succeeds(demo: Path) -> None:
    runs = metadata(demo, "select dag_id, count(*), min(state), max(state) from dag_run group by dag_id")
    assert sorted(runs) == [
        ("close_period", 2, "success", "success"),
        ("extract_focus_sample", 1, "success", "success"),
        ("extract_google", 1, "success", "success"),
        ("rate_usage", 1, "success", "success"),
    ]


def test_each_close_was_approved_through_airflow_and_shows_what_was_approved(demo: Path) -> None:
    requests = metadata(
        demo, "select subject, body, chosen_options, responded_by from hitl_detail order by subject"
    )
    assert [subject for subject, *_ in requests] == [f"Issue the invoices of {month}?" for month in MONTHS]
    for _, body, chosen, responder in requests:
        assert "ready" in body
        assert json.loads(chosen) == ["Approve"]
        assert json.loads(responder)["name"] == "make demo"


def test_a_close_stops_when_the_numbers_changed_after_the_approval(own_demo: Path) -> None:
    approved = {"period": "2024-09", "summary": "2024-09: 99 customers ready, 0 refused."}

    finished = run_python(
        Path(__file__).with_name("call_task.py"),
        *("close_period", "recheck", json.dumps([approved])),
        AIRFLOW_HOME=own_demo / "home" / "airflow",
        CSPBILL_HOME=own_demo / "home",
        CSPBILL_CONFIG=own_demo / "book" / "config",
        CSPBILL_TODAY=DEMO_DAY,
    )

    assert finished.returncode == 1
    assert "AirflowFailException: 2024-09 changed after it was approved" in finished.stderr


def test_assets_tell_which_periods_changed(demo: Path) -> None:
    events = metadata(
        demo, "select a.name, e.extra from asset_event e join asset a on a.id = e.asset_id order by a.name"
    )
    assert [name for name, _ in events] == ["cspbill_raw_focus_sample", "cspbill_raw_google"]
    assert json.loads(events[0][1])["periods"] == ["2024-09", "2024-10"]
    assert json.loads(events[1][1])["periods"] == list(MONTHS)


def test_invoices_of_every_month_are_issued_with_their_files(demo: Path) -> None:
    issued = marts(
        demo,
        "select strftime(billing_period, '%Y-%m'), customer_id, document_number "
        "from marts.pub_invoice_v1 where status = 'issued' order by all",
    )
    assert sorted({period for period, *_ in issued}) == list(MONTHS)
    for period, customer, number in issued:
        folder = demo / "home" / "published" / "invoices" / period / customer
        assert {".pdf", ".json"} <= {path.suffix for path in folder.glob(f"{number}*")}, folder


def test_the_terminal_shows_each_task_and_the_table_and_none_of_airflows_noise(demo: Path) -> None:
    shown = (demo / "first.txt").read_text()
    for expected in (
        "extract_google › land",
        "rate_usage › rate",
        "approved by `make demo`",
        "Made",
        "Try next",
    ):
        assert expected in shown
    assert "warehouse snapshot (read-only)" in shown
    assert "[info" not in shown
    assert "Warning" not in shown


def test_a_second_demo_lands_and_issues_nothing_and_leaves_every_file_as_it_was(own_demo: Path) -> None:
    kept = ("landing/*/*/*/**/*", "published/invoices/**/*")
    before = [digests(own_demo, pattern) for pattern in kept]

    again = run_make_demo(own_demo)

    assert again.returncode == 0, again.stderr
    assert "nothing new" in again.stderr
    assert [digests(own_demo, pattern) for pattern in kept] == before
    assert all(before)


def test_a_refused_delivery_fails_its_dag_naming_vendor_file_and_remedy(own_demo: Path) -> None:
    landed = digests(own_demo, "landing/google/*/*/**/*")
    delivered = max((own_demo / "book" / "vendor-files" / "google").rglob("*.*"))
    delivered.write_bytes(b"this is not what it claims to be")

    finished = run_dag(own_demo, "extract_google")

    assert finished.returncode == 1
    assert "extract_google, task report_refused: Google Cloud (source google) delivered" in finished.stderr
    assert delivered.name in finished.stderr
    assert "Ask the vendor for a new delivery" in finished.stderr
    assert landed.items() <= digests(own_demo, "landing/google/*/*/**/*").items()


def test_maintenance_names_an_altered_landed_file_and_does_the_rest_all_the_same(own_demo: Path) -> None:
    landed = min((own_demo / "home" / "landing").glob("google/*/*/files/**/*.*"))
    landed.chmod(0o644)
    landed.write_bytes(landed.read_bytes() + b"\n")

    finished = run_dag(own_demo, "maintain_warehouse")

    assert finished.returncode == 1
    assert "maintain_warehouse, task audit_landing: The landing zone was altered" in finished.stderr
    assert landed.name in finished.stderr
    assert (own_demo / "home" / "backups" / f"ledger-{DEMO_DAY}.duckdb").is_file()


def test_every_e_invoice_of_the_demo_passes_the_official_rules(demo: Path):
    """A customer's software would refuse what the reseller's own looks right in."""
    issued = demo / "home" / "published" / "invoices"
    ubl, pdfs = sorted(issued.rglob("*.xml")), sorted(issued.rglob("*.pdf"))
    assert len(ubl) == len(pdfs) > 12
    found = {path.name: problems_of_ubl(path.read_bytes()) for path in ubl}
    found |= {path.name: problems_of_pdf(path.read_bytes()) for path in pdfs}
    assert {name: problems for name, problems in found.items() if problems} == {}
