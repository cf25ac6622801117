"""`kill -9` a run or an issue at random moments, go on, and compare with what an undisturbed machine has made.

    python tests/chaos/run.py --moments 20 [--seed 4711] [--keep]

Half of the moments hit `cspbill issue`; of the others, half hit the first run and half a run in which a vendor has
restated a month that is issued already. Exit status 1 when any end differs; the seed is printed, so that it can be
repeated.
"""

from __future__ import annotations

import argparse
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from chaos_cases import Case, prepare
from chaos_moments import Moment

SHOWN = 20


def say(text: str) -> None:
    """Print at once, with the time: chaos takes minutes."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def pick(cases: Sequence[Case], number: int) -> Case:
    """Take turns: issue, first run, issue, restated run."""
    by_name = {case.name: case for case in cases}
    return by_name[("issue", "first run", "issue", "restated run")[number % 4]]


def disturb_all(root: Path, moments: int, chance: random.Random) -> int:
    """Kill ``moments`` times; returns how many of them ended differently."""
    cases = prepare(root, say, restated=True)
    bad = 0
    for number in range(moments):
        case = pick(cases, number)
        moment = case.pace.random_moment(chance)
        started = time.monotonic()
        found = _outcome(case, moment, root / f"moment-{number}")
        verdict = "same end" if not found else f"{len(found)} DIFFERENCES"
        seconds = time.monotonic() - started
        say(f"{number + 1:>3}/{moments} {case.name:<12} killed {moment}: {verdict} ({seconds:.0f} s)")
        for line in found[:SHOWN]:
            say(f"        {line[:400]}")
        bad += bool(found)
    return bad


def _outcome(case: Case, moment: Moment, home: Path) -> list[str]:
    try:
        return [*case.disturb(moment, home)]
    except (AssertionError, RuntimeError) as error:
        return [str(error)]


def main() -> None:
    """Read the command line and make chaos."""
    parser = argparse.ArgumentParser(description="Kill cspbill at random moments and compare the ends.")
    parser.add_argument("--moments", type=int, default=20, help="how many kills (20)")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(1_000_000), help="of the random moments"
    )
    parser.add_argument("--keep", action="store_true", help="leave every folder for inspection")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="cspbill-chaos-"))
    say(f"seed {options.seed}, in {root}")
    try:
        bad = disturb_all(root, options.moments, random.Random(options.seed))
    finally:
        if not options.keep:
            shutil.rmtree(root, ignore_errors=True)
    say(f"{options.moments - bad} of {options.moments} moments ended as if nothing had happened")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
