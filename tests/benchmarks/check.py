"""Time and peak memory of `check`, as ratios to `convert` of the same archive in the same run.

Of the documents 5 % are corrections of others, and 12 % are of kinds that v3 does not get. By
default `convert` has one worker and `check` one for each processor.

    python tests/benchmarks/check.py [INVOICES [ROUNDS]]

Each measurement is a whole process, the best of the rounds; the two take turns.
"""

import sys
import tempfile
from pathlib import Path

from convert import CONVERT, make, measure

TOLD = ["--sale-type", "service", "--exemption", "1"]
CHECK = [sys.executable, "-m", "infakt_compat", "check", *TOLD]


def main() -> None:
    """Measure and print."""
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    count = numbers[0] if numbers else 20_000
    rounds = numbers[1] if len(numbers) > 1 else 3
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out = str(folder / "out")
        print(f"{count} invoices\n{'':<26}{'seconds':>9}{'ratio':>8}{'MiB':>8}")
        for form in ("xml", "json"):
            archive = make(form, count, folder)
            for workers in ((), ("--workers", "1"), ("--workers", "2")):
                how = f"{workers[1]} worker" if workers else "by default"
                commands = {
                    f"convert {form}, {how}": [*CONVERT, archive, "-o", out],
                    f"check {form}, {how}": [*CHECK, archive],
                }
                best = dict.fromkeys(commands, (float("inf"), 0))
                for _ in range(rounds):
                    for label, command in commands.items():
                        seconds, peak = measure([*command, *workers], 1, (0, 3))
                        best[label] = min(best[label][0], seconds), max(best[label][1], peak)
                floor = next(iter(best.values()))[0]
                for label, (seconds, peak) in best.items():
                    print(f"{label:<26}{seconds:>9.2f}{seconds / floor:>8.2f}{peak / 1024:>8.0f}")


if __name__ == "__main__":
    main()
