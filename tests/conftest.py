"""What all tests share: how long the laws are searched, and the option for a long search."""

import getpass
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.database import DirectoryBasedExampleDatabase

#: For fixtures of ours, a browser, PostgreSQL, v3; pytest wants plugins in the topmost conftest.
pytest_plugins = ["pytester", "tests.browser", "tests.postgres", "tests.standins"]

EXAMPLES = 1_000
LONG_EXAMPLES = 100_000

# Beside the tree, never in it: examples that failed are tried first in the next run.
_HOME = Path(tempfile.gettempdir()) / f"infakt-compat-hypothesis-{getpass.getuser()}"
set_hypothesis_home_dir(_HOME)

# Compiled once all the same where Python is told not to: hundreds of processes start here.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(_HOME / "bytecode")
    sys.dont_write_bytecode = False

# Journals and stores are written to disk for certain at each step: in memory that takes no time.
_MEMORY, _ENOUGH = Path("/dev/shm"), 4 * 1024**3
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def _register(name: str, max_examples: int) -> None:
    common = settings(
        max_examples=max_examples,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    database = DirectoryBasedExampleDatabase(_HOME / "examples")
    settings.register_profile(name, common, database=database)
    settings.register_profile(f"{name}-ci", common, database=None, derandomize=True)


_register("laws", EXAMPLES)
_register("laws-long", LONG_EXAMPLES)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--long``."""
    parser.addoption(
        "--long",
        action="store_true",
        help=f"search each law with {LONG_EXAMPLES:,} documents instead of {EXAMPLES:,}",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take the profile: long when asked for, the same documents in every run where CI is set."""
    if config.getoption("--hypothesis-profile", default=None):
        return
    name = "laws-long" if config.getoption("--long") else "laws"
    settings.load_profile(f"{name}-ci" if os.environ.get("CI") else name)


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """Measure no coverage: for tests that do the same again and again.

    pytest-cov's own mark does not help with pytest-xdist: there it starts two measurements, and
    stops one of them.
    """
    measuring = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(measuring)
