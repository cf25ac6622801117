"""Run DAGs to their end inside this process, telling the terminal about every task.

One process for all of them: starting Airflow costs seconds, a task costs a tenth of one.
Import only after ``environment.use_own_airflow``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.listeners import hookimpl
from airflow.models.dagrun import DagRun
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, DagRunState
from airflow.sdk.listener import get_listener_manager
from airflow.sdk.types import RuntimeTaskInstanceProtocol
from airflow.utils.session import create_session
from terminal import Terminal

APPROVER = "make demo"


class DagFailedError(Exception):
    """A DAG run failed; the text names the DAG, the task and the task's error."""


class Narrator:
    """An Airflow listener that prints one line per task and keeps the last failure."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.failure: str | None = None

    @hookimpl
    def on_task_instance_running(self, task_instance: RuntimeTaskInstanceProtocol) -> None:
        """Open the task's line."""
        self._terminal.begin(_title(task_instance))

    @hookimpl
    def on_task_instance_success(self, task_instance: RuntimeTaskInstanceProtocol) -> None:
        """Close the task's line."""
        self._terminal.end(_title(task_instance), _outcome(task_instance))

    @hookimpl
    def on_task_instance_skipped(self, task_instance: RuntimeTaskInstanceProtocol) -> None:
        """Close the line of a task that found nothing to do."""
        self._terminal.end(_title(task_instance), "nothing new")

    @hookimpl
    def on_task_instance_failed(
        self,
        task_instance: RuntimeTaskInstanceProtocol,
        error: BaseException | str | None,
    ) -> None:
        """Close the line and keep the error for the closing message."""
        self._terminal.end(_title(task_instance), "FAILED")
        self.failure = f"{task_instance.dag_id}, task {task_instance.task_id}: {error}"


def _title(task_instance: RuntimeTaskInstanceProtocol) -> str:
    return f"{task_instance.dag_id} › {task_instance.task_id}"


def _outcome(task_instance: RuntimeTaskInstanceProtocol) -> str:
    """Say what a task did: by who answered, or by how many of each thing it returned."""
    if isinstance(task_instance.task, HITLOperator):
        return f"approved by `{APPROVER}`"
    value = task_instance.xcom_pull(task_ids=task_instance.task_id)
    counts = value.items() if isinstance(value, dict) else ()
    return ", ".join(f"{len(part)} {name}" for name, part in counts if isinstance(part, list)) or "done"


class DagRunner:
    """Runs the DAGs of one folder."""

    def __init__(self, folder: Path, terminal: Terminal) -> None:
        self._narrator = Narrator(terminal)
        get_listener_manager().add_listener(self._narrator)
        bag = DagBag(folder)
        if bag.import_errors:
            raise DagFailedError("\n".join(bag.import_errors.values()))
        self.dags: Mapping[str, DAG] = bag.dags

    def run(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> DagRun:
        """Run a DAG; an approval it asks for is given. Returns the DAG run; raises DagFailedError."""
        dag = self.dags[dag_id]
        for task in dag.tasks:
            task.retries = 0  # someone is watching: say at once what failed
        with _approving(dag_id):
            run = dag.test(run_conf=dict(conf or {}))
        if run.state != DagRunState.SUCCESS:
            raise DagFailedError(self._narrator.failure or f"{dag_id} ended as {run.state}")
        return run


@contextmanager
def _approving(dag_id: str) -> Iterator[None]:
    """Approve what this DAG asks for while the block runs, as a person would under *Required Actions*."""
    finished = threading.Event()
    clerk = threading.Thread(target=_answer_until, args=(finished, dag_id), daemon=True)
    clerk.start()
    try:
        yield
    finally:
        finished.set()
        clerk.join()


def _answer_until(finished: threading.Event, dag_id: str) -> None:
    while not finished.wait(0.25):
        for run_id, task_id in _open_requests(dag_id):
            _approve(dag_id, run_id, task_id)


def _open_requests(dag_id: str) -> list[tuple[str, str]]:
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.state import TaskInstanceState
    from sqlalchemy import select

    query = select(TaskInstance.run_id, TaskInstance.task_id).where(
        TaskInstance.dag_id == dag_id, TaskInstance.state == TaskInstanceState.AWAITING_INPUT
    )
    with create_session() as session:
        return [(run_id, task_id) for run_id, task_id in session.execute(query)]


def _approve(dag_id: str, run_id: str, task_id: str) -> None:
    """Call the function behind Airflow's own REST endpoint, which the button in the UI calls too."""
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
    from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail

    with create_session() as session:
        update_hitl_detail(
            dag_id,
            run_id,
            task_id,
            UpdateHITLDetailPayload(chosen_options=["Approve"]),
            user=SimpleAuthManagerUser(username=APPROVER, role="admin"),
            session=session,
        )
