"""What the DAG tests share: the DAGs as Airflow sees them, and one demo run."""

from __future__ import annotations

import csv
import fcntl
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow_processes import DEMO_BOOK, DEMO_DAY, ROOT, run_python

SUBSET = ("google", "focus_sample")


@pytest.fixture(scope="session")
def inspect_dags(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], dict[str, Any]]:
    """Return a function that tells what Airflow makes of the DAGs under a book of business."""

    def inspect(config: Path) -> dict[str, Any]:
        finished = run_python(
            Path(__file__).with_name("inspect_dags.py"),
            AIRFLOW_HOME=tmp_path_factory.mktemp("airflow"),
            AIRFLOW__CORE__LOAD_EXAMPLES="False",
            CSPBILL_CONFIG=config,
        )
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout.splitlines()[-1])

    return inspect


@pytest.fixture(scope="session")
def inspected(inspect_dags: Callable[[Path], dict[str, Any]]) -> Mapping[str, Any]:
    """What Airflow makes of the DAGs under the demo's book."""
    return inspect_dags(DEMO_BOOK)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory where `make demo` ran over two sources of the demo; shared, so not to be changed.

    ``first.txt`` and ``second.txt`` hold what two runs printed, ``files.json`` the digests before the second.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    directory = shared / "demo-by-dags"
    with (shared / "demo-by-dags.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first worker makes it, the others wait
        if not (directory / "complete").exists():
            _run_demo(directory)
            (directory / "complete").touch()
    return directory


def _run_demo(directory: Path) -> None:
    write_subset(directory / "book")
    finished = run_make_demo(directory)
    assert finished.returncode == 0, finished.stderr + _log_tail(directory)
    (directory / "first.txt").write_text(finished.stdout + finished.stderr)


def run_make_demo(directory: Path) -> Any:
    """Run what `make demo` runs, in ``directory/home`` with the book in ``directory/book/config``."""
    return run_python(
        ROOT / "dags" / "support" / "run_demo.py",
        CSPBILL_HOME=directory / "home",
        CSPBILL_CONFIG=directory / "book" / "config",
        CSPBILL_TODAY=DEMO_DAY,
    )


def write_subset(directory: Path) -> None:
    """Write the demo with two of its sources: enough for every step, in a quarter of the time."""
    from cspbill.demo import write_demo

    write_demo(directory)
    config = directory / "config"
    reseller = yaml.safe_load((config / "reseller.yml").read_text("utf-8"))
    reseller["sources"] = [source for source in reseller["sources"] if source["name"] in SUBSET]
    (config / "reseller.yml").write_text(
        yaml.safe_dump(reseller, sort_keys=False, allow_unicode=True), "utf-8"
    )
    with (config / "accounts.csv").open(encoding="utf-8", newline="") as source:
        header, *rows = csv.reader(source)
    with (config / "accounts.csv").open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([header, *(row for row in rows if row[0] in (*SUBSET, "*", ""))])


def _log_tail(directory: Path) -> str:
    return (directory / "home" / "logs" / "airflow.log").read_text("utf-8")[-5000:]
