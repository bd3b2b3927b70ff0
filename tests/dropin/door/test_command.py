"""`infakt-compat gateway`: init, add-user and check, as a stranger uses them."""

import builtins
import stat
import time
import tomllib
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner

from infakt_compat.cli.main import group
from infakt_compat.dropin import passwords
from infakt_compat.dropin.checking import Finding, Verdict, check
from infakt_compat.dropin.config import read
from infakt_compat.standin import StandIn

from .support import CHEAP


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, that is also the user's home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("INFAKT_API_KEY", "a-v3-key")
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: CHEAP)
    return tmp_path


@pytest.fixture
def standin(current: StandIn) -> StandIn:
    """Give a v3, with a second key that may only read."""
    current.seed(keys=[{"key": "reads-only", "scopes": ["api:invoices:read"]}])
    return current


def invoke(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
    """Run the command: its exit code, standard output, and what else was said."""
    result = CliRunner().invoke(group, ["gateway", *arguments], input=stdin, standalone_mode=False)
    code = getattr(result.exception, "exit_code", result.return_value) or 0
    return code, result.stdout, result.stderr + getattr(result.exception, "message", "")


def mode(path: Path) -> int:
    """Give a file's mode."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_configuration_in_one_command(folder: Path) -> None:
    """It can be used as it is; it and the key are their owner's only."""
    code, _, said = invoke("init", "--user", "anna", "--password-stdin", stdin="hasło\n")
    assert code == 0, said
    assert "gateway check --config gateway.toml" in said
    assert (mode(folder / "gateway.toml"), mode(folder / "gateway.key")) == (0o600, 0o600)
    found = read(folder / "gateway.toml")
    assert found.accounts["shop"].v3_key.matches("a-v3-key")
    assert CHEAP.verify(found.accounts["shop"].users["anna"], "hasło")
    assert "hasło" not in (folder / "gateway.toml").read_text()
    assert len(found.accounts["shop"].consumer_key) == 20


def test_nothing_is_written_over(folder: Path) -> None:
    """Neither a configuration nor a key, on which all tokens depend."""
    (folder / "gateway.key").write_text("k" * 32)
    assert invoke("init", "--account", "sklep")[0] == 0
    assert (folder / "gateway.key").read_text() == "k" * 32
    before = (folder / "gateway.toml").read_text()
    code, _, said = invoke("init")
    assert (code, (folder / "gateway.toml").read_text()) == (2, before)
    assert "is there already" in said
    code, _, said = invoke("init", "--config", "none/gateway.toml")
    assert (code, said) == (2, "none/gateway.key cannot be written: No such file or directory")


def test_the_password_is_asked_for_without_showing_it(folder: Path) -> None:
    """Twice; two that differ are asked for again."""
    code, out, said = invoke("init", "--user", "anna", stdin="one\ntwo\nthree\nthree\n")
    assert code == 0
    assert (out, said.count("Password of anna")) == ("", 2)
    assert "three" not in said
    assert CHEAP.verify(read(folder / "gateway.toml").accounts["shop"].users["anna"], "three")


@pytest.mark.parametrize("name", ["anna", "user@example.test", 'żółć "x" \\ <b>', "[x]", "a.b"])
def test_an_entry_to_paste(folder: Path, name: str) -> None:
    """On standard output, and good whatever the name has in it."""
    assert invoke("init")[0] == 0
    code, out, said = invoke("add-user", "--token", "--password-stdin", name, stdin="hasło\n")
    assert (code, "hasło" in out) == (0, False)
    assert "Paste this into gateway.toml" in said
    with (folder / "gateway.toml").open("a", encoding="utf-8") as file:
        file.write(out)
    shop = read(folder / "gateway.toml").accounts["shop"]
    assert CHEAP.verify(shop.users[name], "hasło")
    ((token, secret),) = shop.tokens.items()
    assert (len(token), len(secret.reveal())) == (40, 40)


def test_an_account_with_its_first_user() -> None:
    """A whole account, with a new consumer key; it needs no configuration yet."""
    arguments = ["add-user", "--account", "sklep", "--new-account", "--password-stdin", "anna"]
    code, out, _ = invoke(*arguments, stdin="x\n")
    account = tomllib.loads(out)["accounts"]["sklep"]
    assert (code, set(account)) == (0, {"v3_key_env", "consumer_key", "consumer_secret", "users"})
    assert invoke(*arguments, stdin="x\n")[1] != out


def test_one_account_more_has_a_key_of_its_own(folder: Path) -> None:
    """Never the variable of another account, also where two names would make the same."""
    assert invoke("init")[0] == 0
    names = ("drugi-sklep", "drugi_sklep", "SKLEP")
    for name in names:
        arguments = ["--account", name, "--new-account", "--password-stdin", "anna"]
        code, out, said = invoke("add-user", *arguments, stdin="x\n")
        assert code == 0, said
        with (folder / "gateway.toml").open("a", encoding="utf-8") as file:
            file.write(out)
    accounts = tomllib.loads((folder / "gateway.toml").read_text())["accounts"]
    assert {name: one["v3_key_env"] for name, one in accounts.items()} == {
        "shop": "INFAKT_API_KEY",
        "drugi-sklep": "INFAKT_API_KEY_DRUGI_SKLEP",
        "drugi_sklep": "INFAKT_API_KEY_DRUGI_SKLEP_2",
        "SKLEP": "INFAKT_API_KEY_SKLEP",
    }
    assert "export INFAKT_API_KEY_SKLEP=" in said


def test_a_key_that_was_lost_is_made_anew(folder: Path) -> None:
    """The configuration stays; what the new key voids is said. Elsewhere nothing is made."""
    assert invoke("init")[0] == 0
    before = (folder / "gateway.toml").read_text()
    (folder / "gateway.key").unlink()
    assert "gateway init" in findings(folder, before)["configuration"].said
    code, _, said = invoke("init")
    assert (code, (folder / "gateway.toml").read_text()) == (0, before)
    assert "token" in said
    assert mode(folder / "gateway.key") == 0o600
    assert read(folder / "gateway.toml").key
    (folder / "gateway.toml").write_text(f"key_file = 'own.key'\n{before}")
    assert invoke("init")[0] == 0
    assert mode(folder / "own.key") == 0o600
    assert read(folder / "gateway.toml").key
    (folder / "gateway.key").unlink()
    (folder / "gateway.toml").write_text(f"key_env = 'GATEWAY_KEY'\n{before}")
    assert invoke("init")[0] == 2
    assert not (folder / "gateway.key").exists()


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (None, ["anna"], "gateway.toml cannot be read: No such file or directory"),
        ("[accounts.a]\n[accounts.b]", ["anna"], "name the account (--account)"),
        ("", ["anna"], "name the account (--account)"),
        ("x = ", ["anna"], "is not TOML"),
        ("[accounts.a]", ["anna"], "the password is empty"),
        ("[accounts.a]", ["an\nna"], "without control characters"),
        ("[accounts.a]", ["--account", "a.b", "anna"], "letters, digits, - and _, not 'a.b'"),
        (
            "[accounts.a]",
            ["--account", "nope", "anna"],
            "has no account nope, but a: --new-account",
        ),
        ("[accounts.a]", ["--account", "a", "--new-account", "anna"], "leave --new-account out"),
        ("[accounts.a]", ["--new-account", "anna"], "name the account (--account)"),
        (None, ["--account", "a", "anna"], "To begin: gateway init"),
    ],
)
def test_what_cannot_be_done(
    folder: Path, text: str | None, arguments: list[str], said: str
) -> None:
    """Exit code 2, and what to do."""
    if text is not None:
        (folder / "gateway.toml").write_text(text)
    code, out, found = invoke("add-user", "--password-stdin", *arguments, stdin="\n")
    assert (code, out) == (2, "")
    assert said in found


