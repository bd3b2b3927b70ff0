"""`infakt-compat run`: unmodified programs, run as python runs them, whose v2 is v3."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import requests

from infakt_compat import V2Adapter
from infakt_compat.cli.run import command, run_program
from infakt_compat.dropin.everywhere import answer_everywhere
from infakt_compat.standin import StandIn

SCRIPTS = Path(__file__).parents[2] / "legacy_samples" / "scripts"
CLIENTS = "https://www.infakt.pl/api/v2/clients.json"


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    """Answer a v3 with some documents."""
    with StandIn(samples=6) as one:
        yield one


class Runner:
    """Runs programs in a folder."""

    def __init__(self, standin: StandIn, folder: Path) -> None:
        """Keep where v3 is, and where the programs are."""
        self.standin, self.folder = standin, folder

    def __call__(self, *words: str, options: tuple[str, ...] = ()) -> Any:
        """Run `infakt-compat run` to its end."""
        way = ["--api-key-env", "KEY", "--base-url", self.standin.url, "--store", "s.sqlite3"]
        return subprocess.run(
            [sys.executable, "-m", "infakt_compat", "run", *way, *options, *words],
            cwd=self.folder,
            env={
                **os.environ,
                "KEY": self.standin.api_key,
                "PYTHONPATH": str(SCRIPTS.parents[1]),
                "PYTHONWARNINGS": "ignore",  # newer pythons warn of any fork beside threads
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def write(self, name: str, text: str) -> str:
        """Write a program; gives its name."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text), "utf-8")
        return name


@pytest.fixture
def run(standin: StandIn, tmp_path: Path) -> Runner:
    """Answer a runner."""
    return Runner(standin, tmp_path)


def test_the_sample_that_lists_invoices(run: Runner, standin: StandIn) -> None:
    """Its own signature, requests.get, XML, several pages."""
    done = run(str(SCRIPTS / "lista_faktur.py"), "4")
    assert done.returncode == 0, done.stderr
    families = ("invoices", "corrective_invoices", "margin_invoices", "advance_invoices")
    numbers = {
        row["number"] for f in (*families, "final_invoices") for row in standin.world.store.all(f)
    }
    lines = [line.split(";") for line in done.stdout.splitlines()]
    assert {line[0] for line in lines} == numbers
    assert len(lines) >= 6


def test_the_sample_that_makes_an_invoice(run: Runner, standin: StandIn) -> None:
    """By requests-oauthlib: xAuth, a new client, a paid invoice, its PDF streamed."""
    buyer = {"nazwa_firmy": "Żółw", "nip": "521-592-28-94", "miejscowosc": "Łódź"}
    line = {"nazwa": "Książka", "ilosc": "2", "stawka_vat": 5, "cena_netto": "19.99"}
    (run.folder / "z.json").write_text(json.dumps({"kupujacy": buyer, "pozycje": [line]}), "utf-8")
    script = str(SCRIPTS / "faktura_za_zamowienie.py")
    done = run(script, "user", "hasło", "z.json", "f.pdf")
    assert done.returncode == 0, done.stderr
    made = [
        row for row in standin.world.store.all("invoices") if row["number"] == done.stdout.strip()
    ]
    assert [(row["status"], row["net_price"]) for row in made] == [("paid", 3998)]
    assert sum(row["company_name"] == "Żółw" for row in standin.world.store.all("clients")) == 1
    assert (run.folder / "f.pdf").read_bytes().startswith(b"%PDF-")
    (run.folder / "z.json").write_text(json.dumps({"kupujacy": buyer, "pozycje": [{}]}), "utf-8")
    refused = run(script, "user", "hasło", "z.json", "f.pdf")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Błędne dane: ")


def test_every_session_is_answered(run: Runner) -> None:
    """However it was made; and in a process that the program forks, with what is its own."""
    script = run.write(
        "sessions.py",
        """
        import os, sys
        import requests
        from requests.adapters import HTTPAdapter
        from requests_oauthlib import OAuth1Session

        URL = "https://www.infakt.pl/api/v2/clients.json"
        early = requests.Session()

        class Own(requests.Session):
            def __init__(self):
                super().__init__()
                self.mount("https://", HTTPAdapter(max_retries=3))
                self.mount("https://www.infakt.pl/", HTTPAdapter())

        class Bare(requests.Session):
            def __init__(self):
                self.__dict__.update(requests.Session().__dict__)
                self.adapters = {}

        for session in (early, Own(), Bare(), OAuth1Session("a", "b", "c", "d"), requests):
            for url in (URL, URL.replace("https", "http"), URL.replace("www", "WWW")):
                assert session.get(url, timeout=20).json()["clients"], session
        with requests.Session() as one:
            pass
        adapter = requests.Session().get_adapter(URL)
        opened = adapter._open()
        child = os.fork()
        if child == 0:
            good = requests.get(URL).status_code == 200
            os._exit(0 if good and adapter._open() is not opened else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert requests.get(URL).status_code == 200
        assert adapter._open() is opened
        sys.stdout.write("all")
        """,
    )
    done = run(script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "all", "")


