"""Killed at any moment, and started again: no create twice, none forgotten (decisions.md 5).

Callers repeat what was not answered, under a new nonce, until they get a 200. In the end there is
exactly one document for each create, and the answer named it. A kill comes at a moment drawn from
a seed; `--long` draws a hundred of them, by a seed that is printed.
"""

import random
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import requests
from attrs import define, field

from infakt_compat.standin import StandIn
from tests.v2_invoice import client_of, documents, invoice

from .live import write_config
from .processes import Ahead, Process, start

ROUNDS, LONG_ROUNDS = 10, 100
CALLERS = 3
#: From a create's first byte to its answer it takes about as long, with v3's latency below.
MOST_SECONDS = 0.25
LATENCY_MS = 8
#: What a dead process held is free after a minute, what is not found is settled after a quarter
#: of an hour.
SETTLED_AFTER = 1_000


@define
class Creates:
    """What callers want made, and what they were answered."""

    client: int
    clock: Ahead
    open: list[str] = field(factory=list)
    answered: dict[str, int] = field(factory=dict)
    refused: Counter[int] = field(factory=Counter)

    def add(self, number: int) -> None:
        """Want some more."""
        done = len(self.answered) + len(self.open)
        self.open += [f"create {done + n}" for n in range(number)]

    def ask(self, process: Process, repeat: bool) -> list[threading.Thread]:
        """Ask for all that is not answered, each by a caller of its own."""
        asking = [
            threading.Thread(target=self._ask, args=(process, name, repeat)) for name in self.open
        ]
        for one in asking:
            one.start()
        return asking

    def _ask(self, process: Process, name: str, repeat: bool) -> None:
        tree = invoice(self.client, uwagi=name)
        with requests.Session() as session:
            while name not in self.answered:
                try:
                    answer = process.call(
                        session, self.clock, "POST", "invoices/create.json", json=tree
                    )
                except requests.RequestException:
                    return  # killed: the next one will be asked
                if answer.status_code == 200:
                    self.answered[name] = answer.json()["invoice"]["invoice_id"]
                else:
                    assert answer.status_code == 503, answer.text
                    self.refused[503] += 1
                    if not repeat:
                        return
                    time.sleep(0.02)

    def settle(self, asking: list[threading.Thread]) -> None:
        """Wait for the callers of a round."""
        for one in asking:
            one.join(60)
            assert not one.is_alive()
        self.open = [name for name in self.open if name not in self.answered]


def test_killed_at_any_moment(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kill after kill, with new creates in each round, and those of the rounds before."""
    long = request.config.getoption("--long")
    seed = random.SystemRandom().randrange(10**6) if long else 2010
    with capsys.disabled():
        if long:
            print(f"kills: seed {seed}")
    draw, clock = random.Random(seed), Ahead()
    with StandIn(latency_ms=LATENCY_MS) as v3:
        config = write_config(tmp_path, v3, more="patience = 1")
        creates = Creates(client_of(v3), clock)
        for _ in range(LONG_ROUNDS if long else ROUNDS):
            creates.add(CALLERS)
            process = start(config, clock, tmp_path / "log")
            if (
                draw.random() < 0.2
            ):  # nobody waited for a quarter of an hour: nothing may be guessed
                creates.settle(creates.ask(process, repeat=False))
            clock.move(SETTLED_AFTER, v3)
            asking = creates.ask(process, repeat=True)
            time.sleep(draw.uniform(0, MOST_SECONDS))
            process.kill()
            creates.settle(asking)
        clock.move(SETTLED_AFTER, v3)
        process = start(config, clock, tmp_path / "log")
        creates.settle(creates.ask(process, repeat=True))
        process.stop()
        made = {row["notes"]: row["id"] for row in documents(v3)}
        counts = Counter(row["notes"] for row in documents(v3))
    assert creates.open == []
    assert made == creates.answered
    assert set(counts.values()) == {1}
