"""Land a large AWS cost and usage report and say how much memory that needed: it must not grow with the file.

    python benchmarks/land.py --megabytes 200 2000

The report is the small one of the tests, its rows repeated until the unpacked CSV has the wanted size.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from measure import Measured, measure  # noqa: E402 - beside this file

SAMPLE = HERE.parent / "tests" / "data" / "aws" / "koku" / "bucket_with_prefix" / "my-report"
MOST_MEGABYTES = 500
BOOK = """\
legal_name: Benchmark GmbH
country: DE
base_currency: EUR
sources:
  - name: payer
    kind: aws_cur
    path: reports
"""
BOOK_TABLES = {
    "customers": "customer_id,legal_name,country,currency",
    "accounts": "source,account_id,customer_id",
    "contracts": "contract_id,customer_id,price_book",
    "price_books": "price_book,currency",
    "price_rules": "price_book,rule_id,model",
}
LAND = (
    "import extractors; from cspbill.settings import Settings; from cspbill.book import read_book; "
    "settings = Settings.from_environment(); "
    "result = extractors.extract(settings, read_book(settings.config).sources[0]); "
    "assert len(result.landed) == 1, result"
)


def write_report(folder: Path, megabytes: int) -> None:
    """Write a month's report below ``folder`` in the overwrite layout, gzip CSV of ``megabytes`` unpacked."""
    month = next(SAMPLE.iterdir())
    manifest = json.loads((month / "my-report-Manifest.json").read_text("utf-8"))
    packed = next(month.rglob("*.csv.gz"))
    head, _, body = gzip.decompress(packed.read_bytes()).partition(b"\n")
    manifest["reportKeys"] = [f"my-report/{month.name}/my-report-1.csv.gz"]
    target = folder / "my-report" / month.name
    target.mkdir(parents=True)
    with gzip.open(target / "my-report-1.csv.gz", "wb", compresslevel=1) as handle:
        handle.write(head + b"\n")
        for _ in range(max(1, megabytes * 1_000_000 // len(body))):
            handle.write(body)
    (target / "my-report-Manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def land(workplace: Path, megabytes: int) -> Measured:
    """Land one report in a process of its own."""
    config = workplace / "config"
    config.mkdir(parents=True)
    (config / "reseller.yml").write_text(BOOK, encoding="utf-8")
    for name, columns in BOOK_TABLES.items():
        (config / f"{name}.csv").write_text(f"{columns}\n", encoding="utf-8")
    write_report(config / "reports", megabytes)
    environment = {"CSPBILL_HOME": str(workplace / "var"), "CSPBILL_CONFIG": str(config)}
    return measure([sys.executable, "-c", LAND], environment, workplace / "log.txt")


def main(arguments: Sequence[str] | None = None) -> int:
    """Land a report of each size; return 1 when one needed more than MOST_MEGABYTES."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=int, nargs="+", default=[200, 2000], help="sizes, unpacked")
    sizes = parser.parse_args(arguments).megabytes
    enough = True
    for size in sizes:
        workplace = Path(tempfile.mkdtemp(prefix="cspbill-land-"))
        try:
            found = land(workplace, size)
        finally:
            shutil.rmtree(workplace)
        enough = enough and found.megabytes <= MOST_MEGABYTES
        print(f"{size:,} MB of CSV: {found.seconds:.1f} s, {found.megabytes:.0f} MB of memory at most")
    print(f"{'Within' if enough else 'OVER'} the {MOST_MEGABYTES} MB that landing may need")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
