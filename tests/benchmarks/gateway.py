"""What the gateway costs: a call through it against the same v3 call made directly.

    python tests/benchmarks/gateway.py [SECONDS]

Stand-in, gateway and caller are processes of their own. One caller shows one invoice again and
again, in turn directly at the stand-in and through the gateway (OAuth, SQLite store, log to a
file); then, as fast as they can and in turns of half a second, a bare loop at the stand-in
(`requests.get`, and with a session that keeps its connection), and one and four callers of the
gateway; the figure is the median of the turns. Requests are signed before the clock starts: to sign
them is the caller's own work. Processor time is the gateway's process'.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests
from requests_oauthlib import OAuth1

COMMAND = [sys.executable, "-m", "infakt_compat"]
CONFIG = """
listen = "127.0.0.1:0"
store = "store.sqlite3"
limits = "{limits}"
[accounts.shop]
v3_key_env = "BENCHMARK_KEY"
base_url = "{v3}"
consumer_key = "ckey"
consumer_secret = "csecret"
[[accounts.shop.tokens]]
token = "ACCTOK"
secret = "ACCSEC"
"""
Make = Callable[[], requests.PreparedRequest]
#: Seconds of a turn, and more calls than a caller can make in it.
TURN, MOST_A_TURN = 0.5, 800


@contextmanager
def running(*arguments: str, folder: Path, **environment: str) -> Iterator[dict[str, Any]]:
    """Run a command until it is ready, and give what it said."""
    with (folder / f"{arguments[0]}.log").open("w") as log:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **environment},
        )
    assert process.stdout is not None
    try:
        yield {**json.loads(process.stdout.readline() or "null"), "pid": process.pid}
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def signed() -> OAuth1:
    """Sign as an old caller does."""
    return OAuth1(
        "ckey", client_secret="csecret", resource_owner_key="ACCTOK",
        resource_owner_secret="ACCSEC",
    )  # fmt: skip


def timed(request: requests.PreparedRequest, session: requests.Session) -> float:
    """Give the milliseconds of one call."""
    started = time.perf_counter()
    answer = session.send(request, timeout=10)
    taken = (time.perf_counter() - started) * 1000
    assert answer.status_code == 200, answer.text
    return taken


def bare_loop(url: str, headers: dict[str, str]) -> float:
    """Give the calls a second of a loop that calls `requests.get`, for one turn."""
    count, started = 0, time.perf_counter()
    while time.perf_counter() < started + TURN:
        assert requests.get(url, headers=headers, timeout=10).status_code == 200
        count += 1
    return count / (time.perf_counter() - started)


def a_second(make: Make, callers: int) -> float:
    """Give the calls a second that callers get who call as fast as they can, for one turn."""
    ready = [[make() for _ in range(MOST_A_TURN)] for _ in range(callers)]
    counts = [0] * callers
    until = time.perf_counter() + TURN

    def call(place: int) -> None:
        with requests.Session() as session:
            for request in ready[place]:
                timed(request, session)
                counts[place] += 1
                if time.perf_counter() > until:
                    return

    threads = [threading.Thread(target=call, args=(place,)) for place in range(callers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def processor_time(pid: int) -> float:
    """Give the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def prepared(folder: Path, stack: ExitStack, limits: str) -> tuple[Make, Make, int]:
    """Start everything; give a show made directly, one through the gateway, and its process."""
    v3 = stack.enter_context(running("standin", "--samples", "20", folder=folder))
    (folder / "gateway.key").write_text("k" * 40)
    (folder / "gateway.key").chmod(0o600)
    config = folder / "gateway.toml"
    config.write_text(CONFIG.format(v3=v3["url"], limits=limits))
    config.chmod(0o600)
    served = stack.enter_context(
        running("gateway", "--config", str(config), folder=folder, BENCHMARK_KEY=v3["api_key"])
    )
    key = {"X-inFakt-ApiKey": v3["api_key"]}
    first = requests.get(f"{v3['url']}/invoices.json", headers=key, timeout=10).json()
    one = first["entities"][0]
    direct = f"{v3['url']}/invoices/{one['uuid']}.json"
    through = f"{served['url']}/api/v2/invoices/show/{one['id']}.json"
    plain = requests.Request("GET", direct, headers=key).prepare()
    return (
        lambda: plain,
        lambda: requests.Request("GET", through, auth=signed()).prepare(),
        served["pid"],
    )


def main() -> None:
    """Measure and print."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before\n")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        direct, through, process = prepared(Path(name), stack, "off")
        session = stack.enter_context(requests.Session())
        for _ in range(30):
            timed(direct(), session), timed(through(), session)
        before = processor_time(process)
        pairs = [
            (timed(direct(), session), timed(through(), session)) for _ in range(100 * seconds)
        ]
        used = (processor_time(process) - before) * 1000 / len(pairs)
        alone = statistics.median(pair[0] for pair in pairs)
        gateway = statistics.median(pair[1] for pair in pairs)
        print(f"{'one call, median of ' + str(len(pairs)):<34}{'ms':>8}")
        print(f"{'directly':<34}{alone:>8.2f}\n{'through the gateway':<34}{gateway:>8.2f}")
        print(f"{'the gateway costs':<34}{gateway - alone:>8.2f}   (to reach: 3)")
        print(f"{'its processor time a call':<34}{used:>8.2f}\n")
        print(f"{'shows a second':<34}{'':>8}{'to get':>8}{'to sess.':>8}   (to reach: 0.33)")
        plain = direct()
        loops: dict[str, Callable[[], float]] = {
            "bare loop, requests.get": lambda: bare_loop(str(plain.url), dict(plain.headers)),
            "bare loop, with a session": lambda: a_second(direct, 1),
            "gateway, one caller": lambda: a_second(through, 1),
            "gateway, four callers": lambda: a_second(through, 4),
        }
        turns: dict[str, list[float]] = {name: [] for name in loops}
        for _ in range(2 * seconds):
            for name, loop in loops.items():
                turns[name].append(loop())
        rates = {name: statistics.median(found) for name, found in turns.items()}
        get, session_rate, *_ = rates.values()
        for name, rate in rates.items():
            print(f"{name:<34}{rate:>8.0f}{rate / get:>8.2f}{rate / session_rate:>8.2f}")


if __name__ == "__main__":
    main()
