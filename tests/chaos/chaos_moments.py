"""When and how a command is killed.

A moment is a place in the command's own progress (the nth step, and how far into it), so that it hits the same
work on a fast machine and on a busy one.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from chaos_book import ROOT, Shop

STEP_STARTS = re.compile(
    rb".{30,40} \xe2\x80\xa6 "
)  # `cspbill.progress` writes the title when the step starts


@dataclass(frozen=True)
class Moment:
    """Kill after ``steps`` steps have started and ``seconds`` more; the whole group or the process alone.

    When only the process dies, its dbt lives on as an orphan, and keeps the warehouse lock.
    """

    steps: int
    seconds: float
    group: bool

    def __str__(self) -> str:
        who = "process and children" if self.group else "process alone"
        return f"{self.seconds:.2f} s into step {self.steps}, {who}"


@dataclass(frozen=True)
class Pace:
    """How long an undisturbed command spends in each step; the first one is its start."""

    seconds: tuple[float, ...]

    def random_moment(self, chance: random.Random) -> Moment:
        """Half of the moments fall evenly over the time, half evenly over the steps, however short they are."""
        weights = self.seconds if chance.random() < 0.5 else [1.0] * len(self.seconds)
        (step,) = chance.choices(range(len(self.seconds)), weights)
        return Moment(step, chance.uniform(0, self.seconds[step]), group=chance.random() < 0.5)


def paced(shop: Shop, arguments: Sequence[str]) -> Pace:
    """Run a command to its end, undisturbed, and tell its pace."""
    with _Watched(shop, arguments) as watched:
        if watched.child.wait() not in {0, 1}:
            raise RuntimeError(f"cspbill {' '.join(arguments)} failed undisturbed:\n{watched.said.decode()}")
        watched.reader.join()
    times = [watched.started, *watched.steps, time.monotonic()]
    return Pace(tuple(later - earlier for earlier, later in pairwise(times)))


def kill_at(shop: Shop, arguments: Sequence[str], moment: Moment) -> bool:
    """Start a command and ``kill -9`` it at the moment; returns False when it had ended before."""
    with _Watched(shop, arguments) as watched:
        while len(watched.steps) < moment.steps and watched.child.poll() is None:
            time.sleep(0.005)
        time.sleep(moment.seconds)
        running = watched.child.poll() is None
        if running and moment.group:
            os.killpg(watched.child.pid, signal.SIGKILL)
        elif running:
            watched.child.kill()
        watched.child.wait()
    return running


class _Watched:
    """A command in a session of its own, whose progress is noted as it comes."""

    def __init__(self, shop: Shop, arguments: Sequence[str]) -> None:
        self.steps: list[float] = []
        self.said = b""
        self.started = time.monotonic()
        self.child = subprocess.Popen(
            shop.command(*arguments),
            env=shop.environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self.reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()

    def _read(self) -> None:
        assert self.child.stderr
        while text := os.read(self.child.stderr.fileno(), 1 << 16):
            self.said += text
            found = len(STEP_STARTS.findall(self.said))
            self.steps += [time.monotonic()] * (found - len(self.steps))
