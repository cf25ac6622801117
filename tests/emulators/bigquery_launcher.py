"""Start bqemulator without DuckDB's spatial extension, which it would download; run by the emulator's own Python."""

import sys

from bqemulator.cli import main
from bqemulator.storage.engine import DuckDBEngine

DuckDBEngine._load_spatial = lambda _engine: None
main(sys.argv[1:])
