"""What every DAG must have, and what no file outside dags/ may do."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from airflow_processes import DEMO_BOOK, ROOT, run_python

Facts = Mapping[str, Any]

SOURCES = ("aws", "aws_payer", "azure", "focus_sample", "gcp", "google", "microsoft", "partner_center")
LOCK_FREE_TASKS = {"land", "report_refused", "approve", "report_parked", "audit_landing", "deliver"}
PARSE_SECONDS = 5


def tasks_of(inspected: Facts) -> Iterator[tuple[str, Facts]]:
    for dag_id, dag in inspected["dags"].items():
        for task_id, task in dag["tasks"].items():
            yield f"{dag_id}.{task_id}", task


def test_every_dag_file_imports_within_the_time_budget(inspected: Facts) -> None:
    assert inspected["import_errors"] == {}
    assert all(seconds < PARSE_SECONDS for seconds in inspected["seconds"].values()), inspected["seconds"]


def test_there_is_one_extract_dag_per_source_and_the_three_others(inspected: Facts) -> None:
    extracts = {f"extract_{source}" for source in SOURCES}
    assert set(inspected["dags"]) == extracts | {"rate_usage", "close_period", "maintain_warehouse"}


def test_every_dag_has_tags_and_documentation_and_runs_alone_without_catching_up(inspected: Facts) -> None:
    for dag_id, dag in inspected["dags"].items():
        assert "cspbill" in dag["tags"], dag_id
        assert dag["doc_md"].strip().startswith("### "), dag_id
        assert (dag["max_active_runs"], dag["catchup"]) == (1, False), dag_id


def test_every_task_has_an_owner_retries_and_a_message_for_its_failure(inspected: Facts) -> None:
    for name, task in tasks_of(inspected):
        assert task["owner"] == "billing", name
        assert task["tells_failure"], name
        assert task["retries"] == (0 if name == "close_period.approve" else 3), name


def test_every_task_that_may_open_the_warehouse_queues_in_its_pool(inspected: Facts) -> None:
    for name, task in tasks_of(inspected):
        expected = "default_pool" if name.split(".")[1] in LOCK_FREE_TASKS else "warehouse"
        assert task["pool"] == expected, name


def test_rate_usage_waits_for_the_asset_of_any_source(inspected: Facts) -> None:
    emitted = [outlet for _, task in tasks_of(inspected) for outlet in task["outlets"]]
    assert sorted(emitted) == [f"cspbill_raw_{source}" for source in SOURCES]
    assert inspected["dags"]["rate_usage"]["assets"] == [f"cspbill_raw_{source}" for source in SOURCES]


def test_nothing_is_issued_before_a_person_has_approved(inspected: Facts) -> None:
    tasks = inspected["dags"]["close_period"]["tasks"]
    assert tasks["approve"]["downstream"] == ["recheck"]
    before_issue = {name for name, task in tasks.items() if "issue" in task["downstream"]}
    assert {"readiness", "recheck"} >= before_issue >= {"recheck"}


def test_things_leave_the_house_only_where_the_book_says_so(
    inspected: Facts, inspect_dags: Callable[[Path], dict[str, Any]], tmp_path: Path
) -> None:
    """A reseller who configures neither must find no task that could send anything, and one who does, all of them."""
    config = tmp_path / "config"
    shutil.copytree(DEMO_BOOK, config)
    with (config / "reseller.yml").open("a") as book:
        book.write("publish_to: ../out\nmail: {smtp_host: localhost, sender: billing@nordwolke.example}\n")

    facts = inspect_dags(config)

    assert not {"deliver", "send"} & {name.split(".")[1] for name, _ in tasks_of(inspected)}
    assert facts["dags"]["rate_usage"]["tasks"]["publish"]["downstream"] == ["deliver"]
    close = facts["dags"]["close_period"]["tasks"]
    assert close["publish"]["downstream"] == ["deliver"]
    assert set(close["issue"]["downstream"]) == {"publish", "report_parked", "send"}
    test_every_task_that_may_open_the_warehouse_queues_in_its_pool(facts)
    test_every_task_has_an_owner_retries_and_a_message_for_its_failure(facts)


def test_a_broken_book_of_business_is_one_clear_import_error(
    inspect_dags: Callable[[Path], dict[str, Any]], tmp_path: Path
) -> None:
    config = tmp_path / "config"
    shutil.copytree(DEMO_BOOK, config)
    customers = (config / "customers.csv").read_text().replace(",DE,", ",XX,")
    (config / "customers.csv").write_text(customers)

    facts = inspect_dags(config)

    message = facts["import_errors"][str(ROOT / "dags" / "extract_vendors.py")]
    assert "cannot be used" in message
    assert "`cspbill check` lists the same problems" in message
    assert "customers.csv:2: country: " in message
    assert {"close_period", "maintain_warehouse"} == set(facts["dags"])


def test_the_demo_says_what_is_wrong_with_the_book_and_where_its_log_is(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(DEMO_BOOK, config)
    (config / "customers.csv").write_text("customer_id,colour\n")

    finished = run_python(
        ROOT / "dags" / "support" / "run_demo.py", CSPBILL_HOME=tmp_path / "home", CSPBILL_CONFIG=config
    )

    assert finished.returncode == 1
    assert "The demo failed: " in finished.stderr
    assert "customers.csv:1: colour: " in finished.stderr
    assert "Traceback" not in finished.stderr
    assert str(tmp_path / "home" / "logs" / "airflow.log") in finished.stderr


def test_task_bodies_are_thin() -> None:
    for path, function in decorated_functions("task"):
        body = [statement for statement in function.body if not isinstance(statement, ast.Expr | ast.Import)]
        lines = function.end_lineno - function.body[0].lineno + 1
        assert body, f"{path.name}: {function.name}"
        assert lines <= 10, f"{path.name}: {function.name} has {lines} lines: move them into the library"


def decorated_functions(decorator: str) -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in sorted((ROOT / "dags").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                decorator in ast.unparse(item).split("(")[0] for item in node.decorator_list
            ):
                yield path, node


def test_airflow_is_imported_in_dags_only() -> None:
    packages = ("cspbill", "extractors", "quality", "invoices", "delivery", "benchmarks")
    for path in (path for package in packages for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "airflow" for name in names), path
