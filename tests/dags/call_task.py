"""Call the function of one task with JSON arguments; its error on standard error, exit status 1 when it raises."""

from __future__ import annotations

import json
import sys
from pathlib import Path

DAGS = Path(__file__).parents[2] / "dags"


def main(dag_id: str, task_id: str, arguments: str) -> None:
    sys.path.insert(0, str(DAGS))
    from airflow.dag_processing.dagbag import DagBag

    function = DagBag(DAGS / f"{dag_id}.py").dags[dag_id].task_dict[task_id].python_callable
    try:
        function(*json.loads(arguments))
    except Exception as error:  # noqa: BLE001
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
