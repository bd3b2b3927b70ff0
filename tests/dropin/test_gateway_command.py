"""`infakt-compat gateway` as a process: ready, refusing to serve nobody, ending in good order."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from infakt_compat.cli.main import group
from infakt_compat.standin import StandIn
from tests.v2_invoice import documents, invoice

from .live import auth, secret_file, wire, write_config

COMMAND = [sys.executable, "-m", "infakt_compat", "gateway"]


@contextmanager
def running(config: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command until it is ready; give the process and where it serves."""
    command = [*COMMAND, "--config", str(config), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["url"]
        finally:
            process.kill()


def refused(config: Path, *options: str) -> str:
    """Run the command, that ends with 2; give what it said."""
    done = CliRunner().invoke(group, ["gateway", "--config", str(config), *options])
    assert (done.exit_code, done.stdout) == (2, "")
    return done.stderr


def test_sigterm_finishes_what_is_in_flight(tmp_path: Path, v3: StandIn, buyer: int) -> None:
    """A create under way is answered and noted as told; idle callers do not hold the stop up."""
    config = write_config(tmp_path, v3)
    answers: list[requests.Response] = []
    with running(config) as (process, url):
        fault = v3.fault("delay", seconds=0.6, method="POST", times=1)
        with requests.Session() as session, socket.create_connection(_address(url)) as idle:
            session.get(f"{url}/healthz", timeout=10)

            def create() -> None:
                whole = f"{url}/api/v2/invoices/create.json"
                answers.append(session.post(whole, json=invoice(buyer), auth=auth(), timeout=10))

            caller = threading.Thread(target=create)
            caller.start()
            _until_hit(fault)
            process.send_signal(signal.SIGTERM)
            caller.join()
            assert idle.recv(1) == b""
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0
    assert answers[0].status_code == 200
    assert answers[0].headers["Connection"] == "close"
    assert len(documents(v3)) == 1
    [line] = [json.loads(one) for one in errors.splitlines() if one.startswith("{")]
    assert (line["verb"], line["outcome"], line["sent"]) == ("invoices.create", "done", True)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.rpartition("//")[2].partition(":")
    return host, int(port)


def _until_hit(fault: object) -> None:
    until = time.monotonic() + 10
    while not getattr(fault, "hits", 0):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path, v3: StandIn, buyer: int) -> None:
    """Ctrl-C ends with 130 when all is finished; one more gives up what is under way."""
    config = write_config(tmp_path, v3)
    with running(config, "--log", "stdout") as (process, url):
        fault = v3.fault("delay", seconds=30, method="POST", times=1)
        whole = f"{url}/api/v2/invoices/create.json"
        create = wire(requests.Request("POST", whole, json=invoice(buyer), auth=auth()))
        with socket.create_connection(_address(url)) as caller:
            caller.sendall(create)
            _until_hit(fault)
            process.send_signal(signal.SIGINT)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.5)
            process.send_signal(signal.SIGINT)
            assert process.wait(15) == 1
    v3.world.faults.clear()


def test_ctrl_c_ends_with_130(tmp_path: Path, v3: StandIn) -> None:
    """Nothing is under way: at once."""
    with running(write_config(tmp_path, v3), "--listen", "127.0.0.1:0") as (process, url):
        assert requests.get(f"{url}/healthz", timeout=10).json() == {"status": "ok"}
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert "Serving 1 account at" in (process.stderr.read() if process.stderr else "")


def test_without_accounts_it_serves_nobody(tmp_path: Path, v3: StandIn) -> None:
    """It says so and does not start; with own API keys allowed there is somebody to serve."""
    config = write_config(tmp_path, v3)
    text = config.read_text().partition("[accounts")[0]
    secret_file(config, text)
    said = refused(config)
    assert "no accounts" in said
    assert "own_api_keys = true" in said
    secret_file(config, f"own_api_keys = true\n{text}")
    with running(config) as (_, url):
        headers = {"X-inFakt-ApiKey": v3.api_key}
        path = f"{url}/api/v2/clients.json"
        assert requests.get(path, headers=headers, timeout=10).json()["clients"] == []


def test_what_stands_in_the_way_is_said_with_its_remedy(tmp_path: Path, v3: StandIn) -> None:
    """A taken port, an address that is none, a configuration that is not there: exit code 2."""
    config = write_config(tmp_path, v3)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        assert f"cannot listen on {listen}" in refused(config, "--listen", listen)
    assert "HOST:PORT" in refused(config, "--listen", "8082")
    assert "nowhere.toml" in refused(tmp_path / "nowhere.toml")
    secret_file(config, config.read_text().replace("store.sqlite3", "no/where/store.sqlite3"))
    (tmp_path / "no").write_text("")
    assert "no/where" in refused(config)


@pytest.mark.skipif(os.name != "posix", reason="needs an address beside loopback")
def test_other_machines_are_warned_of(tmp_path: Path, v3: StandIn) -> None:
    """An address that others reach is served, and the warning says what they could read."""
    with running(write_config(tmp_path, v3), "--listen", "0.0.0.0:0") as (process, _):
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    assert "Warning: 0.0.0.0 can be reached from other machines" in errors
