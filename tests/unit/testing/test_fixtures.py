"""The fixture `standin` as a project of someone else's uses it, and what the strategies import."""

import subprocess
import sys

import pytest

# Imported here, so that the tests that pytester runs in this process do not import it anew.
import infakt_compat.standin  # noqa: F401

PLUGIN = 'pytest_plugins = ["infakt_compat.testing.fixtures"]'

HELP = """
    import json
    import threading
    from http.client import HTTPConnection
    from urllib.parse import urlsplit

    import pytest

    def get(standin, path):
        url = urlsplit(standin.url + path)
        connection = HTTPConnection(url.netloc, timeout=10)
        connection.request("GET", url.path, headers={"X-inFakt-ApiKey": standin.api_key})
        answer = json.load(connection.getresponse())
        connection.close()
        return answer

    # Other tests of this process may have stand-ins of their own.
    BEFORE = set(threading.enumerate())

    def threads():
        new = set(threading.enumerate()) - BEFORE
        return [thread for thread in new if thread.name == "stand-in"]
"""


def run(pytester: pytest.Pytester, tests: str, **outcomes: int) -> pytest.RunResult:
    """Run tests in a project that names the plugin, and compare how they ended."""
    pytester.makeconftest(PLUGIN)
    pytester.makepyfile(test_one=f"{HELP}\n{tests}")
    result = pytester.runpytest_inprocess("--strict-markers", "-p", "no:cacheprovider")
    result.assert_outcomes(**outcomes)
    return result


def test_without_a_marker_it_is_empty_and_of_today(pytester: pytest.Pytester) -> None:
    """It answers over HTTP, in today's dialect, without limits and documents."""
    run(
        pytester,
        """
    def test_it(standin):
        assert get(standin, "/invoices.json")["entities"] == []
        world = standin.world.describe()
        assert world["dialect"] == "current"
        assert standin.world.limiter.mode == "off"
    """,
        passed=1,
    )


def test_the_marker_sets_dialect_limits_and_samples(pytester: pytest.Pytester) -> None:
    """What the marker names comes into force; the rest stays as it was."""
    run(
        pytester,
        """
    @pytest.mark.standin(dialect="classic", limits="real", samples=3)
    def test_it(standin):
        assert standin.world.dialect == "classic"
        assert standin.world.limiter.mode == "real"
        assert get(standin, "/invoices.json")["metainfo"]["total_count"] >= 1
        assert sum(standin.world.describe()["records"].values()) > 3
    """,
        passed=1,
    )


def test_the_nearest_marker_counts_alone(pytester: pytest.Pytester) -> None:
    """A marker of the module holds where a test has none of its own."""
    run(
        pytester,
        """
    pytestmark = pytest.mark.standin(dialect="classic", limits="real")

    def test_of_the_module(standin):
        assert (standin.world.dialect, standin.world.limiter.mode) == ("classic", "real")

    @pytest.mark.standin(limits="off")
    def test_of_its_own(standin):
        assert (standin.world.dialect, standin.world.limiter.mode) == ("current", "off")
    """,
        passed=2,
    )


def test_each_test_has_a_fresh_one(pytester: pytest.Pytester) -> None:
    """What one test stored, the next does not see; nothing runs on after a test, failed or not."""
    result = run(
        pytester,
        """
    SEEN = []

    @pytest.mark.parametrize("number", [1, 2])
    def test_it(standin, number):
        assert [thread.is_alive() for thread in threads()] == [True]
        assert get(standin, "/clients.json")["entities"] == []
        standin.seed(clients=[{"company_name": "Firma"}])
        assert len(get(standin, "/clients.json")["entities"]) == 1
        SEEN.append(standin)

    def test_that_fails(standin):
        SEEN.append(standin)
        assert "on purpose" == ""

    def test_all_are_stopped():
        assert threads() == []
        assert len(set(map(id, SEEN))) == 3
        for each in SEEN:
            with pytest.raises(RuntimeError, match="does not run"):
                each.url
    """,
        passed=3,
        failed=1,
    )
    result.stdout.fnmatch_lines(["*on purpose*"])


def test_a_test_may_stop_it_itself(pytester: pytest.Pytester) -> None:
    """For what a caller does when the service is gone."""
    run(
        pytester,
        """
    def test_it(standin):
        connection = HTTPConnection(urlsplit(standin.url).netloc, timeout=10)
        standin.stop()
        with pytest.raises(ConnectionRefusedError):
            connection.connect()
    """,
        passed=1,
    )


@pytest.mark.parametrize(
    ("marker", "says"),
    [
        ('dialekt="classic"', "*and not dialekt*"),
        ('"classic"', "*and not 'classic'*"),
        ('db="kept.sqlite"', "*and not db*"),
        ('dialect="antique"', "*no such dialect: antique*"),
    ],
)
def test_a_marker_that_is_wrong(pytester: pytest.Pytester, marker: str, says: str) -> None:
    """The test does not start, and what is wrong is said."""
    tests = f"""
    @pytest.mark.standin({marker})
    def test_it(standin):
        pass
    """
    run(pytester, tests, errors=1).stdout.fnmatch_lines([says])


def test_markers_are_listed(pytester: pytest.Pytester) -> None:
    """`pytest --markers` says what the marker takes."""
    pytester.makeconftest(PLUGIN)
    result = pytester.runpytest_inprocess("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.standin(dialect=*, limits=*, samples=*): *"])


def test_in_a_process_of_its_own(pytester: pytest.Pytester) -> None:
    """The plugin gives no warning, neither of itself nor of what it imports or leaves open."""
    pytester.makeconftest(PLUGIN)
    pytester.makepyfile("def test_it(standin): assert standin.url.endswith('/api/v3')")
    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_strategies_need_neither_pytest_nor_the_stand_in() -> None:
    """`import infakt_compat.testing` imports the strategies and no more."""
    code = (
        "import sys, infakt_compat.testing as testing\n"
        "assert all(hasattr(testing, name) for name in testing.__all__)\n"
        "heavy = ('pytest', '_pytest', 'infakt_compat.standin', 'infakt_compat.testing.fixtures')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
