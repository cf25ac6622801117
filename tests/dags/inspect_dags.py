"""Print as JSON what Airflow makes of dags/."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

DAGS = Path(__file__).parents[2] / "dags"


def describe_task(task: Any) -> dict[str, Any]:
    return {
        "pool": task.pool,
        "retries": task.retries,
        "owner": task.owner,
        "outlets": [outlet.name for outlet in task.outlets],
        "downstream": sorted(task.downstream_task_ids),
        "tells_failure": bool(task.on_failure_callback),
    }


def describe_dag(dag: Any) -> dict[str, Any]:
    return {
        "tags": sorted(dag.tags),
        "doc_md": dag.doc_md,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "schedule": dag.timetable.__class__.__name__,
        "assets": sorted(asset.name for asset in getattr(dag.timetable.asset_condition, "objects", ())),
        "params": dict(dag.params.dump()),
        "tasks": {task.task_id: describe_task(task) for task in dag.tasks},
    }


def main() -> None:
    sys.path.insert(0, str(DAGS))
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(DAGS)
    facts = {
        "import_errors": bag.import_errors,
        "seconds": {stat.file: stat.duration.total_seconds() for stat in bag.dagbag_stats},
        "dags": {dag_id: describe_dag(dag) for dag_id, dag in bag.dags.items()},
    }
    sys.stdout.write("\n" + json.dumps(facts))


if __name__ == "__main__":
    main()
