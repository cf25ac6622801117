"""Worlds that cost a dbt build each, built once per test run however many workers share it."""

from __future__ import annotations

import fcntl
from collections.abc import Callable

import pytest
from compiled import Project
from harness import Warehouse, World

Build = Callable[[Warehouse], None]


@pytest.fixture(scope="session")
def build_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Build], Warehouse]:
    """Build a named warehouse in a directory that all pytest-xdist workers see; the first to come builds it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base

    def build(name: str, run: Build) -> Warehouse:
        directory = shared / name
        directory.mkdir(exist_ok=True)
        built = Warehouse.in_directory(directory)
        with (directory / "building").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (directory / "built").exists():
                run(built)
                (directory / "built").touch()
        return built

    return build


@pytest.fixture(scope="session")
def told(build_once: Callable[[str, Build], Warehouse]) -> Warehouse:
    """The stories of the golden tests, rated in one build."""
    import rated_stories

    def run(built: Warehouse) -> None:
        world = World()
        rated_stories.tell(world)
        built.rate(world)

    return build_once("stories", run)


@pytest.fixture(scope="session")
def project(build_once: Callable[[str, Build], Warehouse]) -> Project:
    """The project's SQL, compiled once per test run."""
    built = build_once("compiled", lambda new: Project.compile(new.settings))
    return Project.read(built.settings.home / "dbt_target" / "manifest.json")
