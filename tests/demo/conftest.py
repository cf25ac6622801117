"""One demo, written once for all tests of the folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from once import written_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a demo that no test may leave changed."""
    directory = tmp_path_factory.mktemp("demo")
    shutil.copytree(written_demo(tmp_path_factory), directory, dirs_exist_ok=True)
    return directory
