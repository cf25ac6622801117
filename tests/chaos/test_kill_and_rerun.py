"""A few fixed moments of `make chaos` in a row: kill -9 a run and an issue, go on, end as if nothing had happened."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from chaos_cases import Case, prepare
from chaos_moments import Moment, kill_at
from chaos_state import differences, read_state, wrongs
from once import written_demo


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    root = tmp_path_factory.mktemp("chaos")
    shutil.copytree(
        written_demo(tmp_path_factory), root / "book" / "demo"
    )  # what is there is not written again
    prepared = prepare(root, print, restated=False)
    return {case.name: case for case in prepared}


@pytest.mark.timeout(600)
def test_a_run_and_an_issue_killed_again_and_again_end_as_undisturbed_ones(
    cases: dict[str, Case], tmp_path: Path
) -> None:
    """Else a power cut at month end burns numbers, loses files, or bills something twice."""
    run, issue = cases["first run"], cases["issue"]
    rating = max(range(len(run.pace.seconds)), key=run.pace.seconds.__getitem__)
    start, _, snapshot = issue.pace.seconds[:3]
    shop = run.before.copied_to(tmp_path / "killed")

    kill_at(shop, run.command, Moment(rating, run.pace.seconds[rating] / 2, group=False))  # dbt lives on
    shop.do("run")
    kill_at(shop, issue.command, Moment(0, start * 0.6, group=True))  # perhaps half rendered
    kill_at(shop, issue.command, Moment(0, start * 0.95, group=True))  # perhaps committed
    kill_at(shop, issue.command, Moment(2, snapshot / 2, group=True))
    shop.finish()

    assert [*wrongs(shop), *differences(issue.after, read_state(shop))] == []
