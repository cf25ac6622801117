"""One step of a run as a process of its own, for the benchmark to time.

python benchmarks/step.py extract|load|rate|publish      (CSPBILL_HOME and CSPBILL_CONFIG say where)
python benchmarks/step.py floor DATABASE GLOB            DuckDB alone: the files into a table of a new database
"""

from __future__ import annotations

import sys

import duckdb

from cspbill.settings import Settings


def extract(settings: Settings) -> None:
    """Book of business, then land and gate 1."""
    import extractors
    from cspbill import pipeline

    for source in pipeline.load_book(settings).sources:
        result = extractors.extract(settings, source)
        if result.problems:
            raise SystemExit("\n".join(map(str, result.problems)))


def load(settings: Settings) -> None:
    """From the landing zone into the raw tables."""
    import extractors
    from cspbill.book import read_book

    for source in read_book(settings.config).sources:
        extractors.load(settings, source)


def rate(settings: Settings) -> None:
    """Run dbt and prove that every cent is accounted for."""
    from cspbill import pipeline

    pipeline.rate_and_check(settings)


def publish(settings: Settings) -> None:
    """Write drafts, snapshot and dashboard."""
    from cspbill import pipeline

    pipeline.publish(settings)


def floor(database: str, files: str) -> None:
    """Do the least that any pipeline in DuckDB must do: read the files, write them into a database file."""
    with duckdb.connect(database) as connection:
        connection.execute("create table usage as select * from read_parquet(?)", [files])


STEPS = {"extract": extract, "load": load, "rate": rate, "publish": publish}

if __name__ == "__main__":
    if sys.argv[1] == "floor":
        floor(*sys.argv[2:])
    else:
        STEPS[sys.argv[1]](Settings.from_environment())
