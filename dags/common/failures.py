"""The last words of a failed task: what failed, why, and what to do next."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

logger = logging.getLogger("cspbill.dags")


def explain_failure(context: Mapping[str, Any]) -> None:
    """Log one readable message at the end of a failed task's log; a place to add a notifier of your own."""
    logger.error(failure_message(context["ti"].dag_id, context["ti"].task_id, context.get("exception")))


def failure_message(dag_id: str, task_id: str, error: object) -> str:
    """Say which task of which DAG failed, with its error, and why a rerun is safe."""
    reason = str(error) if error else "no error was reported"
    return (
        f"{dag_id}: the task {task_id} failed: {reason}\n"
        "Nothing is half done: mend the cause, then clear the task. "
        "What succeeded before is found again and not repeated."
    )


def refusal_message(source: str, vendor: str | None, problems: Sequence[str]) -> str:
    """Say which deliveries of which vendor were refused or held, why, and how to go on."""
    return (
        f"{vendor or source} (source {source}) delivered what cannot be taken:\n"
        + "\n".join(f"  {problem}" for problem in problems)
        + f"\nThe last good deliveries stay in force. The reports lie in quarantine/{source}/. "
        "Ask the vendor for a new delivery, or correct the source in reseller.yml; the next run takes it by itself."
    )


def parked_message(period: str, parked: Mapping[str, str]) -> str:
    """Say which approved customers were not issued, why, and how to go on."""
    return (
        f"{period}: approved but not issued, the others are:\n"
        + "\n".join(f"  {customer}: {reason}" for customer, reason in parked.items())
        + "\nMend the cause, let `rate_usage` run, and close the period again: what is issued stays as it is."
    )
