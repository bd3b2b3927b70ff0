"""What other processes do to a store; each opens it for itself."""

from __future__ import annotations

import os
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from infakt_compat.store import Document, KsefState, Role, State, open_store

from .conftest import Clock


def opens(_index: int, url: str) -> bool:
    """Open a store, which makes or upgrades its schema."""
    with open_store(url, patience=30) as store:
        return store.documents.count("a") >= 0


def claims(_index: int, url: str, digests: int) -> list[str]:
    """Claim the same creates as everybody else; give the roles."""
    with open_store(url, clock=Clock(), patience=30) as store:
        return [store.pending.claim("a", f"digest {n}").role for n in range(digests)]


def takes_over(_index: int, url: str, digests: int, now: float) -> int:
    """Take over what is in doubt; give how many were got."""
    with open_store(url, clock=Clock(now), patience=30) as store:
        found = [store.pending.take_over("a", f"digest {n}") for n in range(digests)]
        return sum(claim is not None for claim in found)


def acquires(_index: int, url: str, names: int) -> list[str]:
    """Take the same leases as everybody else; give those that were got."""
    with open_store(url, clock=Clock(), patience=30) as store:
        wanted = [f"work {n}" for n in range(names)]
        return [name for name in wanted if store.leases.acquire("a", name, 60)]


def counts_up(index: int, url: str, times: int) -> None:
    """Change one residue and one value again and again, each time by one."""
    with open_store(url, clock=Clock(), patience=30) as store:
        for _ in range(times):
            store.residues.update("a", "invoice", 1, lambda old: {"n": old.get("n", 0) + 1})
            store.values.update("a", f"of {index % 2}", lambda old: (old or 0) + 1)
            store.database.write(store.values.changing("a", "all", lambda old: (old or 0) + 1))


def sees(index: int, url: str, times: int) -> int:
    """Note the same documents as everybody else, in another order."""
    documents = [Document("invoice", n, f"uuid {n}") for n in range(1, times + 1)]
    with open_store(url, clock=Clock(), patience=30) as store:
        return store.documents.see("a", documents[index:] + documents[:index])


def requests(_index: int, url: str, windows: list[tuple[str, int, float]], tries: int) -> int:
    """Ask for many requests at one moment; give how many were allowed."""
    with open_store(url, clock=Clock(), patience=30) as store:
        return sum(store.limits.record(windows) == 0.0 for _ in range(tries))


def requests_at(url: str, windows: list[tuple[str, int, float]], now: float, tries: int) -> int:
    """Ask for many requests at a given moment."""
    with open_store(url, clock=Clock(now), patience=30) as store:
        return sum(store.limits.record(windows) == 0.0 for _ in range(tries))


def hammers(
    index: int, url: str, windows: list[tuple[str, int, float]], length: float
) -> list[float]:
    """Ask as fast as possible for some real time; give the moments that were allowed.

    The buckets are named in another order by every other process: locks must not care.
    """
    allowed = []
    given = windows[::-1] if index % 2 else windows
    with open_store(url, patience=30) as store:
        until = time.time() + length
        while (now := time.time()) < until:
            if store.limits.record(given, now) == 0.0:
                allowed.append(now)
    return allowed


def hangs_as_sender(url: str, answer: Connection) -> None:
    """Claim a create, say so, and be killed before it is finished."""
    with open_store(url, clock=Clock()) as store:
        claim = store.pending.claim("a", "digest")
        answer.send((claim.role, os.getpid()))
        time.sleep(60)


def creates(url: str, v3: str, now: float, begun: Connection | None, most: int = 10**9) -> None:
    """Create one document after another, at a v3 that is a file, until killed or through.

    Starts a little before the end, as a caller who does not know how far it came.
    """
    start = max(0, len(Path(v3).read_text().splitlines()) - 3)
    with open_store(url, clock=Clock(now), patience=30) as store:
        for number in range(start, most):
            create(store, v3, f"digest {number}")
            if begun is not None and number == start:
                begun.send(None)


def create(store: Any, v3: str, digest: str) -> None:
    """Create one document as decisions.md section 5 says.

    What is in doubt is looked up in the file: there means done, not there is said so.
    """
    found = store.pending.get("a", digest)
    if found is not None and found.state is State.DONE:
        return
    claim = store.pending.claim("a", digest)
    if claim.role is Role.SEND:
        store.pending.renew(claim)
        with Path(v3).open("ab", buffering=0) as file:
            file.write(f"{digest}\n".encode())
        store.pending.done(claim, "{}")
    elif claim.role is Role.RESOLVE:
        with Path(v3).open("rb") as file:
            made = f"{digest}\n".encode() in file.readlines()
        if made:
            store.pending.done(claim, "{}", proven=False)
        elif store.pending.not_found(claim) == 0.0:
            create(store, v3, digest)


def claims_ksef(_index: int, url: str) -> list[int]:
    """Claim what is due; gives the ids that were had."""
    with open_store(url, patience=30) as store:
        return [one.id for one in store.ksef.waiting("a") if store.ksef.claim("a", one, 60)]


def rejects_ksef(_index: int, url: str) -> list[int]:
    """Reject what was sent; gives the ids that nobody else rejected."""
    with open_store(url, patience=30) as store:
        sent = [one for one in store.ksef.waiting("a", due=False) if one.state is KsefState.SENT]
        state = KsefState.REJECTED
        return [one.id for one in sent if store.ksef.move("a", one, state, 60) is not None]
