"""Time and peak memory of `convert`, as ratios to the floors of the same run.

    python tests/benchmarks/convert.py [INVOICES] [--large]

Each measurement is a whole process, the best of three; `--large` adds ten times as many
invoices, for the memory.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from archive import write_json, write_xml

HERE = Path(__file__).parent
CONVERT = [sys.executable, "-m", "infakt_compat", "convert"]
FLOOR = [sys.executable, str(HERE / "floors.py")]


def measure(
    command: list[str], rounds: int = 3, codes: tuple[int, ...] = (0,)
) -> tuple[float, int]:
    """Run a command some times: the shortest time in seconds, the largest peak in KiB."""
    best, peak = float("inf"), 0
    for _ in range(rounds):
        started = time.perf_counter()
        child = os.posix_spawn(command[0], command, os.environ, file_actions=_quiet())
        _, status, usage = os.wait4(child, 0)
        if os.waitstatus_to_exitcode(status) not in codes:
            raise SystemExit(f"{' '.join(command)} failed")
        best, peak = min(best, time.perf_counter() - started), max(peak, usage.ru_maxrss)
    return best, peak


def _quiet() -> list[tuple[int, ...]]:
    """Send standard output and error of a child away."""
    null = os.open(os.devnull, os.O_WRONLY)
    return [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]


def make(form: str, count: int, folder: Path) -> str:
    """Make an archive."""
    path = folder / f"{count}.{form}"
    with path.open("w") as file:
        {"xml": write_xml, "json": write_json}[form](file, count)
    return str(path)


def main() -> None:
    """Measure and print."""
    numbers = [argument for argument in sys.argv[1:] if argument.isdigit()]
    count = int(numbers[0]) if numbers else 20_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out = str(folder / "out")
        xml, json = make("xml", count, folder), make("json", count, folder)
        rows = {
            "lxml floor": [*FLOOR, "lxml", xml, out],
            "convert xml, 1 worker": [*CONVERT, xml, "-o", out],
            "convert xml, 2 workers": [*CONVERT, xml, "-o", out, "--workers", "2"],
            "xmltodict parse": [*FLOOR, "xmltodict", xml, out],
            "json floor": [*FLOOR, "json", json, out],
            "convert json": [*CONVERT, json, "-o", out],
        }
        print(f"{count} invoices\n{'':<26}{'seconds':>9}{'ratio':>8}{'MiB':>8}")
        floor = 1.0
        for label, command in rows.items():
            seconds, peak = measure(command)
            floor = seconds if label.endswith("floor") else floor
            print(f"{label:<26}{seconds:>9.2f}{seconds / floor:>8.2f}{peak / 1024:>8.0f}")
        if "--large" in sys.argv:
            for form in ("xml", "json"):
                large = make(form, 10 * count, folder)
                seconds, peak = measure([*CONVERT, large, "-o", out], rounds=1)
                label = f"convert {form}, {10 * count}"
                print(f"{label:<26}{seconds:>9.2f}{'':>8}{peak / 1024:>8.0f}")
        seconds, _ = measure([sys.executable, "-m", "infakt_compat", "--version"])
        print(f"{'--version':<26}{seconds:>9.2f}")


if __name__ == "__main__":
    main()
