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
    with log.open("a") as sink:
        server = subprocess.Popen(
            [str(Path(sys.executable).with_name("airflow")), "standalone"],
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    try:
        _wait_until_ready(server, url)
        _greet(url, airflow_home)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    except RuntimeError as error:
        sys.stderr.write(f"{error}\nThe log says why: {log}\n")
        return 1
    finally:
        _stop(server)


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


def _wait_until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    """Wait for the server and the scheduler; RuntimeError when they end or take too long."""
    deadline = time.monotonic() + START_SECONDS
    while not _is_healthy(url):
        if server.poll() is not None:
            raise RuntimeError(f"Airflow ended with status {server.returncode}.")
        if time.monotonic() > deadline:
            raise RuntimeError(f"Airflow was not ready after {START_SECONDS} s.")
        time.sleep(0.5)


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=5) as answer:  # noqa: S310
            health = json.load(answer)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))


def _greet(url: str, airflow_home: Path) -> None:
    passwords = airflow_home / "simple_auth_manager_passwords.json.generated"
    for user, password in json.loads(passwords.read_text("utf-8")).items():
        sys.stdout.write(f"\n  Airflow   {url}\n  user      {user}\n  password  {password}\n")
    sys.stdout.write(
        "\n  To close a month: trigger `close_period`, then answer under Required Actions.\n"
        "  Ctrl-C stops Airflow.\n"
    )
    sys.stdout.flush()


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End Airflow with everything it started; a second Ctrl-C does not wait for that."""
    sys.stderr.write("Stopping Airflow …\n")
    try:
        os.killpg(server.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            server.poll()
            os.killpg(server.pid, 0)  # raises once the last process of the group is gone
            time.sleep(0.2)
        os.killpg(server.pid, signal.SIGKILL)
    except KeyboardInterrupt:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main())
