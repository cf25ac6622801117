"""Where things lie and what day it is: the only reader of cspbill's environment variables."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt_project"


@dataclass(frozen=True)
class Settings:
    """One run's surroundings.

    ``home`` holds everything made (``CSPBILL_HOME``, default ``./var``); ``config`` is the book of business
    (``CSPBILL_CONFIG``, default ``./config``); ``today`` dates documents (``CSPBILL_TODAY``, default: today
    in UTC), so that a rerun or a test can be held at one day.
    """

    home: Path
    config: Path
    today: dt.date

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the environment; relative paths are taken from the working directory."""
        today = os.environ.get("CSPBILL_TODAY")
        return cls(
            home=Path(os.environ.get("CSPBILL_HOME", "var")).resolve(),
            config=Path(os.environ.get("CSPBILL_CONFIG", "config")).resolve(),
            today=dt.date.fromisoformat(today) if today else dt.datetime.now(dt.UTC).date(),
        )

    @property
    def landing(self) -> Path:
        """Vendors' files as delivered: ``<source>/<billing period>/<delivery>/``."""
        return self.home / "landing"

    @property
    def quarantine(self) -> Path:
        """Deliveries that failed or are held, each with its report."""
        return self.home / "quarantine"

    @property
    def warehouse(self) -> Path:
        """The working DuckDB file: opened by the pipeline only."""
        return self.home / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """Everything that readers may open."""
        return self.home / "published"

    @property
    def logs(self) -> Path:
        """Logs of dbt, Airflow and the gates."""
        return self.home / "logs"
