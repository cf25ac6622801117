"""Time a month of 1 M and of 10 M rows, step by step, against DuckDB's own load of the same files.

    python benchmarks/run.py                                  what `make bench` runs: needs about 20 GB of disk
    python benchmarks/run.py --small 100000 --large 300000    a quick try

The slope ratio is what one more row costs in the whole run, as a multiple of what it costs in DuckDB's
`create table … as select * from read_parquet(…)` into a database file. Fixed costs cancel out of it; they are
measured by themselves, after the large month is in: a run with nothing new, and one with a delivery of ten rows.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from measure import Measured, measure, total  # the script's own folder comes first

HERE = Path(__file__).resolve().parent
STEPS = ("extract", "load", "rate", "publish")
AIMS = {"slope ratio": 4.0, "nothing new": 5.0, "ten rows": 30.0}


@dataclass(frozen=True)
class Month:
    """The measurements of one month of generated usage."""

    rows: int
    floor: Measured
    steps: Mapping[str, Measured]

    @property
    def whole(self) -> Measured:
        """The whole run: the steps one after the other, each in a process of its own."""
        return total(list(self.steps.values()))


@dataclass(frozen=True)
class Place:
    """Where a month's files and results lie, and how cspbill is told."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """Settings of cspbill; today is held so that a benchmark run past midnight is the same."""
        return {
            "CSPBILL_HOME": str(self.root / "home"),
            "CSPBILL_CONFIG": str(self.root / "config"),
            "CSPBILL_TODAY": "2024-10-08",
            "PYTHONPATH": str(HERE.parent),
        }

    def generate(self, rows: int) -> None:
        """Generate in a process of its own: a child's peak memory starts at that of the process that forks it."""
        self.root.mkdir(parents=True)
        script = [sys.executable, str(HERE / "generate.py"), "--rows", str(rows), "--out", str(self.root)]
        self._run(script)

    def step(self, *arguments: str) -> Measured:
        """Run one step of benchmarks/step.py."""
        return self._run([sys.executable, str(HERE / "step.py"), *arguments])

    def whole_run(self) -> Measured:
        """Run the command that the daily DAG equals."""
        return self._run([sys.executable, "-m", "cspbill.cli", "run"])

    def _run(self, command: list[str]) -> Measured:
        return measure(command, self.environment, self.root / "bench.log")


def bench_month(place: Place, rows: int) -> Month:
    """Generate a month, load it by DuckDB alone, then bill it step by step."""
    say(f"{rows:,} rows: generating the files (not timed) …")
    shutil.rmtree(place.root, ignore_errors=True)
    place.generate(rows)
    database = place.root / "floor.duckdb"
    files = place.root / "vendor-files" / "**" / "*.parquet"
    floor = shown("floor: DuckDB alone", place.step("floor", str(database), str(files)))
    database.unlink()
    return Month(rows, floor, {step: shown(step, place.step(step)) for step in STEPS})


def bench_fixed_costs(place: Place) -> dict[str, Measured]:
    """Run again with nothing new, then with a delivery of ten rows."""
    nothing = shown("whole run, nothing new", place.whole_run())
    (place.root / "tiny").rename(place.root / "vendor-files" / "tiny")
    return {"nothing new": nothing, "ten rows": shown("whole run, ten new rows", place.whole_run())}


def slope_ratio(small: Month, large: Month) -> float:
    """Cost of one more row, whole run over floor."""
    return (large.whole.seconds - small.whole.seconds) / (large.floor.seconds - small.floor.seconds)


def report(small: Month, large: Month, fixed: Mapping[str, Measured]) -> str:
    """Render every figure as one table, with the aims beside what was reached."""
    lines = ["", f"{'step':<22}{f'{small.rows:,} rows':>26}{f'{large.rows:,} rows':>26}"]
    lines += [f"{step:<22}{figures(small.steps[step]):>26}{figures(large.steps[step]):>26}" for step in STEPS]
    lines.append(f"{'whole run':<22}{figures(small.whole):>26}{figures(large.whole):>26}")
    lines.append(f"{'floor (DuckDB alone)':<22}{figures(small.floor):>26}{figures(large.floor):>26}")
    lines += ["", f"{'after the large month':<22}{'reached':>26}{'aim':>26}"]
    lines += [f"{name:<22}{figures(cost):>26}{f'{AIMS[name]:.0f} s':>26}" for name, cost in fixed.items()]
    ratio = f"{slope_ratio(small, large):.2f}"
    lines.append(f"{'slope ratio':<22}{ratio:>26}{AIMS['slope ratio']:>26.0f}")
    return "\n".join(lines)


def figures(cost: Measured) -> str:
    """Seconds and peak memory."""
    return f"{cost.seconds:.1f} s {cost.megabytes:>7,.0f} MB"


def shown(name: str, cost: Measured) -> Measured:
    """Print a measurement as soon as there is one."""
    say(f"  {name:<26}{figures(cost):>24}")
    return cost


def say(text: str) -> None:
    """Print at once: a benchmark is watched."""
    print(text, flush=True)


def main() -> None:
    """Read the command line, measure both months and the fixed costs, print the table."""
    parser = argparse.ArgumentParser(description="Time whole months against DuckDB's own load of the files.")
    parser.add_argument("--small", type=int, default=1_000_000, help="rows of the small month (1000000)")
    parser.add_argument("--large", type=int, default=10_000_000, help="rows of the large month (10000000)")
    home = os.environ.get("CSPBILL_HOME", "var")
    parser.add_argument(
        "--scratch", type=Path, default=Path(home) / "bench", help="where to work (var/bench)"
    )
    parser.add_argument("--keep", action="store_true", help="leave the files and results there")
    options = parser.parse_args()
    scratch = options.scratch.resolve()
    try:
        small = bench_month(Place(scratch / "small"), options.small)
        if not options.keep:
            shutil.rmtree(scratch / "small")
        large = bench_month(Place(scratch / "large"), options.large)
        say(report(small, large, bench_fixed_costs(Place(scratch / "large"))))
    finally:
        if not options.keep:
            shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