def test_a_program_sees_what_python_shows_it(run: Runner) -> None:
    """Its arguments, name, folder and neighbours; its threads and atexit still have v2."""
    run.write("lib/helper.py", "WORD = 'beside'\n")
    script = run.write(
        "lib/main.py",
        """
        import atexit, json, os, pickle, sys, threading, time
        import helper, requests

        class Kept:
            pass

        def ask():
            return requests.get("https://www.infakt.pl/api/v2/clients.json").status_code

        def late():
            time.sleep(0.1)
            sys.stderr.write("thread %d\\n" % ask())

        assert pickle.loads(pickle.dumps(Kept())).__class__ is Kept
        assert sys.modules["__main__"].Kept is Kept
        seen = [__name__, os.path.basename(__file__), sys.argv, sys.path[0], helper.WORD, __doc__]
        sys.stdout.write(json.dumps(seen))
        threading.Thread(target=late).start()
        atexit.register(lambda: sys.stderr.write("atexit %d\\n" % ask()))
        """,
    )
    done = run(script, "--store", "x", "-m", "--", "ż")
    assert done.returncode == 0, done.stderr
    name, file, argv, folder, word, doc = json.loads(done.stdout)
    assert (name, file, word, doc) == ("__main__", "main.py", "beside", None)
    assert argv == [script, "--store", "x", "-m", "--", "ż"]
    assert folder == str((run.folder / "lib").resolve())
    assert done.stderr.splitlines() == ["thread 200", "atexit 200"]


def test_a_module_and_its_exit_code(run: Runner) -> None:
    """As python -m: found from the working folder; with an account's own values."""
    run.write("shop/__init__.py", "")
    run.write(
        "shop/__main__.py",
        """
        import sys
        from . import __name__ as package
        import requests

        code = requests.get("https://www.infakt.pl/api/v2/invoices/show/1.json").status_code
        sys.stdout.write(" ".join([package, *sys.argv[1:]]))
        sys.exit(code - 400)
        """,
    )
    (run.folder / "d.toml").write_text('sale_type = "service"\n', "utf-8")
    done = run("shop", "-v", options=("--defaults", "d.toml", "-m"))
    assert (done.returncode, done.stdout, done.stderr) == (4, "shop -v", "")


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("def f():\n    raise ValueError('of the program')\nf()", 1, "ValueError: of the program"),
        ("raise KeyboardInterrupt", 130, "KeyboardInterrupt"),
        ("x = = 1", 1, "SyntaxError: invalid syntax"),
        ("import nothing_like_this", 1, "ModuleNotFoundError: No module named 'nothing_like_this'"),
    ],
)
def test_what_a_program_does_not_catch(
    body: str,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its own traceback, as python shows it, without a frame of this command."""
    program = tmp_path / "broken.py"
    program.write_text(body, "utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(SystemExit) as caught:
        run_program(str(program), module=False)
    assert caught.value.code == code
    shown = capsys.readouterr().err
    assert shown.strip().splitlines()[-1] == said
    for own in ("runpy", "cli/run.py", "click", "defect"):
        assert own not in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.py"], "there is no program none.py"),
        (["--api-key-env", "NO_SUCH_KEY", __file__], "environment variable NO_SUCH_KEY"),
        (["--base-url", "ftp://x", "--api-key-env", "SOME_KEY", __file__], "the base URL"),
        (["--dialect", "old", __file__], "'old' is not one of"),
        (
            ["--defaults", "d.toml", "--api-key-env", "SOME_KEY", __file__],
            "no such default: colour",
        ),
    ],
)
def test_a_wrong_command_line(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is run, and the message names what to do."""
    monkeypatch.setenv("SOME_KEY", "k")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.toml").write_text("colour = 1\n", "utf-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    before = requests.Session.get_adapter
    with pytest.raises(click.UsageError, match=said):
        command.main(words, standalone_mode=False)
    assert requests.Session.get_adapter is before


def test_only_v2_is_answered(standin: StandIn, tmp_path: Path) -> None:
    """Other hosts are asked as before, and it ends when it is ended."""
    store = tmp_path / "s.sqlite3"
    adapter = V2Adapter(standin.api_key, standin.url, store=store, limits="off", background=False)
    end = answer_everywhere(adapter)
    try:
        assert requests.get(CLIENTS, timeout=5).status_code == 200
        seen = requests.get(f"{standin.root}/__standin__/requests", timeout=5)
        assert seen.status_code == 200
        session = requests.Session()
        for url in (
            "https://www.infakt.pl.evil.test/", "https://infakt.pl/", "https://evil.test/www.infakt.pl/",
            "https://www.infakt.pl@evil.test/", "https://api.infakt.pl/api/v3/",
        ):  # fmt: skip
            assert session.get_adapter(url) is not adapter
        assert session.get_adapter("https://www.infakt.pl:443/api/v2/") is adapter
        with pytest.raises(requests.exceptions.InvalidSchema):
            session.get_adapter("ftp://www.infakt.pl/")
    finally:
        end()
        adapter.close()
    assert requests.Session().get_adapter(CLIENTS) is not adapter