@pytest.mark.parametrize("before", [True, False])
def test_the_configuration_may_be_named_on_either_side(folder: Path, before: bool) -> None:
    """`gateway --config FILE check` and `gateway check --config FILE` are the same."""
    (folder / "other.toml").write_text("[accounts.of-other]")
    command = ["add-user", "--password-stdin", "anna"]
    option = ["--config", "other.toml"]
    code, out, _ = invoke(*(option + command if before else command + option), stdin="x\n")
    assert (code, "of-other" in out) == (0, True)


# ---- check


def _shifted(off: float) -> float:
    """Give a moment that is off."""
    return time.time() + off


def findings(folder: Path, text: str) -> dict[str, Finding]:
    """Check a configuration of that text; give what was found by what was tried."""
    path = folder / "gateway.toml"
    path.write_text(text)
    path.chmod(0o600)
    return {finding.what: finding for finding in check(path)}


def configured(standin: StandIn) -> str:
    """Write a configuration for a v3."""
    code, _, said = invoke("init", "--user", "anna", "--password-stdin", stdin="x\n")
    assert code == 0, said
    top = f'base_url = "{standin.url}"\nstore = "store.sqlite3"\n'
    return top + Path("gateway.toml").read_text()


def test_all_is_well(folder: Path, standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thing that was tried, and 0; in the account nothing has changed."""
    monkeypatch.setenv("INFAKT_API_KEY", standin.api_key)
    (folder / "gateway.toml").write_text(configured(standin))
    (folder / "gateway.toml").chmod(0o600)
    code, out, _ = invoke("check")
    assert code == 0
    for what in ("configuration", "secret", "address", "base URLs", "store", "callers"):
        assert f"ok        {what}" in out
    for what in ("callers", "v3 key", "invoices", "clients", "writing", "clock"):
        assert f"ok        shop: {what}" in out
    assert mode(folder / "store.sqlite3") == 0o600


def test_wrong_keys_and_missing_scopes(
    folder: Path, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What v3 says, and what to do about it."""
    text = configured(standin)
    monkeypatch.setenv("INFAKT_API_KEY", "reads-only")
    found = findings(folder, text)
    assert found["shop: clients"].verdict is Verdict.OK
    assert found["shop: writing"].verdict is Verdict.WRONG
    assert "api:invoices:write" in found["shop: writing"].remedy
    monkeypatch.setenv("INFAKT_API_KEY", "unknown")
    found = findings(folder, text)
    assert found["shop: v3 key"].verdict is Verdict.WRONG
    assert "v3_key_env" in found["shop: v3 key"].remedy
    assert "shop: writing" not in found
    code, out, _ = invoke("check")
    assert code == 2
    assert "wrong     shop: v3 key" in out


def test_two_accounts_with_one_key(
    folder: Path, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their values, wherever they come from; none is shown."""
    monkeypatch.setenv("INFAKT_API_KEY", standin.api_key)
    monkeypatch.setenv("INFAKT_API_KEY_OTHER", standin.api_key)
    text = configured(standin)
    other = ["--account", "other", "--new-account", "--password-stdin", "ewa"]
    text += invoke("add-user", *other, stdin="x\n")[1]
    found = [one for one in _all(folder, text) if one.verdict is Verdict.WRONG]
    assert [one.what for one in found] == ["other: v3 key"]
    assert "the same v3 key as shop's" in found[0].said
    assert standin.api_key not in str(found)
    monkeypatch.setenv("INFAKT_API_KEY_OTHER", "reads-only")
    assert "the same v3 key" not in str(_all(folder, text))


def _all(folder: Path, text: str) -> list[Finding]:
    (folder / "gateway.toml").write_text(text)
    (folder / "gateway.toml").chmod(0o600)
    return list(check(folder / "gateway.toml"))


def test_a_v3_that_is_not_there(folder: Path, standin: StandIn) -> None:
    """The base URL is named; what depends on it is not tried."""
    text = configured(standin).replace(standin.url, "http://127.0.0.1:9/api/v3")
    found = findings(folder, text)
    assert found["shop: v3 key"].verdict is Verdict.WRONG
    assert "http://127.0.0.1:9/api/v3" in found["shop: v3 key"].remedy
    assert "shop: clock" not in found


def test_a_base_url_that_is_not_v3s(folder: Path, standin: StandIn) -> None:
    """A server is there, and knows nothing of accounts."""
    text = configured(standin).replace(standin.url, f"{standin.url}/wrong")
    found = findings(folder, text)
    assert found["shop: v3 key"].verdict is Verdict.WRONG
    assert "is this v3's base_url?" in found["shop: v3 key"].remedy


def test_a_clock_that_is_off(folder: Path, standin: StandIn) -> None:
    """By v3's own Date: callers with a right clock would be refused."""
    path = folder / "gateway.toml"
    path.write_text(configured(standin))
    path.chmod(0o600)
    for off, verdict in ((0.0, Verdict.OK), (-400.0, Verdict.WRONG), (400.0, Verdict.WRONG)):
        clock = partial(_shifted, off)
        found = {one.what: one for one in check(path, clock)}
        assert found["shop: clock"].verdict is verdict


def test_nobody_gets_in(folder: Path) -> None:
    """Without accounts nobody is served; an account without users and tokens has no callers."""
    assert invoke("init")[0] == 0
    written = (folder / "gateway.toml").read_text()
    found = findings(folder, "base_url = 'http://127.0.0.1:9'\n" + written)
    assert found["shop: callers"].verdict is Verdict.ADVICE
    assert "add-user --account shop" in found["shop: callers"].remedy
    found = findings(folder, "")
    assert found["callers"].verdict is Verdict.WRONG
    found = findings(folder, "own_api_keys = true\nlisten = '0.0.0.0:8082'\nstore = '/dev/null/x'")
    assert found["callers"].verdict is Verdict.OK
    assert found["address"].verdict is Verdict.ADVICE
    assert found["store"].verdict is Verdict.WRONG
    assert found["store"].remedy


def test_every_mistake_is_a_line(folder: Path) -> None:
    """And 2."""
    (folder / "gateway.toml").write_text("listen = 1\nthreads = 'x'\n")
    code, out, _ = invoke("check")
    assert code == 2
    assert [out.count(word) for word in ("wrong ", "listen:", "threads:")] == [3, 1, 1]
    assert "let infakt-compat gateway init make a new one" in " ".join(out.split())


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a defect of ours."""
    real = builtins.__import__

    def without(name: str, *arguments: object, **named: object) -> object:
        if name.startswith("infakt_compat.dropin.checking"):
            raise ModuleNotFoundError("No module named 'oauthlib'", name="oauthlib")
        return real(name, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    code, _, said = invoke("check")
    assert (code, "infakt-compat[gateway]" in said) == (2, True)


def test_real_hashes_cost_what_they_should() -> None:
    """The default of argon2-cffi is RFC 9106's; nothing here makes it cheaper."""
    hashed = passwords.new_hash("x", PasswordHasher())
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
