"""A run that is killed between finding, rating and billing a correction: the next one ends where it would have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from compiled import Project, keep_compiled
from harness import SEPTEMBER, Warehouse, World

from cspbill import corrections
from cspbill.settings import Settings

OCTOBER = SEPTEMBER.replace(month=10)


def told(cost: str) -> World:
    world = World()
    book = world.book("plus")
    world.rule("plus", book, "cost_plus", basis="billed", percent="10")
    world.customer("late", book)
    world.charge("late", "2024-09-10", cost)
    world.charge("late", "2024-10-02", "20")
    return world


def killed(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def before_rating_again(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(corrections, "_rerate", killed)


def before_keeping_it(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(corrections, "store", killed)


def before_billing_it(patched: pytest.MonkeyPatch) -> None:
    finished = corrections.rerate_changed

    def then_killed(settings: Settings) -> None:
        finished(settings)
        raise KeyboardInterrupt

    patched.setattr(corrections, "rerate_changed", then_killed)


@pytest.mark.parametrize("kill", [before_rating_again, before_keeping_it, before_billing_it])
def test_a_killed_correction_is_made_by_the_next_run_and_only_once(
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kill: Callable[[pytest.MonkeyPatch], None],
):
    """The correction would be lost, or stand on the invoice twice."""
    built = Warehouse.in_directory(tmp_path)
    keep_compiled(project, built.settings)
    built.rate(told("50"))
    built.issue("INV-1", "late")
    with monkeypatch.context() as patched:
        kill(patched)
        with pytest.raises(KeyboardInterrupt):
            built.rate(told("60"))
    for _ in range(2):
        built.rate(told("60"))
        lines = [(line["line_type"], f"{line['amount']:.2f}") for line in built.lines("late", OCTOBER)]
        assert lines == [("usage", "22.00"), ("correction", "11.00")]
