"""Run one DAG as the demo does: its error on standard error, exit status 1 when it fails."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "dags" / "support"))

import environment
from terminal import quiet

environment.use_own_airflow()
with quiet(environment.demo_home() / "logs" / "airflow.log") as terminal:
    environment.initialise_airflow()
    from dag_runs import DagFailedError, DagRunner

    try:
        DagRunner(environment.DAGS_FOLDER, terminal).run(sys.argv[1])
    except DagFailedError as error:
        terminal.say(str(error))
        sys.exit(1)
