"""Worlds that many tests look at, built once per test run however many workers share it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path

import pytest
from compiled import Project, by_dbt_itself, without_dbt
from harness import Warehouse, World
from once import made_once

Build = Callable[[Warehouse], None]
HERE = Path(__file__).parent
_COMPILED: list[Callable[[], Project]] = []


@pytest.fixture(scope="session")
def build_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Build], Warehouse]:
    """Build a named warehouse in a directory that all pytest-xdist workers see; the first to come builds it."""

    def build(name: str, run: Build) -> Warehouse:
        folder = made_once(tmp_path_factory, name, lambda new: run(Warehouse.in_directory(new)))
        return Warehouse.in_directory(folder)

    return build


@pytest.fixture(scope="session")
def compiled(compiled_manifest: Callable[[], Path]) -> Callable[[], Project]:
    """The project's SQL, compiled once per test run, and not before it is asked for."""
    return cache(lambda: Project.read(compiled_manifest()))


@pytest.fixture(scope="session")
def project(compiled: Callable[[], Project]) -> Project:
    """The project's SQL, compiled."""
    return compiled()


@pytest.fixture(scope="session", autouse=True)
def compiled_builds(compiled: Callable[[], Project]) -> None:
    """Tell the hook below what to build by."""
    _COMPILED.append(compiled)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Warehouse files of this folder's tests are built by the compiled SQL, except where one says `by_dbt_itself`.

    A hook, because shared fixtures are made before any fixture of a single test, and other folders build by dbt.
    """
    if HERE not in item.path.parents:
        return (yield)
    with without_dbt(_project):
        return (yield)


def _project() -> Project:
    return _COMPILED[0]()


@pytest.fixture(scope="session")
def told(build_once: Callable[[str, Build], Warehouse]) -> Warehouse:
    """The stories of the golden tests, rated in one build by dbt."""
    import rated_stories

    def run(built: Warehouse) -> None:
        world = World()
        rated_stories.tell(world)
        with by_dbt_itself():
            built.rate(world)

    return build_once("stories", run)
