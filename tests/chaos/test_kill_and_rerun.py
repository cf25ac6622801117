"""A few fixed moments of `make chaos`: kill -9 a run and an issue, go on, end as if nothing had happened."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from chaos_cases import Case, prepare
from chaos_moments import Moment
from once import written_demo


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    root = tmp_path_factory.mktemp("chaos")
    shutil.copytree(
        written_demo(tmp_path_factory), root / "book" / "demo"
    )  # what is there is not written again
    prepared = prepare(root, print, restated=False)
    return {case.name: case for case in prepared}


# One test, not one per moment: pytest's workers would each prepare the undisturbed run.
@pytest.mark.timeout(600)
def test_a_killed_run_or_issue_that_goes_on_ends_as_an_undisturbed_one(
    cases: dict[str, Case], tmp_path: Path
) -> None:
    issue, run = cases["issue"], cases["first run"]
    rating = next(step for step, seconds in enumerate(run.pace.seconds) if seconds == max(run.pace.seconds))
    moments = [
        (run, Moment(rating, run.pace.seconds[rating] / 2, group=False)),  # dbt lives on as an orphan
        (issue, Moment(0, issue.pace.seconds[0] * 0.6, group=True)),  # numbered or not, perhaps half rendered
        (
            issue,
            Moment(0, issue.pace.seconds[0] * 0.95, group=True),
        ),  # committed, files perhaps half in place
        (issue, Moment(2, issue.pace.seconds[2] / 2, group=True)),  # in the middle of the snapshot
    ]
    ends = {
        f"{case.name} killed {moment}": [*case.disturb(moment, tmp_path / str(number))]
        for number, (case, moment) in enumerate(moments)
    }
    assert ends == {key: [] for key in ends}
