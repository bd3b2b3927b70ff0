"""The wheel and the editable install: what is in them, and that they work away from the checkout.

No network: the dependencies come from the environment of the tests, by a path file.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "legacy_samples"
DEPENDENCIES = (
    "attr", "cattrs", "click", "lxml", "orjson", "platformdirs", "requests", "rich", "sqlalchemy",
    "urllib3",
)  # fmt: skip
WHERE = (
    "import infakt_compat, json\n"
    "from infakt_compat.tables.files import data_folder\n"
    "folders = {name: str(data_folder(name)) for name in ('mappings', 'legacy_samples')}\n"
    "print(json.dumps({'package': infakt_compat.__file__, **folders}))"
)


def clean_environment() -> dict[str, str]:
    """Give an environment in which nothing points to the checkout."""
    dropped = ("PYTHON", "VIRTUAL_ENV", "COVERAGE", "COV_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}


def call(*command: str | Path, cwd: Path) -> str:
    """Run a command and give its output."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(what: str, source: Path, folder: Path) -> Path:
    """Build with the backend itself, which needs no network."""
    code = f"import hatchling.build as b, sys; print(b.build_{what}(sys.argv[1]))"
    name = call(sys.executable, "-W", "ignore", "-c", code, folder, cwd=source)
    return folder / name.splitlines()[-1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution from the checkout."""
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the source distribution, as installers do."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    [source] = [each for each in folder.iterdir() if each.is_dir()]
    return build("wheel", source, folder)


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """Give the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """Read the metadata of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        [name] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        return message_from_string(archive.read(name).decode())


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel alone into a new environment, and give the folder of its scripts."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    call(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    # Only now, so that pip does not see what is installed there.
    purelib = call(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    )
    found = (importlib.util.find_spec(name) for name in DEPENDENCIES)
    places = {str(Path(spec.origin).parents[1]) for spec in found if spec and spec.origin}
    (Path(purelib.strip()) / "dependencies.pth").write_text("\n".join(sorted(places)) + "\n")
    return scripts


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel."""
    return install(wheel, tmp_path_factory.mktemp("installed") / "env")


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the checkout in editable mode."""
    folder = tmp_path_factory.mktemp("editable")
    return install(build("editable", ROOT, folder), folder / "env")


def test_the_wheel_holds_every_module(names: set[str]) -> None:
    """All of the package, and py.typed."""
    package = ROOT / "infakt_compat"
    modules = {each.relative_to(ROOT).as_posix() for each in package.rglob("*.py")}
    assert modules <= names
    assert "infakt_compat/py.typed" in names


def test_the_wheel_holds_the_tables(names: set[str]) -> None:
    """Every table."""
    tables = {f"infakt_compat/mappings/{each.name}" for each in (ROOT / "mappings").glob("*.toml")}
    assert len(tables) >= 5
    assert tables <= names


def test_the_wheel_holds_the_good_samples(names: set[str]) -> None:
    """Every sample that converts, which the demo shows."""
    samples = {f"infakt_compat/legacy_samples/{each.name}" for each in SAMPLES.glob("*.*")}
    assert len(samples) >= 50
    assert samples <= names


def test_the_wheel_holds_no_hostile_samples(names: set[str]) -> None:
    """What must be refused is for the tests of the checkout."""
    assert [name for name in sorted(names) if "/bad/" in name] == []


def test_the_wheel_holds_nothing_else(names: set[str]) -> None:
    """One package and its metadata: no tests, no caches, nothing at the top."""
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"infakt_compat"}
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []
    assert [name for name in names if "/tests/" in name] == []


def test_the_metadata(metadata: Message) -> None:
    """The dependencies are those of pyproject.toml; drivers of databases are extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = metadata.get_all("Requires-Dist") or []
    core = {_name(each) for each in requirements if "extra ==" not in each}
    assert core == {_name(each) for each in project["dependencies"]}
    assert not [name for name in core if name.startswith(("psycopg", "pytest", "hypothesis"))]
    assert "testing" in (metadata.get_all("Provides-Extra") or [])
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Description-Content-Type"] == "text/markdown"


def _name(requirement: str) -> str:
    """Give the name in a requirement."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()


def test_the_sdist_holds_what_the_tests_need(sdist: Path) -> None:
    """Tables, all samples and the tests themselves."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for folder in ("mappings", "legacy_samples", "tests"):
        for each in (ROOT / folder).rglob("*.*"):
            place = each.relative_to(ROOT)
            # Caches stand in folders with a dot or with underscores.
            if each.is_file() and not any(part[0] in "._" for part in place.parts[:-1]):
                assert place.as_posix() in names
    assert {"README.md", "LICENSE", "pyproject.toml"} <= names


def test_the_installed_package_has_its_own_data(installed: Path, tmp_path: Path) -> None:
    """Package, tables and samples come from the new environment and not from the checkout."""
    places = json.loads(call(installed / "python", "-c", WHERE, cwd=tmp_path))
    environment = installed.parent
    for place in places.values():
        assert Path(place).is_relative_to(environment)
    assert (Path(places["legacy_samples"]) / "INDEX.toml").is_file()
    assert (Path(places["mappings"]) / "notices.toml").is_file()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_installed_command_converts(installed: Path, workers: str, tmp_path: Path) -> None:
    """There and back from a folder that has nothing to do with the checkout."""
    original = (SAMPLES / "rodzaje.xml").read_bytes()
    (tmp_path / "archive.xml").write_bytes(original)
    command = (installed / "infakt-compat", "convert", "--workers", workers)
    call(*command, "archive.xml", "-o", "archive.jsonl", cwd=tmp_path)
    call(*command, "archive.jsonl", "--to", "v2", "-o", "back.xml", cwd=tmp_path)
    lines = (tmp_path / "archive.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["invoice"]["id"] for line in lines] == [
        1480357, 1480364, 1480371, 1480378, 1480385, 1480392,
    ]  # fmt: skip
    assert (tmp_path / "back.xml").read_bytes().count(b"<invoice>") == 6


def test_the_installed_command_as_a_module(installed: Path, tmp_path: Path) -> None:
    """`python -m infakt_compat` is the same."""
    by_module = call(installed / "python", "-m", "infakt_compat", "--version", cwd=tmp_path)
    assert by_module == call(installed / "infakt-compat", "--version", cwd=tmp_path)


@pytest.mark.parametrize("arguments", [("mapping",), ("mapping", "status"), ("demo",)])
def test_the_installed_commands_find_their_data(
    installed: Path, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """The tables and the samples of the wheel are enough for every command."""
    assert call(installed / "infakt-compat", *arguments, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_editable_install_is_the_checkout(editable: Path, tmp_path: Path) -> None:
    """Package, tables and samples are those of the checkout, bad samples too."""
    places = json.loads(call(editable / "python", "-c", WHERE, cwd=tmp_path))
    assert places == {
        "package": str(ROOT / "infakt_compat" / "__init__.py"),
        "mappings": str(ROOT / "mappings"),
        "legacy_samples": str(SAMPLES),
    }


def test_the_editable_install_converts(editable: Path, tmp_path: Path) -> None:
    """The command of an editable install finds its tables from anywhere."""
    out = call(editable / "infakt-compat", "convert", SAMPLES / "seed_list.xml", cwd=tmp_path)
    assert json.loads(out)["invoice"]["id"] == 1012046
