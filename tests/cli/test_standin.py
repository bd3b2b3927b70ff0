"""`infakt-compat standin`: one line of JSON when ready, and it ends when it is told to."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from infakt_compat.cli.standin import command

COMMAND = [sys.executable, "-m", "infakt_compat", "standin"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_end(number: signal.Signals, tmp_path: Path) -> None:
    """The url and the key that it prints work; the file keeps the account for the next start."""
    start = [*COMMAND, "--db", str(tmp_path / "v3.sqlite"), "--dialect", "classic"]
    totals = []
    for samples in ("3", "0"):
        with subprocess.Popen([*start, "--samples", samples], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            headers = {"X-inFakt-ApiKey": ready["api_key"]}
            answer = requests.get(f"{ready['url']}/clients.json", headers=headers, timeout=10)
            totals.append(answer.json()["metainfo"]["total_count"])
            process.send_signal(number)
            assert process.wait(10) == 0
    assert totals[0] > 0
    assert totals[0] == totals[1]
    assert ready["url"].endswith("/api/v3")


def test_what_it_cannot_have_is_a_usage_error(tmp_path: Path) -> None:
    """A port that is taken, a file that is no database, a folder that is not there."""
    (tmp_path / "text.db").write_text("no database")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for options, named in (
            (["--port", str(port)], f"the port {port}"),
            (["--db", str(tmp_path / "text.db")], "text.db cannot be used"),
            (["--db", str(tmp_path / "none" / "v3.db")], "v3.db cannot be used"),
        ):
            ran = CliRunner().invoke(command, options)
            assert (ran.exit_code, named in ran.stderr) == (2, True), ran.output


def test_an_unknown_dialect_is_a_usage_error() -> None:
    """Exit code 2, and the choices are named."""
    done = subprocess.run([*COMMAND, "--dialect", "v2"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"current" in done.stderr
