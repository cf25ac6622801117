"""``make ui``: Airflow's user interface with these DAGs, on the metadata that the demo left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import environment
from terminal import quiet

START_SECONDS = 180
STOP_SECONDS = 20


def main() -> int:
    """Start Airflow, print where to log in, and wait; returns the exit status."""
    airflow_home = _prepare()
    url = _choose_url()
    log = environment.demo_home() / "logs" / "airflow-ui.log"
    sys.stderr.write(f"Starting Airflow (about half a minute; its log: {log}) …\n")
    with quiet(log):
        environment.initialise_airflow()
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    airflow = Airflow(log)
    try:
        # Tasks report to the server: whatever starts before it answers would fail its first try.
        airflow.start("api-server")
        airflow.wait_for(url, "metadatabase")
        for component in ("scheduler", "dag-processor", "triggerer"):
            airflow.start(component)
        airflow.wait_for(url, "scheduler", "dag_processor")
        _greet(url, airflow_home)
        airflow.wait_until_one_ends()
    except KeyboardInterrupt:
        return 0
    except RuntimeError as error:
        sys.stderr.write(f"{error}\nThe log says why: {log}\n")
        return 1
    finally:
        airflow.stop()
    return 0


def _prepare() -> Path:
    """Set the environment: the demo's book when there is one, else the caller's or ``config/``."""
    if environment.demo_book().is_dir():
        environment.use_demo_defaults()
    return environment.use_own_airflow()


def _choose_url() -> str:
    """Use port 8080, or any free one where that is taken."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 8080))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ |= {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://localhost:{port}",
    }
    return f"http://localhost:{port}"


class Airflow:
    """Airflow's processes, in one process group of their own so that all of them end together."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._group = 0  # for the first process: a new group

    def start(self, component: str) -> None:
        """Start one component; its output goes to the log."""
        command = [str(Path(sys.executable).with_name("airflow")), component]
        with self._log.open("a") as sink:
            process = subprocess.Popen(
                command, stdout=sink, stderr=subprocess.STDOUT, process_group=self._group
            )
        self._processes[component] = process
        self._group = self._group or process.pid

    def wait_for(self, url: str, *parts: str) -> None:
        """Wait until these parts are healthy; RuntimeError when a process ends or it takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while not _is_healthy(url, parts):
            self._raise_if_ended()
            if time.monotonic() > deadline:
                raise RuntimeError(f"Airflow was not ready after {START_SECONDS} s.")
            time.sleep(0.5)

    def wait_until_one_ends(self) -> None:
        """Wait for ever; RuntimeError when a process ends."""
        while True:
            self._raise_if_ended()
            time.sleep(1)

    def _raise_if_ended(self) -> None:
        for component, process in self._processes.items():
            if process.poll() is not None:
                raise RuntimeError(f"Airflow's {component} ended with status {process.returncode}.")

    def stop(self) -> None:
        """End everything that was started; a second Ctrl-C does not wait for that."""
        if not self._group:
            return
        sys.stderr.write("Stopping Airflow …\n")
        try:
            os.killpg(self._group, signal.SIGTERM)
            self._wait_until_gone()
            os.killpg(self._group, signal.SIGKILL)
        except KeyboardInterrupt:
            os.killpg(self._group, signal.SIGKILL)
        except ProcessLookupError:
            return

    def _wait_until_gone(self) -> None:
        """Wait for the whole group; ProcessLookupError once its last process is gone."""
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            for process in self._processes.values():
                process.poll()
            os.killpg(self._group, 0)
            time.sleep(0.2)


def _is_healthy(url: str, parts: tuple[str, ...]) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=5) as answer:  # noqa: S310
            health = json.load(answer)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return all(health[part]["status"] == "healthy" for part in parts)


def _greet(url: str, airflow_home: Path) -> None:
    passwords = airflow_home / "simple_auth_manager_passwords.json.generated"
    for user, password in json.loads(passwords.read_text("utf-8")).items():
        sys.stdout.write(f"\n  Airflow   {url}\n  user      {user}\n  password  {password}\n")
    sys.stdout.write(
        "\n  To close a month: trigger `close_period`, then answer under Required Actions.\n"
        "  Ctrl-C stops Airflow.\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
