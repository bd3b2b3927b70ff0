"""Two gateways, one database, eight callers at once, faults on: what comes of it, in figures.

    python -m tests.dropin.soak [SECONDS] [--seed N] [--no-limits]

Five minutes by default, on a PostgreSQL server of its own (or the one that
INFAKT_COMPAT_TEST_POSTGRES names). Callers create invoices, repeat what was not answered under a
new nonce at either gateway, show what they made, and use nonces twice: with another body, and with
the very same bytes, at both gateways in the same moment. v3 fails now and then in every way the
stand-in knows, and counts requests as v3 does (`--no-limits` leaves that out: more calls come to
pass). At the end faults stop, a quarter of an hour passes,
and what is still open is asked for until it is answered. Ends with 1 when anything is wrong.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from attrs import define, field

from infakt_compat.standin import StandIn
from tests.dropin.live import auth, secret_file, write_config
from tests.dropin.processes import Ahead, Process, running
from tests.postgres import server
from tests.v2_invoice import client_of, documents, invoice

CALLERS = 8
WINDOW = 60.0
ROOM = {"reads": 300, "writes": 150}
SETTLED_AFTER = 1_000
#: Callers are impatient: they come back sooner than they are told to.
MOST_WAIT = 1
CREATE = "invoices/create.json"
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 500, "share": 0.03},
    {"kind": "status", "status": 500, "after": True, "method": "POST", "share": 0.05},
    {"kind": "status", "status": 503, "retry_after": 1, "share": 0.02},
    {"kind": "drop_before", "share": 0.02},
    {"kind": "drop_after", "method": "POST", "share": 0.05},
    {"kind": "broken_body", "share": 0.02},
    {"kind": "delay", "seconds": 0.2, "share": 0.05},
)


@define
class Tally:
    """What the callers saw."""

    calls: Counter[int] = field(factory=Counter)
    answered: dict[str, int] = field(factory=dict)
    open: set[str] = field(factory=set)
    twice: Counter[str] = field(factory=Counter)
    wrong: list[str] = field(factory=list)
    _lock: Any = field(factory=threading.Lock)

    def call(self, answer: requests.Response) -> None:
        """Count a call; only v2's statuses may come."""
        with self._lock:
            self.calls[answer.status_code] += 1
            if answer.status_code not in (200, 502, 503):
                self.wrong.append(f"{answer.status_code}: {answer.text}")


