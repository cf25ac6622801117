"""Weekly care of the data directory: audit, backup, retention, checkpoint."""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException
from common.defaults import DEFAULT_ARGS, START_DATE
from common.pools import WAREHOUSE

from cspbill.settings import Settings

DOC = """
### Maintain the warehouse
Every Sunday at 04:00 UTC.

* **audit_landing** compares every landed file with the sha256 of its manifest: the evidence is what it was.
* **backup_ledger** copies the ledger of issued documents into `backups/`, under a new name each day.
* **prune_snapshots** removes snapshots beyond the newest ones.
* **checkpoint** folds the write-ahead log into the working file.
"""


@dag(
    schedule="0 4 * * 0",
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["cspbill", "maintenance"],
    doc_md=DOC,
)
def maintain_warehouse() -> None:
    """Declare the tasks: independent of each other, so that one failure hides no other."""

    @task(doc_md="Fails when a landed file is missing or differs from its manifest, and names it.")
    def audit_landing() -> int:
        from cspbill import maintenance

        audit = maintenance.audit_landing(Settings.from_environment())
        if audit.problems:
            raise AirflowFailException(
                "The landing zone was altered:\n" + "\n".join(map(str, audit.problems))
            )
        return audit.files

    @task(pool=WAREHOUSE, doc_md="Copies the ledger into a file of its own.")
    def backup_ledger() -> str:
        from cspbill import maintenance

        return str(maintenance.backup_ledger(Settings.from_environment()))

    @task(pool=WAREHOUSE, doc_md="Keeps the newest snapshots.")
    def prune_snapshots() -> int:
        from cspbill import maintenance

        return len(maintenance.prune_snapshots(Settings.from_environment()))

    @task(pool=WAREHOUSE, doc_md="Folds the write-ahead log into the working file.")
    def checkpoint() -> int:
        from cspbill import maintenance

        return maintenance.checkpoint(Settings.from_environment())

    audit_landing()
    prune_snapshots()
    backup_ledger() >> checkpoint()


maintain_warehouse()
