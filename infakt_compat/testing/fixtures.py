"""A pytest plugin with the fixture ``standin``: a v3 of our own, for tests of legacy callers.

In the topmost conftest.py::

    pytest_plugins = ["infakt_compat.testing.fixtures"]

and then in a test, with a marker where the defaults do not fit::

    @pytest.mark.standin(dialect="classic", limits="real", samples=3)
    def test_invoices_are_listed(standin):
        requests.get(f"{standin.url}/invoices.json", headers={"X-inFakt-ApiKey": standin.api_key})
"""

from collections.abc import Iterator
from typing import Any

import pytest

from infakt_compat.standin import StandIn

_SETTINGS = ("dialect", "latency_ms", "limits", "samples", "seed")
_MARKER = (
    'standin(dialect="current", limits="off", samples=0, latency_ms=0, seed=1): '
    "how the fixture `standin` starts; samples are documents to begin with, latency_ms is "
    "milliseconds that each answer takes."
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known to ``--markers`` and ``--strict-markers``."""
    config.addinivalue_line("markers", _MARKER)


def _settings(marker: pytest.Mark | None) -> dict[str, Any]:
    """What a marker says; one that says anything else is an error of the test."""
    if marker is None:
        return {}
    wrong = [*map(repr, marker.args), *(name for name in marker.kwargs if name not in _SETTINGS)]
    if wrong:
        known = ", ".join(f"{name}=" for name in _SETTINGS)
        pytest.fail(f"pytest.mark.standin takes {known} and not {', '.join(wrong)}", pytrace=False)
    return dict(marker.kwargs)


@pytest.fixture
def standin(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """Run a fresh stand-in on loopback, in memory, and stop it when the test has ended.

    The marker ``standin`` sets what it starts with: ``dialect`` ("current" or "classic"),
    ``limits`` ("off" or "real"), ``samples`` (how many documents), ``latency_ms`` (milliseconds
    that an answer takes), ``seed`` (the number that ids follow from). Of several markers the one
    nearest to the test counts, alone.
    """
    with StandIn(**_settings(request.node.get_closest_marker("standin"))) as running:
        yield running
