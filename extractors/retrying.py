"""Asking a vendor's service again where that can help: it is throttled, restarting or out of reach for a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from cspbill.errors import CspbillError
from extractors.names import shown, without_secrets

T = TypeVar("T")


@dataclass
class Patience:
    """How often to ask, and how long to wait in between (seconds: at random, up to twice as long each time)."""

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 60.0


PATIENCE = Patience()


class Transient(Exception):  # noqa: N818 - it is no error until patience ends
    """A failure that may pass. ``after``: the seconds that the service itself asks to wait (Retry-After)."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


def with_retries(call: Callable[[], T], *, what: str) -> T:
    """Return ``call()``, called again while it raises Transient.

    ``what`` names the source and the object in the CspbillError that ends it. A wait that the service asks for is
    kept to, up to ``longest_wait`` times ten.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Transient),
        stop=tenacity.stop_after_attempt(PATIENCE.attempts),
        wait=_wait,
        reraise=True,
    )
    try:
        return retrying(call)
    except Transient as error:
        reason = shown(without_secrets(str(error)), 300)
        advice = f"given up after {PATIENCE.attempts} attempts; run it again later"
        raise CspbillError(f"{what}: {reason}; {advice}") from None


def _wait(state: tenacity.RetryCallState) -> float:
    backoff = tenacity.wait_random_exponential(PATIENCE.first_wait, PATIENCE.longest_wait)
    failure = state.outcome.exception() if state.outcome else None
    asked = failure.after if isinstance(failure, Transient) else None
    if asked is None:
        return backoff(state)
    return min(asked, PATIENCE.longest_wait * 10)
