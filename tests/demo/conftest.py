"""One demo, written once for all tests of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cspbill.demo import write_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a demo that no test may leave changed."""
    directory = tmp_path_factory.mktemp("demo")
    write_demo(directory)
    return directory
