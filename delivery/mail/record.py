"""What is known of each document's message; the last entry of a number counts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cspbill.settings import Settings
from delivery import journal

SENDING, SENT, REFUSED = "sending", "sent", "refused"
_ADVICE = {
    SENDING: "cspbill send --confirm or --resend NUMBER",
    REFUSED: "mend the cause, then cspbill send",
}


def path_of(settings: Settings) -> Path:
    """Where the record lies."""
    return journal.path_of(settings, "mail")


def latest(entries: Iterable[journal.Entry]) -> dict[str, journal.Entry]:
    """Return the last entry by document number."""
    return {str(entry["number"]): entry for entry in entries}


def undecided(settings: Settings) -> list[dict[str, Any]]:
    """Return the documents whose message may or may not have gone out, or was refused, and what to do."""
    found = latest(journal.read(path_of(settings)))
    return [
        {
            "document": number,
            "recipient": entry["recipient"],
            "state": "unknown" if entry["state"] == SENDING else entry["state"],
            "at": entry["at"],
            "why": entry.get("why", ""),
            "next": _ADVICE[entry["state"]],
        }
        for number, entry in sorted(found.items())
        if entry["state"] in _ADVICE
    ]
