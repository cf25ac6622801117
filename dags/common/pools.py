"""The pool that lines up everything which opens the working DuckDB file."""

from __future__ import annotations

WAREHOUSE = "warehouse"
SLOTS = 1
DESCRIPTION = "The working DuckDB file has one writer: tasks that open it take turns here."


def create_pools() -> None:
    """Create the pools in Airflow's metadata; the same as ``airflow pools set warehouse 1 …``."""
    from airflow.models.pool import Pool

    Pool.create_or_update_pool(WAREHOUSE, SLOTS, DESCRIPTION, include_deferred=False)
