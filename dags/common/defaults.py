"""Settings that every DAG starts from."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from common.failures import explain_failure

START_DATE = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)

# Wrong input stays wrong however often it is read: fail at once, so that the message is seen today.
WRONG_INPUT_IS_FINAL = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="cspbill.errors.InputError",
            action=RetryAction.FAIL,
            reason="The input or the book of business is wrong; a retry cannot mend it.",
        )
    ]
)

# Three retries after about 1, 2 and 4 minutes ride out a vendor's hiccup or a busy warehouse.
DEFAULT_ARGS: dict[str, Any] = {
    "owner": "billing",
    "retries": 3,
    "retry_delay": dt.timedelta(minutes=1),
    "retry_exponential_backoff": 2,
    "max_retry_delay": dt.timedelta(minutes=30),
    "retry_policy": WRONG_INPUT_IS_FINAL,
    "on_failure_callback": explain_failure,
}
