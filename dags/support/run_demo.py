"""``make demo``: bill an invented reseller's four months with the real DAGs, in one process.

    demo book + vendor files ──> extract_<source> … ──> rate_usage ──> close_period × 4 ──> table on stdout
                                      └── AWS restates August once it is closed: September's invoices correct it

Everything lands below ``CSPBILL_HOME`` (default ``var``). Running it again finds nothing new and changes nothing.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import environment
from terminal import Terminal, quiet

if TYPE_CHECKING:
    from dag_runs import DagRunner

LATE_AFTER = "2024-08"


def main() -> int:
    """Run the demo; returns the exit status."""
    environment.use_demo_defaults()
    environment.use_own_airflow()
    log = environment.demo_home() / "logs" / "airflow.log"
    with quiet(log) as terminal:
        started = time.monotonic()
        try:
            run(terminal)
        except KeyboardInterrupt:
            terminal.say("\nInterrupted. Nothing is half done: run it again to go on.")
            return 130
        except Exception as error:  # noqa: BLE001
            # Whatever it is: words for the terminal, the trace for the log.
            traceback.print_exc()
            terminal.say(f"\nThe demo failed: {error}\nThe whole log: {log}")
            return 1
        terminal.say(f"Done in {time.monotonic() - started:.0f} s.")
    return 0


def run(terminal: Terminal) -> None:
    """Prepare, run the DAGs in order, and print what was made."""
    terminal.say(f"cspbill demo in {environment.demo_home()} (Airflow's own log: logs/airflow.log)")
    write_demo_once(terminal)
    months = months_over()
    with terminal.step("Airflow's metadata (SQLite)"):
        environment.initialise_airflow()
        from dag_runs import DagRunner

        runner = DagRunner(environment.DAGS_FOLDER, terminal)
    for dag_id in sorted(dag_id for dag_id in runner.dags if dag_id.startswith("extract_")):
        runner.run(dag_id)
    runner.run("rate_usage")
    for month in months:
        close(runner, terminal, month)
        if month == LATE_AFTER and "extract_aws" in runner.dags:
            deliver_later(runner, terminal)
    from demo_result import describe

    terminal.result(describe())


def months_over() -> list[str]:
    """Return the months from ``billing_starts`` (blank: only the last) to the last that is over, as ``YYYY-MM``.

    Raises InputError with every problem of the book: clearer than the DAGs' import errors would be.
    """
    from cspbill.book import read_book
    from cspbill.settings import Settings

    settings = Settings.from_environment()
    starts = read_book(settings.config).reseller["billing_starts"]
    last = _month_number(settings.today)
    first = _month_number(starts) if isinstance(starts, dt.date) else last - 1
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(first, last)]


def _month_number(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def close(runner: DagRunner, terminal: Terminal, month: str) -> None:
    """Close a month, unless nothing of it is left to issue."""
    from cspbill import pipeline
    from cspbill.settings import Settings

    if pipeline.readiness(Settings.from_environment(), dt.date.fromisoformat(f"{month}-01")).ready:
        terminal.say(f"  Close {month}")
        runner.run("close_period", {"period": month})
    else:
        terminal.say(f"  Close {month}: nothing left to issue")


def deliver_later(runner: DagRunner, terminal: Terminal) -> None:
    """Let AWS restate a month that is closed: the next invoices correct it."""
    from cspbill.demo.later import deliver_later as write_late_rows

    with terminal.step(f"AWS restates {LATE_AFTER}"):
        write_late_rows(environment.demo_book().parent)
    runner.run("extract_aws")
    runner.run("rate_usage")


def write_demo_once(terminal: Terminal) -> None:
    """Write the demo's book and vendor files, unless they are there: the reader may have edited the book."""
    directory = environment.demo_book().parent
    if Path(os.environ["CSPBILL_CONFIG"]) != environment.demo_book() or directory.is_dir():
        return
    from cspbill.demo import write_demo

    with terminal.step("Demo book and vendor files"):
        unfinished = directory.with_name("demo.unfinished")
        write_demo(unfinished)
        unfinished.rename(directory)


if __name__ == "__main__":
    sys.exit(main())
