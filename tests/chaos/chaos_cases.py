"""What is killed: a first run, a run with a restated delivery, an issue; each with its undisturbed end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chaos_book import PERIOD, Shop, open_shop, restate
from chaos_moments import Moment, Pace, kill_at, paced
from chaos_state import State, differences, read_state, wrongs

RUN = ("run",)
ISSUE = ("issue", "--period", PERIOD)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """A command, the shop before it, its undisturbed pace, and how everything looks in the end."""

    name: str
    before: Shop
    command: tuple[str, ...]
    pace: Pace
    after: State

    def disturb(self, moment: Moment, home: Path) -> Iterator[str]:
        """Kill the command at the moment, go on to the end, and name every difference; leaves nothing behind."""
        shop = self.before.copied_to(home)
        kill_at(shop, self.command, moment)
        shop.finish()
        yield from wrongs(shop)
        yield from differences(self.after, read_state(shop))
        shutil.rmtree(home)


def prepare(root: Path, say: Say, *, restated: bool) -> tuple[Case, ...]:
    """Do everything once undisturbed: a first run, an issue and, if wanted, a run with a restated delivery."""
    say("writing the book and the vendors' files …")
    empty = open_shop(root / "book")
    say("undisturbed: cspbill run …")
    running = Shop(empty.demo, root / "run")
    run_pace = paced(running, RUN)
    say(f"undisturbed: cspbill issue … (the run took {sum(run_pace.seconds):.0f} s)")
    issuing = running.copied_to(root / "issued")
    issue_pace = paced(issuing, ISSUE)
    cases = [
        Case("first run", empty, RUN, run_pace, read_state(issuing)),
        Case("issue", running, ISSUE, issue_pace, read_state(issuing)),
    ]
    if restated:
        say("undisturbed: cspbill run with a restated delivery …")
        before = Shop(restate(empty.demo, root / "restated-book"), issuing.home)
        restating = before.copied_to(root / "restated")
        pace = paced(restating, RUN)
        restating.finish()
        cases.append(Case("restated run", before, RUN, pace, read_state(restating)))
    for shop in (issuing, *([restating] if restated else [])):
        if found := [*wrongs(shop)]:
            raise RuntimeError("wrong without any kill:\n" + "\n".join(found))
    return tuple(cases)
