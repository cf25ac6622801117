"""One DAG per configured source: land what is new, load it, and say what was refused.

land ──┬─> load ── asset cspbill_raw_<source> ──> rate_usage
       └─> report_refused
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Asset, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from common.assets import changes, raw_asset
from common.book import configured_sources
from common.defaults import DEFAULT_ARGS, START_DATE
from common.failures import refusal_message
from common.pools import WAREHOUSE

from cspbill.book import Source
from cspbill.settings import Settings

DOC = """
### Extract {name}
Asks **{vendor}** once a day which deliveries there are, and takes what is new (source `{name}`, `{kind}`).

1. **land** copies new files unchanged into `landing/{name}/` and lets gate 1 judge them. A delivery that fails
   goes to `quarantine/{name}/` with a report; one that is suddenly much smaller is held. The last good delivery
   stays in force.
2. **load** replaces the raw partitions that changed, in one transaction, and emits `cspbill_raw_{name}`, on which
   `rate_usage` waits. Skipped when nothing changed.
3. **report_refused** fails when a delivery was refused or held: it names the file and what to do. What was good
   is loaded all the same.

Running it twice is safe: what was landed is recognised by its content.
"""


def extract_dag(source: Source) -> None:
    """Declare the DAG of one source."""
    asset = raw_asset(source.name)

    @dag(
        dag_id=f"extract_{source.name}",
        schedule="@daily",
        start_date=START_DATE,
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULT_ARGS,
        tags=["cspbill", "extract", source.kind],
        doc_md=DOC.format(name=source.name, vendor=source.vendor or source.name, kind=source.kind),
    )
    def extract() -> None:
        @task(doc_md="Fetches what is new and lets gate 1 judge it. Returns what needs a person too.")
        def land() -> dict[str, list[str]]:
            import extractors

            result = extractors.extract(Settings.from_environment(), source)
            landed = [delivery.delivery_id for delivery in result.landed]
            return {"landed": landed, "problems": [str(problem) for problem in result.problems]}

        @task(outlets=[asset], pool=WAREHOUSE, doc_md="Replaces the raw partitions that changed.")
        def load(*, outlet_events: Mapping[Asset, Any]) -> dict[str, list[str]]:
            import extractors

            loaded = extractors.load(Settings.from_environment(), source)
            if not loaded:
                raise AirflowSkipException(f"{source.name}: nothing changed, so nothing has to be rated.")
            outlet_events[asset].extra = changes(loaded)
            return changes(loaded)

        @task(doc_md="Fails when a delivery was refused or held, naming the file and what to do.")
        def report_refused(landed: dict[str, list[str]]) -> None:
            if landed["problems"]:
                raise AirflowFailException(refusal_message(source.name, source.vendor, landed["problems"]))

        landed = land()
        landed >> load()
        report_refused(landed)

    extract()


for configured in configured_sources():
    extract_dag(configured)
