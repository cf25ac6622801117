"""Rate what changed, check it, and publish drafts, a snapshot, dashboards and statements."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import AssetAny, dag, task
from common.assets import raw_asset
from common.book import configured_sources
from common.defaults import DEFAULT_ARGS, START_DATE
from common.pools import WAREHOUSE
from common.sending import add_sending

from cspbill.settings import Settings

DOC = """
### Rate usage and publish
Starts by itself when any vendor's raw tables changed; may also be triggered by hand, for example after a
change of the book of business.

1. **rate** loads the book of business, runs dbt for the billing periods that changed, and checks to the last
   digit that every cent is accounted for (gate 2).
2. **publish** writes drafts, a new snapshot for readers, the dashboards and the statements.
3. **deliver** sends what changed to the folders and object stores of `publish_to` (only where configured).

With nothing new it does nothing.
"""


@dag(
    schedule=AssetAny(*(raw_asset(source.name) for source in configured_sources())),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["cspbill", "rate"],
    doc_md=DOC,
)
def rate_usage() -> None:
    """Declare the tasks."""

    @task(pool=WAREHOUSE, doc_md="dbt for the changed periods, then gate 2. Returns the periods rebuilt.")
    def rate() -> dict[str, list[str]]:
        from cspbill import pipeline

        settings = Settings.from_environment()
        pipeline.load_book(settings)
        return {"periods": [period.isoformat() for period in pipeline.rate_and_check(settings).periods]}

    @task(
        pool=WAREHOUSE,
        doc_md="Drafts, snapshot, dashboards, statements; catches up when an earlier run stopped half way.",
    )
    def publish(rated: dict[str, list[str]]) -> None:
        from cspbill import pipeline

        periods = tuple(map(dt.date.fromisoformat, rated["periods"]))
        pipeline.publish(Settings.from_environment(), periods)

    add_sending(publish(rate()))


rate_usage()
