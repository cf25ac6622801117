"""Whether a configured path exists; a name that no file system allows does not."""

from pathlib import Path


def is_file(path: Path) -> bool:
    """Tell whether ``path`` is an existing file."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Tell whether ``path`` is an existing folder."""
    try:
        return path.is_dir()
    except OSError:
        return False
