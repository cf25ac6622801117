"""A small but real book of business for the chaos tests: the real FOCUS sample and one month of the demo's Google."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import yaml

from cspbill.demo import write_demo

PERIOD, TODAY = "2024-09", "2024-10-08"
SOURCES = ("google", "focus_sample")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Shop:
    """A reseller's folder: ``demo`` (book and vendor files, shared by all copies) and ``home``."""

    demo: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The surroundings of a child process; a killed one leaves its scratch files beside the home."""
        scratch = self.home.with_name(f"{self.home.name}-scratch")
        scratch.mkdir(parents=True, exist_ok=True)
        return {
            **os.environ,
            "CSPBILL_HOME": str(self.home),
            "CSPBILL_CONFIG": str(self.demo / "config"),
            "CSPBILL_TODAY": TODAY,
            "TMPDIR": str(scratch),
        }

    def command(self, *arguments: str) -> list[str]:
        """The command line of `cspbill …`."""
        return [sys.executable, "-m", "cspbill.cli", *arguments]

    def do(self, *arguments: str, allowed: tuple[int, ...] = (0,)) -> str:
        """Run a command to its end; raises RuntimeError with what it said when it fails."""
        finished = subprocess.run(
            self.command(*arguments),
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode not in allowed:
            raise RuntimeError(f"cspbill {' '.join(arguments)}:\n{finished.stdout}{finished.stderr}")
        return finished.stdout

    def finish(self) -> None:
        """Run and issue to the end, as a person or a scheduler does after a crash."""
        self.do("run")
        self.do("issue", "--period", PERIOD, allowed=(0, 1))  # 1: the customer without a price is refused

    def copied_to(self, home: Path) -> Shop:
        """The same shop with a home of its own."""
        if self.home.exists():
            shutil.copytree(self.home, home, symlinks=True)
        return Shop(self.demo, home)


def open_shop(root: Path) -> Shop:
    """Write book and vendor files below ``root``; nothing has been run yet."""
    demo = root / "demo"
    write_demo(demo)
    for folder in (demo / "vendor-files" / "google").iterdir():
        if PERIOD not in folder.name:
            shutil.rmtree(folder)
    book = demo / "config" / "reseller.yml"
    reseller = yaml.safe_load(book.read_text("utf-8"))
    reseller["sources"] = [source for source in reseller["sources"] if source["name"] in SOURCES]
    book.write_text(yaml.safe_dump(reseller, allow_unicode=True, sort_keys=False), "utf-8")
    _drop_accounts_of_other_sources(demo / "config" / "accounts.csv")
    return Shop(demo, root / "home")


def _drop_accounts_of_other_sources(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as handle:
        names, *rows = list(csv.reader(handle))
    with file.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([names, *(row for row in rows if row[0] in {*SOURCES, "", "*"})])


def restate(demo: Path, target: Path) -> Path:
    """Copy a written demo, in which the vendor restates September: one row in a hundred is withdrawn."""
    shutil.copytree(demo, target)
    (part,) = (target / "vendor-files" / "google").rglob("*.parquet")
    table = pq.read_table(part)
    pq.write_table(table.filter([row % 100 != 7 for row in range(table.num_rows)]), part)
    return target
