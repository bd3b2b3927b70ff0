"""Starting, stopping, files, threads and the command line's way."""

from __future__ import annotations

import ast
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

import infakt_compat.standin
from infakt_compat.standin import StandIn, serve
from infakt_compat.standin.server import Handler
from infakt_compat.standin.wire import dumps

from .conftest import INVOICE, ROW, Api

SOURCE = Path(infakt_compat.standin.__file__).parent
SERVE = "from infakt_compat.standin import serve; serve(samples=5, db={!r})"


def test_start_and_stop() -> None:
    """Ready when start returns; nothing listens and no thread runs after stop."""
    before = set(threading.enumerate())
    standin = StandIn(seed=3)
    for name in ("url", "root", "world"):
        with pytest.raises(RuntimeError, match="does not run"):
            getattr(standin, name)
    with pytest.raises(RuntimeError, match="does not run"):
        standin.reset()
    standin.start()
    with pytest.raises(RuntimeError, match="runs already"):
        standin.start()
    session = requests.Session()
    url = f"{standin.url}/invoices.json"
    session.headers["X-inFakt-ApiKey"] = standin.api_key
    assert session.get(url, timeout=5).status_code == 200
    assert standin.url.endswith("/api/v3")
    port = int(standin.root.rsplit(":", 1)[1])
    standin.stop()
    standin.stop()
    session.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(OSError, match=r".+"), socket.create_connection(("127.0.0.1", port), 1):
        pass


def test_stop_does_not_wait_for_a_delay() -> None:
    """Waits end when the stand-in does."""
    with StandIn() as standin:
        standin.fault("delay", seconds=60)
        caller = threading.Thread(target=_ignore_failures, args=(f"{standin.url}/gtus.json",))
        caller.start()
        while not standin.requests():
            time.sleep(0.005)
        started = time.monotonic()
    caller.join()
    assert time.monotonic() - started < 5


def _ignore_failures(url: str) -> None:
    try:
        requests.get(url, timeout=30)
    except requests.RequestException:
        return


def test_wrong_settings_are_refused() -> None:
    """Before anything listens."""
    with pytest.raises(ValueError, match="no such dialect"):
        StandIn(dialect="v4").start()
    with pytest.raises(ValueError, match="no such limits"):
        StandIn(limits="some").start()


def test_a_taken_port_is_an_error() -> None:
    """And leaves nothing open."""
    with StandIn() as standin:
        port = int(standin.root.rsplit(":", 1)[1])
        other = StandIn(port=port)
        with pytest.raises(OSError, match=r".+"):
            other.start()


def test_one_stand_in_a_file(tmp_path: Path) -> None:
    """A second one would hold half of the truth; it is refused, and the first goes on."""
    path = tmp_path / "state.db"
    with StandIn(db=path) as standin:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            StandIn(db=path).start()
        standin.seed(clients=[{"company_name": "F", "country": "PL"}])
    with StandIn(db=path) as standin:
        assert standin.world.describe()["records"]["clients"] == 1


def test_other_methods(api: Api) -> None:
    """HEAD is GET without a body, and counts as a read; what v3 does not have is 404 in JSON."""
    headers = api.call("HEAD", "/vat_rates.json")
    whole = api.get("/vat_rates.json")
    assert (headers.status_code, headers.content) == (200, b"")
    assert headers.headers["Content-Length"] == str(len(whole.content))
    assert api.call("OPTIONS", "/vat_rates.json").json()["error"]
    api.standin.configure("limits", windows={"read": [[60, 1]]})
    assert [api.call("HEAD", "/gtus.json").status_code for _ in range(2)] == [200, 429]


def test_a_body_in_chunks(api: Api) -> None:
    """As programs send that do not know its length; the connection stays good."""
    body = dumps({"client": {"company_name": "Zażółć", "country": "PL"}})
    pieces = iter([body[:9], body[9:30], body[30:]])
    headers = {"Content-Type": "application/json"}
    made = api.call("POST", "/clients.json", data=pieces, headers=headers)
    assert (made.status_code, made.json()["company_name"]) == (201, "Zażółć")
    assert api.get(f"/clients/{made.json()['id']}.json").status_code == 200


def test_latency_and_limits_and_samples() -> None:
    """The other settings."""
    with StandIn(latency_ms=30, limits="real", samples=10, dialect="classic") as standin:
        api = Api(standin)
        started = time.monotonic()
        assert api.get("/invoices.json").json()["metainfo"]["total_count"] == 2
        assert time.monotonic() - started >= 0.03
        statuses = [api.delete("/clients/1.json").status_code for _ in range(11)]
        assert statuses == [404] * 10 + [429]
        standin.reset()
        assert standin.world.limiter.mode == "real"
        api.session.close()


def test_state_survives_in_a_file(tmp_path: Path) -> None:
    """Documents, clients, tasks, settings, ids and the key."""
    path = tmp_path / "state.db"
    with StandIn(db=path, samples=5) as standin:
        api = Api(standin)
        made = api.invoice(services=[{**ROW, "quantity": "0.10"}])
        gone = api.invoice()
        api.delete(f"/invoices/{gone['uuid']}.json")
        standin.configure("tasks", seconds=3600)
        task = api.post("/async/invoices.json", {"invoice": INVOICE}).json()
        key = standin.api_key
        api.session.close()
    with StandIn(db=path, samples=5, seed=9) as standin:
        api = Api(standin)
        assert standin.api_key == key
        assert api.get(f"/invoices/{made['uuid']}.json").json() == made
        assert api.get("/invoices.json").json()["metainfo"]["total_count"] == 2
        standin.configure("clock", advance=3601)
        reference = task["invoice_task_reference_number"]
        done = api.get(f"/async/invoices/status/{reference}.json").json()
        assert done["processing_code"] == 201
        fresh = api.invoice()
        assert fresh["id"] > made["id"]
        assert fresh["uuid"] not in (made["uuid"], gone["uuid"])
        standin.reset()
        api.session.close()
    with StandIn(db=path) as standin:
        assert standin.world.describe()["records"]["invoices"] == 0