class Caller:
    """One of those who call at once."""

    def __init__(
        self, number: int, seed: int, gateways: list[Process], clock: Ahead, client: int,
        tally: Tally,
    ) -> None:  # fmt: skip
        """Begin with nothing made."""
        self._draw = random.Random(f"{seed} {number}")
        self._number = number
        self._gateways = gateways
        self._clock = clock
        self._client = client
        self._tally = tally
        self._made: list[int] = []
        self._count = 0
        self._session = requests.Session()

    def work(self, until: float) -> None:
        """Call until then; each thing is done once at least."""
        with self._session:
            self._create(until)
            self._two_bodies()
            self._same_bytes()
            while time.monotonic() < until:
                chance = self._draw.random()
                if chance < 0.6 or not self._made:
                    self._create(until)
                elif chance < 0.8:
                    number = self._draw.choice(self._made)
                    self._wait([self._call("GET", f"invoices/show/{number}.json")])
                elif chance < 0.9:
                    self._two_bodies()
                else:
                    self._same_bytes()

    def _call(self, method: str, path: str, **more: Any) -> requests.Response:
        gateway = self._draw.choice(self._gateways)
        answer = gateway.call(self._session, self._clock, method, path, **more)
        self._tally.call(answer)
        return answer

    def _wait(self, answers: list[requests.Response]) -> None:
        """Wait when an answer says so."""
        asked = [int(one.headers["Retry-After"]) for one in answers if one.status_code == 503]
        time.sleep(min([MOST_WAIT, *asked]) if asked else 0)

    def _name(self) -> str:
        self._count += 1
        return f"create {self._number}.{self._count}"

    def _create(self, until: float) -> None:
        """Create, and ask again until it is answered, or time is over."""
        name = self._name()
        self._tally.open.add(name)
        while time.monotonic() < until:
            answer = self._call("POST", CREATE, json=invoice(self._client, uwagi=name))
            if answer.status_code == 200:
                self._answered(name, answer)
                return
            if self._draw.random() < 0.05:
                return  # comes back to it at the end
            self._wait([answer])

    def _answered(self, name: str, answer: requests.Response) -> None:
        number = answer.json()["invoice"]["invoice_id"]
        self._made.append(number)
        before = self._tally.answered.setdefault(name, number)
        if before != number:
            self._tally.wrong.append(f"{name} was answered as {before} and {number}")
        self._tally.open.discard(name)

    # ---- nonces used twice

    def _both(self, requests_: Iterable[requests.PreparedRequest]) -> list[requests.Response]:
        """Send one request to each gateway in the same moment."""
        with ThreadPoolExecutor(2) as pool, requests.Session() as other:
            sessions = (self._session, other)
            jobs = [
                pool.submit(session.send, request, timeout=30)
                for session, request in zip(sessions, requests_, strict=True)
            ]
            return [job.result() for job in jobs]

    def _prepared(self, signed: Any, names: list[str]) -> list[requests.PreparedRequest]:
        """Give a create for each gateway, signed alike for the public name."""
        made = []
        for gateway, name in zip(self._gateways, names, strict=True):
            body = invoice(self._client, uwagi=name)
            url = f"https://www.infakt.pl/api/v2/{CREATE}"
            request = requests.Request("POST", url, json=body, auth=signed).prepare()
            request.url = f"{gateway.url}/api/v2/{CREATE}"
            made.append(request)
        return made

    def _two_bodies(self) -> None:
        """Use one nonce for two creates: at most one of them may be let in."""
        signed = auth(timestamp=str(int(self._clock.wall())), nonce=f"{self._draw.random()}"[2:])
        names = [self._name(), self._name()]
        answers = self._both(self._prepared(signed, names))
        statuses = [answer.status_code for answer in answers]
        self._tally.twice["refused" if 401 in statuses else "let in"] += 1
        self._note(names, answers)

    def _same_bytes(self) -> None:
        """Send the very same create to both: it acts once, whoever is asked first."""
        signed = auth(timestamp=str(int(self._clock.wall())), nonce=f"{self._draw.random()}"[2:])
        name = self._name()
        answers = self._both(self._prepared(signed, [name, name]))
        if any(answer.status_code == 401 for answer in answers):
            self._tally.wrong.append("the very same bytes were refused")
        self._tally.twice["repeated"] += 1
        self._note([name, name], answers)

    def _note(self, names: list[str], answers: list[requests.Response]) -> None:
        self._wait(answers)
        for name, answer in zip(names, answers, strict=True):
            if answer.status_code == 200:
                self._answered(name, answer)
            elif answer.status_code != 401 and name not in self._tally.answered:
                self._tally.open.add(name)


def settle(gateways: list[Process], clock: Ahead, client: int, tally: Tally, v3: StandIn) -> None:
    """Let time pass and ask for what is still open, again and again.

    What one of them is often settles which another is; and v3's limits leave room for some a round.
    """
    until = time.monotonic() + 180
    with requests.Session() as session:
        while tally.open and time.monotonic() < until:
            clock.move(SETTLED_AFTER, v3)
            for name in sorted(tally.open):
                tree = invoice(client, uwagi=name)
                answer = gateways[0].call(session, clock, "POST", CREATE, json=tree)
                if answer.status_code == 200:
                    tally.answered[name] = answer.json()["invoice"]["invoice_id"]
                    tally.open.discard(name)


def most_in_a_window(moments: Iterable[str]) -> int:
    """Give the most requests that v3 saw in any minute."""
    window: deque[float] = deque()
    most = 0
    for moment in sorted(datetime.fromisoformat(text).timestamp() for text in moments):
        window.append(moment)
        while window[0] <= moment - WINDOW:
            window.popleft()
        most = max(most, len(window))
    return most


