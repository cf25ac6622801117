"""Scratch files hold customers' usage: a killed run must not leave them lying about."""

import datetime as dt
import subprocess
import sys

from cspbill.scratch import scratch
from cspbill.settings import Settings


def test_what_a_killed_process_left_is_cleared_by_the_next_use_and_a_running_ones_is_kept(tmp_path):
    settings = Settings(home=tmp_path, config=tmp_path, today=dt.date(2024, 10, 8))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / "scratch" / f"{ended.pid}-left"
    left.mkdir(parents=True)

    with scratch(settings) as first, scratch(settings) as second:
        assert not left.exists()
        assert first.exists()
        assert second.exists()

    assert list((tmp_path / "scratch").iterdir()) == []