def test_state_survives_a_kill(tmp_path: Path) -> None:
    """Kill -9 after an answer loses nothing of it."""
    path = tmp_path / "state.db"
    process, where = _run(path)
    headers = {"X-inFakt-ApiKey": where["api_key"]}
    url = f"{where['url']}/invoices.json"
    made = requests.post(url, json={"invoice": INVOICE}, headers=headers, timeout=5).json()
    process.kill()
    process.communicate()
    with StandIn(db=path) as standin:
        api = Api(standin)
        assert api.get(f"/invoices/{made['uuid']}.json").json() == made
        api.session.close()


def _run(path: Path) -> tuple[subprocess.Popen[str], dict[str, str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE.format(str(path))],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE.parent.parent)},
    )
    assert process.stdout is not None
    where: dict[str, str] = json.loads(process.stdout.readline())
    return process, where


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """One line of JSON when ready, then nothing, and exit code 0."""
    process, where = _run(tmp_path / "state.db")
    assert set(where) == {"url", "api_key"}
    headers = {"X-inFakt-ApiKey": where["api_key"]}
    assert requests.get(f"{where['url']}/invoices.json", headers=headers, timeout=5).ok
    process.send_signal(number)
    assert process.communicate(timeout=10)[0] == ""
    assert process.returncode == 0


def test_serve_in_this_process_puts_the_handlers_back() -> None:
    """Signals are as they were."""
    before = signal.getsignal(signal.SIGTERM)
    out = io.StringIO()
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    timer.start()
    serve(out=out)
    timer.join()
    assert json.loads(out.getvalue())["url"].startswith("http://127.0.0.1:")
    assert signal.getsignal(signal.SIGTERM) is before


def test_many_threads_get_distinct_ids_and_numbers(api: Api) -> None:
    """Requests do their work one at a time."""

    def create(_: int) -> tuple[int, str, str]:
        mine = Api(api.standin)
        made = mine.invoice()
        mine.session.close()
        return made["id"], made["uuid"], made["number"]

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(create, range(80)))
    for column in zip(*made, strict=True):
        assert len(set(column)) == 80


def test_keep_alive_and_single_packets(api: Api) -> None:
    """A connection serves many requests."""
    port = int(api.standin.root.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as wire:
        for _ in range(2):
            wire.sendall(b"GET /__standin__/clock HTTP/1.1\r\n\r\n")
            head = wire.recv(65536)
            assert head.startswith(b"HTTP/1.1 200 ")
            assert b"Content-Length: " in head


def test_odd_callers_do_no_harm(api: Api, capfd: pytest.CaptureFixture[str]) -> None:
    """Hanging up, or lying about the length."""
    port = int(api.standin.root.rsplit(":", 1)[1])
    for sent in (
        b"POST /api/v3/invoices.json HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"GET /api/v3/countries.json?limit=100 HTTP/1.1\r\n\r\n",
    ):
        wire = socket.create_connection(("127.0.0.1", port))
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        wire.sendall(sent)
        wire.close()
    time.sleep(0.05)
    assert api.get("/gtus.json").status_code == 200
    assert capfd.readouterr().err == ""


def test_a_failure_of_the_server_itself_is_shown(
    api: Api, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """On standard error; only callers that hang up are passed over."""

    def fail(_: Handler) -> None:
        raise LookupError("broken")

    monkeypatch.setattr(Handler, "do_GET", fail)
    with pytest.raises(requests.ConnectionError):
        api.get("/gtus.json")
    while "LookupError: broken" not in (shown := capfd.readouterr().err):
        assert shown == "" or "Traceback" in shown
        time.sleep(0.01)


def test_only_the_standard_library_is_imported() -> None:
    """And nothing else of this project, so that tests cannot agree with themselves."""
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level <= 1, path
                names = [] if node.level else [node.module or ""]
            else:
                continue
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names, (path, name)


def test_modules_and_functions_are_small() -> None:
    """No module above 400 lines, no function above 50."""
    for path in SOURCE.glob("*.py"):
        text = path.read_text()
        assert len(text.splitlines()) <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 50, (path, node.name)


def test_json_refuses_what_it_cannot_write() -> None:
    """Only Decimal is added to what JSON has."""
    with pytest.raises(TypeError, match="not for JSON"):
        dumps({"x": {1}})


def test_what_came_before_a_reset_does_nothing_behind_it() -> None:
    """A request that is still under way is dropped, as the account that it meant is gone."""
    with StandIn() as standin, ThreadPoolExecutor(1) as pool, requests.Session() as session:
        session.headers["X-inFakt-ApiKey"] = standin.api_key
        standin.fault("delay", seconds=0.3)
        body = {"client": {"company_name": "Firma", "country": "PL"}}
        url = f"{standin.url}/clients.json"
        late = pool.submit(session.post, url, json=body, timeout=10)
        while not standin.requests("POST"):
            time.sleep(0.005)
        standin.reset()
        assert isinstance(late.exception(10), requests.ConnectionError)
        assert standin.world.store.all("clients") == []
        standin.reset()
        assert session.post(url, json=body, timeout=10).status_code == 201