def soak(
    folder: Path, database: str, seconds: float, seed: int, limits: str = "real"
) -> tuple[dict[str, int], Tally]:
    """Run it; give the figures, and what the callers saw."""
    clock, tally = Ahead(), Tally()
    with StandIn(limits=limits, latency_ms=2) as v3, ExitStack() as stack:
        config = write_config(folder, v3, more="patience = 2\nthreads = 8")
        text = config.read_text().replace('limits = "off"', f'limits = "{limits}"')
        secret_file(config, text.replace("store.sqlite3", database))
        client = client_of(v3)
        gateways = [
            stack.enter_context(running(config, clock, folder / f"{n}.log")) for n in range(2)
        ]
        for fault in FAULTS:
            v3.fault(**{"seed": seed, **fault})
        callers = [Caller(n, seed, gateways, clock, client, tally) for n in range(CALLERS)]
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(CALLERS) as pool:
            for job in [pool.submit(caller.work, until) for caller in callers]:
                job.result()
        v3.world.faults.clear()
        in_doubt = len(tally.open)
        settle(gateways, clock, client, tally, v3)
        return figures(v3, tally, in_doubt), tally


def figures(v3: StandIn, tally: Tally, in_doubt: int) -> dict[str, int]:
    """Compare what v3 has with what the callers were told."""
    made = Counter(row["notes"] for row in documents(v3))
    ids = {row["id"]: row["notes"] for row in documents(v3)}
    log = v3.requests()
    sides = {
        "reads": [one["at"] for one in log if one["method"] == "GET"],
        "writes": [one["at"] for one in log if one["method"] != "GET"],
    }
    return {
        "calls": sum(tally.calls.values()),
        "calls answered 503": tally.calls[503],
        "creates answered": len(tally.answered),
        "creates open when faults stopped": in_doubt,
        "creates never answered": len(tally.open),
        "documents in v3": sum(made.values()),
        "documents twice": sum(number - 1 for number in made.values()),
        "documents lost": sum(
            ids.get(number) != name for name, number in tally.answered.items()
        ),
        "documents that nobody asked for": len(made.keys() - tally.answered.keys() - tally.open),
        "nonces used for two bodies": tally.twice["refused"] + tally.twice["let in"],
        "of those let in twice": tally.twice["let in"],
        "same bytes sent twice": tally.twice["repeated"],
        "faults of v3": sum(1 for one in log if one["fault"]),
        "429 from v3": sum(1 for one in log if one["status"] == 429),
        "most reads a minute (300)": most_in_a_window(sides["reads"]),
        "most writes a minute (150)": most_in_a_window(sides["writes"]),
        "answers that may not be": len(tally.wrong),
    }  # fmt: skip


MUST_BE_NOTHING = (
    "creates never answered", "documents twice", "documents lost",
    "documents that nobody asked for", "of those let in twice", "429 from v3",
    "answers that may not be",
)  # fmt: skip


def faulty(found: dict[str, int], limits: str = "real") -> dict[str, int]:
    """Give the figures that are wrong."""
    wrong = {name: found[name] for name in MUST_BE_NOTHING if found[name]}
    if limits == "off":
        return wrong
    for side, room in ROOM.items():
        name = f"most {side} a minute ({room})"
        wrong |= {name: found[name]} if found[name] > room else {}
    return wrong


def main() -> int:
    """Run it as long as is asked for, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("seconds", nargs="?", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--no-limits", dest="limits", action="store_const", const="off")
    options = parser.parse_args()
    limits = options.limits or "real"
    print(f"seed {options.seed}, {options.seconds} s")
    with tempfile.TemporaryDirectory() as folder, server() as database:
        found, tally = soak(Path(folder), database, options.seconds, options.seed, limits)
    for name, number in found.items():
        print(f"{name:<34}{number:>8}")
    for text in tally.wrong[:10]:
        print(text)
    wrong = faulty(found, limits)
    print("wrong: " + ", ".join(wrong) if wrong else "All as it must be.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
