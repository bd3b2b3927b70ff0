"""A large import on the stand-in: time and memory of planning, what a kill costs, and verify.

    python tests/benchmarks/move.py [INVOICES [CREATED]]

Each step is a process of its own. `import` plans all invoices (200,000 by default) and is killed
(kill -9) when so many are created (300); it is started again, and the time to its first create
taken; that three times. `first create` is from the start of the process; `to look` is how many
calls it made before, to settle what the kill left open. Then `verify` compares the whole archive
with the account, most of which is not there. Peak memory is a process' own.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pace import write_archive

from infakt_compat.standin import StandIn

COMMAND = [sys.executable, "-m", "infakt_compat"]
KILLS = 3


class Run:
    """The command in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        """Start it, its output sent away."""
        null = os.open(os.devnull, os.O_WRONLY)
        quiet = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
        command = [*COMMAND, *arguments]
        self.started = time.perf_counter()
        self._pid = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
        os.close(null)

    def until(self, condition: Callable[[], bool]) -> float:
        """Wait until something holds; gives the seconds since the start."""
        while not condition():
            if os.waitpid(self._pid, os.WNOHANG) != (0, 0):
                raise SystemExit("the process ended too early")
            time.sleep(0.002)
        return time.perf_counter() - self.started

    def peak(self) -> int:
        """Give the most memory so far, in MiB; what `wait4` tells begins with this process' own."""
        lines = Path(f"/proc/{self._pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0) // 1024

    def kill(self) -> None:
        """End it at once."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def end(self) -> tuple[float, int, int]:
        """Wait for the end: seconds, peak memory in MiB, exit code."""
        peak = 0
        while (found := os.waitpid(self._pid, os.WNOHANG)) == (0, 0):
            peak = max(peak, self.peak())
            time.sleep(0.01)
        taken = time.perf_counter() - self.started
        return taken, peak, os.waitstatus_to_exitcode(found[1])


def main(invoices: str = "200000", created: str = "300") -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, StandIn() as v3:
        os.environ["INFAKT_API_KEY"] = v3.api_key
        archive, journal = Path(name) / "archive.json", Path(name) / "journal.db"
        write_archive(archive, int(invoices))
        way = [str(archive), "--journal", str(journal), "--base-url", v3.url]
        told = ["--sale-type", "service", "--apply"]

        def creates() -> int:
            return len(v3.requests("POST"))

        print(f"{invoices} invoices{'':<14}{'seconds':>9}{'MiB':>8}{'to look':>9}")
        for turn in range(KILLS + 1):
            before, calls = creates(), len(v3.requests())
            run = Run("import", *way, "--limits", "off", *told)
            first = run.until(lambda before=before: creates() > before)
            looked = len(v3.requests()) - calls - 1
            run.until(lambda before=before: creates() >= before + int(created))
            peak = run.peak()
            run.kill()
            label = f"after kill {turn}, first create" if turn else "planned, first create"
            print(f"{label:<30}{first:>9.2f}{peak:>8}{looked:>9}", flush=True)
        taken, peak, code = Run("verify", *way, "--limits", "off").end()
        print(f"{'verify, exit code ' + str(code):<30}{taken:>9.2f}{peak:>8}")


if __name__ == "__main__":
    main(*sys.argv[1:])
