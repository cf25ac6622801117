"""What the DAG tests share: the DAGs as Airflow sees them, and one demo run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from airflow_processes import DEMO_BOOK, run_python
from demo_subset import run_make_demo, write_subset
from once import made_once, written_demo


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
    written = written_demo(tmp_path_factory)
    return made_once(tmp_path_factory, "demo-by-dags", lambda directory: _run_demo(directory, written))


def _run_demo(directory: Path, written: Path) -> None:
    write_subset(directory / "book", written)
    finished = run_make_demo(directory)
    assert finished.returncode == 0, finished.stderr + _log_tail(directory)
    (directory / "first.txt").write_text(finished.stdout + finished.stderr)


def _log_tail(directory: Path) -> str:
    return (directory / "home" / "logs" / "airflow.log").read_text("utf-8")[-5000:]
