"""What the FOCUS validator says of a file."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

from emulators.required import EMULATORS, need


def failing_rules(path: Path, applicable: Iterable[str]) -> set[str]:
    """Return the ids of the FOCUS 1.2 rules that a CSV or Parquet file fails, without those that only sum up others.

    ``applicable``: the applicability criteria that hold for who made the file. The report is left beside it.
    """
    tool = need(EMULATORS / "focus" / "bin" / "focus-validator", "the FOCUS validator")
    packages = next((tool.parents[1] / "lib").glob("python3*/site-packages"))
    report = path.with_suffix(".xml")
    command = [tool, "--data-file", path, "--validate-version", "1.2", "--block-download"]
    command += [
        "--applicability-criteria",
        ",".join(applicable),
        "--output-type",
        "unittest",
        "--output-destination",
        report,
    ]
    # It looks for its rules below the working directory.
    finished = subprocess.run(
        list(map(str, command)), cwd=packages, capture_output=True, text=True, check=False
    )
    assert report.exists(), finished.stderr[-2000:]
    cases = ET.parse(report).getroot().iter("testcase")
    bad = [case.attrib["name"] for case in cases if case.find("failure") is not None]
    return {name.partition(" :: ")[0] for name in bad if not name.endswith("Composite")}
