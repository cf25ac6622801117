"""Close a billing period: readiness → a person's approval → issue → publish."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from common.defaults import DEFAULT_ARGS, START_DATE
from common.failures import parked_message
from common.pools import WAREHOUSE
from common.sending import add_mail, add_sending

from cspbill.settings import Settings

DOC = """
### Close a billing period
Trigger it by hand with the month to close (`period`, such as `2024-09`).

1. **readiness** lists what would be issued, what is parked and why.
2. **approve** waits for a person: open *Required Actions*, read the list, choose *Approve* or *Reject*.
3. **recheck** stops the close when the numbers have changed since they were approved.
4. **issue** numbers, freezes and writes the documents. It cannot be undone, only corrected by a credit note
   (`cspbill void`). Customers that are parked are left out; close the month again once they are mended.
5. **publish** rates what follows from the issued documents in later months, and refreshes the snapshot and the
   dashboards; **report_parked** fails when a customer that had been
   approved could not be issued after all.
6. Where configured, **deliver** sends what changed to folders and object stores, and **send** sends the documents by
   e-mail, each at most once.

Running it twice is safe: what is issued stays as it is, and what was sent is not sent again.
"""


BODY = r"""
{% set asked = ti.xcom_pull(task_ids='readiness') -%}
{{ asked['summary'].splitlines() | join('\n- ') }}
{%- if asked['force_reason'] %}

Those that need `--force` are issued too: {{ asked['force_reason'] }}
{%- endif %}
"""


def previous_month(today: dt.date) -> str:
    """Return the month before ``today`` as ``2024-09``."""
    return f"{today.replace(day=1) - dt.timedelta(days=1):%Y-%m}"


def first_day(period: str) -> dt.date:
    """Return the first day of ``2024-09``."""
    return dt.date.fromisoformat(f"{period}-01")


@dag(
    schedule=None,
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={
        "period": Param(
            previous_month(Settings.from_environment().today),
            type="string",
            pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
            title="Billing period",
            description="The month to close, such as 2024-09.",
        ),
        "force_reason": Param(
            None,
            type=["null", "string"],
            title="Reason to issue before the vendors' month is final",
            description="Leave empty to wait for final months. The reason is kept in the ledger.",
        ),
    },
    tags=["cspbill", "close"],
    doc_md=DOC,
)
def close_period() -> None:
    """Declare the tasks."""

    @task(
        pool=WAREHOUSE,
        doc_md="Lists what would be issued and what is parked. Fails when nothing may be issued.",
    )
    def readiness(params: dict[str, Any]) -> dict[str, Any]:
        from cspbill import pipeline

        state = pipeline.readiness(Settings.from_environment(), first_day(params["period"]))
        ready = [*state.ready, *(state.needs_force if params["force_reason"] else ())]
        if not ready:
            stopped = AirflowFailException if state.refused or state.needs_force else AirflowSkipException
            raise stopped(f"There is nothing to issue.\n{state.summary}")
        # The period travels with the result: a default would move on if the approval comes next month.
        return {**params, "ready": ready, "summary": state.summary}

    @task(pool=WAREHOUSE, doc_md="Stops when the numbers are no longer those that were approved.")
    def recheck(asked: dict[str, Any]) -> None:
        from cspbill import pipeline

        now = pipeline.readiness(Settings.from_environment(), first_day(asked["period"])).summary
        if now != asked["summary"]:
            raise AirflowFailException(
                f"{asked['period']} changed after it was approved: clear `readiness` to ask again.\n{now}"
            )

    @task(pool=WAREHOUSE, doc_md="Numbers, freezes and writes the documents.")
    def issue(asked: dict[str, Any]) -> dict[str, Any]:
        from invoices.issue import issue as issue_documents

        settings, period = Settings.from_environment(), first_day(asked["period"])
        result = issue_documents(settings, period, force_reason=asked["force_reason"])
        return {
            "issued": list(result.issued),
            "refused": dict(result.refused),
            "without_einvoice": dict(result.without_einvoice),
        }

    @task(pool=WAREHOUSE, doc_md="Refreshes the snapshot and the dashboards.")
    def publish(asked: dict[str, Any]) -> None:
        from cspbill import pipeline

        settings = Settings.from_environment()
        rated = pipeline.rate_and_check(settings).periods
        pipeline.publish(settings, {first_day(asked["period"]), *rated})

    @task(doc_md="Fails when a customer that was approved could not be issued, and says why.")
    def report_parked(asked: dict[str, Any], documents: dict[str, Any]) -> None:
        parked = {name: why for name, why in documents["refused"].items() if name in asked["ready"]}
        if parked:
            raise AirflowFailException(parked_message(asked["period"], parked))

    asked = readiness()
    approve = ApprovalOperator(
        task_id="approve",
        subject="Issue the invoices of {{ ti.xcom_pull(task_ids='readiness')['period'] }}?",
        body=BODY,
        # Answering is a person's act: nothing is retried, and the whole rest is skipped on "Reject".
        retries=0,
        ignore_downstream_trigger_rules=True,
        doc_md="Waits for a person under *Required Actions*.",
    )
    documents = issue(asked)
    published = publish(asked)
    asked >> approve >> recheck(asked) >> documents >> published
    report_parked(asked, documents)
    add_sending(published)
    add_mail(documents, asked)


close_period()
