"""Where the demo's Airflow lives: everything below ``CSPBILL_HOME``, set before Airflow is imported."""

from __future__ import annotations

import os
import sys
from pathlib import Path

DAGS_FOLDER = Path(__file__).resolve().parent.parent
DEMO_DAY = "2024-10-14"


def demo_home() -> Path:
    """Return ``CSPBILL_HOME`` (default ``var``), absolute."""
    return Path(os.environ.get("CSPBILL_HOME", "var")).resolve()


def demo_book() -> Path:
    """Return where the demo's book of business is written."""
    return demo_home() / "demo" / "config"


def use_demo_defaults() -> None:
    """Set cspbill's variables to the demo's, except those that the caller has set.

    The day is fixed, so that two people who run the demo get the same documents.
    """
    os.environ["CSPBILL_HOME"] = str(demo_home())
    if "CSPBILL_CONFIG" not in os.environ:
        os.environ["CSPBILL_CONFIG"] = str(demo_book())
        os.environ.setdefault("CSPBILL_TODAY", DEMO_DAY)


def use_own_airflow() -> Path:
    """Point Airflow at ``CSPBILL_HOME/airflow`` and at these DAGs; returns that directory."""
    airflow_home = demo_home() / "airflow"
    airflow_home.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "AIRFLOW_HOME": str(airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS_FOLDER),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",  # the default starts 32 workers
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{airflow_home / 'airflow.db'}",
    }
    sys.path.insert(0, str(DAGS_FOLDER))
    return airflow_home


def initialise_airflow() -> None:
    """Create or upgrade Airflow's metadata and set the pools; after ``use_own_airflow``."""
    from airflow.utils.db import initdb
    from common.pools import create_pools

    initdb()
    create_pools()
