"""Names and texts of a vendor: which are safe as file names, and how they are shown."""

from __future__ import annotations

import re

LONGEST_SEGMENT = 200  # bytes; file systems end at 255, and temporary names need some

#: The query of a web address (signed links carry their key there), and what follows the name of a secret.
_QUERY = re.compile(r"(https?://[^\s?'\"]+)\?[^\s'\"]+")
_SECRET = re.compile(
    r"(?i)\b(bearer\s+|(?:sig|signature|password|client_secret|access_token|refresh_token|sastoken|accountkey|"
    r"x-amz-[a-z-]+)[\"']?\s*[=:]\s*[\"']?)[^\s&,;\"'}]+"
)


def unsafe(name: str) -> str | None:
    """Return why a relative file name (an S3 key, a manifest's entry) is refused, or None when it is safe."""
    segments = name.split("/")
    if not name.isprintable():
        return "has control characters or is not valid text"
    if "\\" in name:
        return "has a backslash"
    if name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        return "is an absolute path"
    if any(segment in {"", ".", ".."} for segment in segments):
        return "has an empty, '.' or '..' segment"
    if any(len(segment.encode()) > LONGEST_SEGMENT for segment in segments):
        return f"has a segment longer than {LONGEST_SEGMENT} bytes"
    return None


def shown(name: str, length: int = 120) -> str:
    """Return a vendor's text fit for one line of a terminal or a page: printable and not too long."""
    printable = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)
    return printable if len(printable) <= length else printable[: length - 1] + "…"


def without_secrets(text: str) -> str:
    """Return a foreign text without the queries of web addresses and without what looks like a key or token."""
    return _SECRET.sub(r"\1…", _QUERY.sub(r"\1?…", text))
