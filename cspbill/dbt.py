"""dbt as a child process: one `dbt build`, its log in a file, its failures as one clear error."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cspbill.errors import CspbillError
from cspbill.settings import DBT_PROJECT, Settings


def project_fingerprint() -> str:
    """Digest every file of the dbt project that decides what its models compute."""
    digest = hashlib.sha256()
    for path in sorted(_project_files()):
        digest.update(str(path.relative_to(DBT_PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _project_files() -> list[Path]:
    kinds = ("models/**/*.sql", "macros/**/*.sql", "seeds/**/*.csv")
    return [DBT_PROJECT / "dbt_project.yml", *(path for kind in kinds for path in DBT_PROJECT.glob(kind))]


def build(settings: Settings, lock: int, *, full_refresh: bool = False) -> Path:
    """Build the models and run their data tests; the caller holds the warehouse lock and no connection.

    ``full_refresh`` rebuilds everything from the start, views included: the first build, or a changed project.

    ``lock`` is inherited by the child, so that a rerun after a kill waits for an orphaned build.
    Returns the path of dbt's own log. Raises CspbillError naming the nodes that failed.
    """
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    # Views follow their tables by themselves, seeds their files: only a changed project has to write them again.
    unchanged = ["--exclude", "config.materialized:view", "path:seeds"]
    arguments += ["--full-refresh"] if full_refresh else unchanged
    return run(settings, arguments, lock)


def run(
    settings: Settings, arguments: Sequence[str], lock: int | None = None, *, logs: Path | None = None
) -> Path:
    """Run one dbt command in the project, its log below ``logs`` (default: that of ``settings``); see `build`."""
    target, logs = settings.home / "dbt_target", (logs or settings.logs) / "dbt"
    logs.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "dbt.cli.main",
        "--quiet",
        "--no-use-colors",
        "--log-path",
        str(logs),
        *arguments,
    ]
    command += [
        "--project-dir",
        str(DBT_PROJECT),
        "--profiles-dir",
        str(DBT_PROJECT),
        "--target-path",
        str(target),
    ]
    (target / "run_results.json").unlink(missing_ok=True)
    finished = subprocess.run(
        command,
        env=_environment(settings),
        pass_fds=[] if lock is None else [lock],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise CspbillError(_failure(target, logs, finished.stdout + finished.stderr))
    return logs / "dbt.log"


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "CSPBILL_WAREHOUSE": str(settings.warehouse),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def _failure(target: Path, logs: Path, output: str) -> str:
    results = target / "run_results.json"
    if not results.exists():
        return f"dbt could not start:\n{output.strip()[-2000:]}\nIts log: {logs / 'dbt.log'}"
    failed = [
        f"  {result['unique_id']}: {(result['message'] or '').strip()[:600]}"
        for result in json.loads(results.read_text("utf-8"))["results"]
        if result["status"] in {"error", "fail", "runtime error"}
    ]
    return "dbt build failed; nothing was published.\n" + "\n".join(failed) + f"\nIts log: {logs / 'dbt.log'}"
