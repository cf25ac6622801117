"""`make demo` over two sources and two months of the demo: enough for every step, in an eighth of the time."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import yaml
from airflow_processes import DEMO_DAY, ROOT, run_python

SUBSET = ("google", "focus_sample")


def run_make_demo(directory: Path) -> Any:
    """Run what `make demo` runs, in ``directory/home`` with the book in ``directory/book/config``."""
    return run_python(
        ROOT / "dags" / "support" / "run_demo.py",
        CSPBILL_HOME=directory / "home",
        CSPBILL_CONFIG=directory / "book" / "config",
        CSPBILL_TODAY=DEMO_DAY,
    )


def write_subset(directory: Path, written: Path) -> None:
    """Copy the written demo with two of its sources, billed from August on."""
    shutil.copytree(written, directory)
    config = directory / "config"
    reseller = yaml.safe_load((config / "reseller.yml").read_text("utf-8"))
    reseller["sources"] = [source for source in reseller["sources"] if source["name"] in SUBSET]
    reseller["billing_starts"] = dt.date(2024, 8, 1)
    for month in ("2024-06", "2024-07"):
        shutil.rmtree(directory / "vendor-files" / "google" / month)
    (config / "reseller.yml").write_text(
        yaml.safe_dump(reseller, sort_keys=False, allow_unicode=True), "utf-8"
    )
    with (config / "accounts.csv").open(encoding="utf-8", newline="") as source:
        header, *rows = csv.reader(source)
    with (config / "accounts.csv").open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([header, *(row for row in rows if row[0] in (*SUBSET, "*", ""))])
