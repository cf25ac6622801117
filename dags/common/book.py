"""The book of business, as far as the DAGs' shapes depend on it."""

from __future__ import annotations

from cspbill.book import Source, read_book
from cspbill.errors import InputError
from cspbill.settings import Settings


def configured_sources() -> tuple[Source, ...]:
    """Return the configured sources; a broken book becomes one clear import error."""
    settings = Settings.from_environment()
    try:
        return read_book(settings.config).sources
    except InputError as error:
        # Without the chain: the UI shows the end of the traceback, which is the list of problems.
        raise InputError(
            f"The book of business in {settings.config} cannot be used, so there are no DAGs. "
            f"`cspbill check` lists the same problems:\n{error}"
        ) from None
