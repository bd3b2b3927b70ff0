"""gateway.toml: what it can say, and every mistake named with its place."""

import re
import stat
from ipaddress import ip_network
from pathlib import Path

import pytest
from attrs import fields

from infakt_compat.dropin.config import Account, ConfigError, Gateway, read
from infakt_compat.dropin.secret import SecretUnusable, from_file, write_new
from infakt_compat.facade import Defaults
from infakt_compat.v3 import PRODUCTION, SANDBOX

from .support import CHEAP

HASH = CHEAP.hash("password")
WHOLE = f"""
listen = "127.0.0.1:9000"
base_urls = ["https://WWW.infakt.pl:443/", "http://shop.example:8080/v2-gateway"]
store = "data/store.sqlite3"
key_env = "GATEWAY_KEY"
clock_skew = 600
own_api_keys = true
base_url = "{SANDBOX}/"
limits = "off"
patience = 20
trusted_proxies = ["10.0.0.7"]
operators = ["192.168.1.0/24", "::1"]
threads = 4

[accounts.shop]
v3_key_env = "SHOP_KEY"
consumer_key = "ckey"
consumer_secret = "csecret"
quantity_as_number = true
[accounts.shop.users."user@example.test"]
password = "{HASH}"
[[accounts.shop.tokens]]
token = "ACCTOK"
secret = "ACCSEC"
[[accounts.shop.tokens]]
token = "ACCTOK2"
secret_env = "TOKEN_SECRET"
[accounts.shop.defaults]
email_on_sent = true
bank_account = {{ PLN = "12 1234", EUR = "34 1234" }}

[accounts.old-one]
v3_key_file = "old.key"
base_url = "{PRODUCTION}"
dialect = "classic"
consumer_key = "okey"
consumer_secret_file = "~/old.secret"
"""
SHOP = """
[accounts.shop]
v3_key_env = "SHOP_KEY"
consumer_key = "ckey"
consumer_secret_env = "CONSUMER_SECRET"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a gateway's key, and an environment with the other secrets."""
    write_new(tmp_path / "gateway.key", "k" * 40 + "\n")
    write_new(tmp_path / "old.key", "the-v3-key-of-old-one\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    write_new(tmp_path / "old.secret", "osecret")
    for name in ("SHOP_KEY", "CONSUMER_SECRET", "TOKEN_SECRET"):
        monkeypatch.setenv(name, f"the-{name}")
    monkeypatch.setenv("SPACED", "a v3 key")
    monkeypatch.setenv("GATEWAY_KEY", "g" * 32)
    return tmp_path


def config(folder: Path, text: str, mode: int = 0o600) -> Gateway:
    """Read a configuration of that text."""
    path = folder / "gateway.toml"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return read(path)


def problems(folder: Path, text: str, mode: int = 0o600) -> list[str]:
    """Give what is wrong with a configuration of that text."""
    with pytest.raises(ConfigError) as caught:
        config(folder, text, mode)
    assert str(caught.value).startswith(f"{folder}/gateway.toml: ")
    return [str(problem) for problem in caught.value.problems]


def test_all_that_it_can_say(folder: Path) -> None:
    """Each key, in each of its forms."""
    found = config(folder, WHOLE)
    assert found.listen == "127.0.0.1:9000"
    assert found.base_urls == ("https://www.infakt.pl", "http://shop.example:8080/v2-gateway")
    assert found.store == f"{folder}/data/store.sqlite3"
    assert found.key.matches("g" * 32)
    assert (found.clock_skew, found.own_api_keys, found.limits) == (600, True, "off")
    assert (found.base_url, found.dialect, found.patience) == (SANDBOX, "current", 20)
    assert found.trusted_proxies == (ip_network("10.0.0.7/32"),)
    assert found.operators == (ip_network("192.168.1.0/24"), ip_network("::1/128"))
    assert (found.threads, list(found.accounts)) == (4, ["shop", "old-one"])
    shop, old = found.accounts.values()
    assert shop.v3_key.matches("the-SHOP_KEY")
    assert (shop.base_url, shop.dialect, shop.quantity_as_number) == (SANDBOX, "current", True)
    assert shop.consumer_secret.matches("csecret")
    assert shop.users == {"user@example.test": HASH}
    assert shop.tokens["ACCTOK"].matches("ACCSEC")
    assert shop.tokens["ACCTOK2"].matches("the-TOKEN_SECRET")
    assert shop.defaults.email_on_sent
    assert shop.defaults.bank_account_for("EUR") == "34 1234"
    assert old.v3_key.matches("the-v3-key-of-old-one")
    assert old.consumer_secret.matches("osecret")
    assert (old.base_url, old.dialect) == (PRODUCTION, "classic")
    assert shop.store_name != old.store_name
    assert found.files == (folder / "old.key", folder / "old.secret")


def test_almost_nothing_is_needed(folder: Path) -> None:
    """An account; the rest has its defaults, and secrets elsewhere need no mode here."""
    found = config(folder, SHOP, mode=0o644)
    assert (found.listen, found.base_urls) == ("127.0.0.1:8082", ("https://www.infakt.pl",))
    assert (found.store, found.clock_skew, found.own_api_keys) == (None, 300, False)
    assert (found.base_url, found.operators) == (PRODUCTION, ())
    assert found.key.matches("k" * 40)
    assert config(folder, "").accounts == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lisen = 'x'", "lisen: there is no such key; listen is meant?"),
        ("zzz = 1", "zzz: there is no such key"),
        ("listen = 8082", "listen: has to be text"),
        ("listen = '8082'", "listen: is HOST:PORT, like 127.0.0.1:8082, not '8082'"),
        ("listen = 'host:99999'", "listen: is HOST:PORT, like 127.0.0.1:8082"),
        ("listen = '::1:80'", "listen: is HOST:PORT, [HOST]:PORT for IPv6"),
        ("listen = ''", "listen: is empty"),
        ("base_urls = 'https://x'", "base_urls: has to be a list"),
        ("base_urls = [1]", "base_urls: has to be a list of texts"),
        ("base_urls = ['www.infakt.pl']", "base_urls: is a list of URLs"),
        ("base_urls = ['https://x/?a=1']", "base_urls: a base URL has no user"),
        ("base_urls = ['https://x/api/v2']", "base_urls: leave /api/v2 away from https://x/api/v2"),
        ("base_urls = ['https://x:99999']", "base_urls: "),
        ("clock_skew = 0", "clock_skew: is between 1 and 86400, not 0"),
        ("clock_skew = 3e2", "clock_skew: has to be a whole number"),
        ("own_api_keys = 'yes'", "own_api_keys: has to be true or false"),
        ("own_api_keys = 1", "own_api_keys: has to be true or false"),
        ("threads = true", "threads: has to be a whole number"),
        ("limits = 'none'", "limits: is one of real, off, not 'none'"),
        ("dialect = 'v1'", "dialect: is one of current, classic, not 'v1'"),
        ("base_url = 'http://api.example'", "base_url: the API key does not go over plain HTTP"),
        ("operators = ['everybody']", "operators: holds addresses and networks"),
        ("key = 'inline'", "key: this key does not stand in the configuration: use _env or _file"),
        ("key_env = 'SHOP_KEY'", "key_file: the gateway's key has at least 32 characters"),
        ("key_env = 'NO_SUCH'", "key_env: the environment has no NO_SUCH"),
        ("key_file = 'none.key'", "key_file: {}/none.key cannot be read: No such file"),
        ("key_file = '.'", "key_file: {} is not a file"),
        ("store_env = 'NO_SUCH'", "store_env: the environment has no NO_SUCH"),
        ("store = 'a'\nstore_env = 'b'", "store: stands here more than once: store, store_env"),
        ("accounts = 1", "accounts: has to be a table"),
        ("[accounts]\nshop = 1", "accounts.shop: has to be a table"),
        ("[accounts.'a b']", "accounts.a b: an account's name has 1 to 64 letters"),
    ],
)
def test_each_mistake_is_named(folder: Path, text: str, said: str) -> None:
    """With its key, and what would be right."""
    assert any(one.startswith(said.format(folder)) for one in problems(folder, text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("v3_key = 'inline'", "v3_key: this key does not stand in the configuration"),
        ("v3_key_file = 'old.key'", "v3_key: stands here more than once: v3_key_env, v3_key_file"),
        ("consumer_secret = 'x'", "consumer_secret: stands here more than once"),
        ("v3_key_env = 'SPACED'", "v3_key: the API key is empty or has characters that no key has"),
        ("dialect = 1", "dialect: has to be text"),
        ("v3_keys = 'x'", "v3_keys: there is no such key; v3_key_env is meant?"),
        ("[accounts.shop.users.anna]", "users.anna.password: is no argon2id hash"),
        ("[accounts.shop.users.anna]\npassword = 'geheim'", "users.anna.password: is no argon2id"),
        ("[accounts.shop.users]\nanna = 'x'", "users.anna: has to be a table"),
        ('[accounts.shop.users."a\\nb"]', "users.a\nb: a user's name has 1 to 255 characters"),
        ("[[accounts.shop.tokens]]", "tokens[1].token: is needed: 1 to 255 visible ASCII"),
        ("[[accounts.shop.tokens]]\ntoken = 'a b'", "tokens[1].token: is needed"),
        ("[[accounts.shop.tokens]]\ntoken = 'a'", "tokens[1]: needs secret or secret_env"),
        ("tokens = ['a']", "tokens: has to be written as [[accounts.shop.tokens]]"),
        ("[accounts.shop.tokens]\na = 'b'", "tokens: has to be a list"),
        ("[accounts.shop.defaults]\nsend = true", "defaults: no such default: send"),
        ("[accounts.shop.defaults]\nsale_type = 1", "defaults: sale_type is one of"),
        ("[accounts.shop.defaults]\nrates = 1", "defaults: "),
        (
            "dialect = 'classic'\n[accounts.shop.defaults]\nsend_to_ksef = true",
            "defaults.send_to_ksef: the classic v3 has no KSeF",
        ),
    ],
)
def test_each_mistake_of_an_account_is_named(folder: Path, text: str, said: str) -> None:
    """With the account's name."""
    shop = SHOP if "v3_key_env" not in text else SHOP.replace('v3_key_env = "SHOP_KEY"\n', "")
    assert any(one.startswith(f"accounts.shop.{said}") for one in problems(folder, shop + text))


@pytest.mark.parametrize("key", ["v3_key_env", "consumer_key", "consumer_secret_env"])
def test_what_an_account_needs(folder: Path, key: str) -> None:
    """A v3 key, a consumer key and its secret."""
    text = re.sub(f"^{key} = .*$", "", SHOP, flags=re.MULTILINE)
    assert len(problems(folder, text)) == 1


def test_all_mistakes_at_once(folder: Path) -> None:
    """Not one after the other."""
    text = "listen = 1\nthreads = 0\n[accounts.shop]\nv3_key_env = 'NO_SUCH'"
    found = problems(folder, text)
    assert [one.partition(":")[0] for one in found] == [
        "accounts.shop.v3_key_env",
        "accounts.shop.consumer_key",
        "accounts.shop",
        "listen",
        "threads",
    ]


def test_accounts_that_cannot_be_told_apart(folder: Path) -> None:
    """One consumer key with two secrets; one user or token of it in two accounts."""
    user = f"[accounts.{{}}.users.anna]\npassword = '{HASH}'\n"
    token = "[[accounts.{}.tokens]]\ntoken = 'T'\nsecret = 'S'\n"
    both = "".join(
        SHOP.replace("shop", name) + user.format(name) + token.format(name)
        for name in ("one", "two")
    )
    assert problems(folder, both) == [
        "accounts.two.users: anna stands in one, too",
        "accounts.two.tokens: a token stands in one, too",
    ]
    other_secret = SHOP.replace("shop", "two").replace("CONSUMER_SECRET", "SHOP_KEY")
    assert problems(folder, SHOP + other_secret) == [
        "accounts.two: shop has the same consumer_key with another secret"
    ]
    assert problems(folder, SHOP + 2 * token.format("shop")) == [
        "accounts.shop.tokens[2].token: stands here twice"
    ]
    two_users = SHOP.replace("shop", "one") + user.format("one") + SHOP.replace("shop", "two")
    assert len(config(folder, two_users).accounts) == 2


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o777, 0o610])
@pytest.mark.parametrize("name", ["gateway.key", "old.key", "gateway.toml"])
def test_secrets_that_others_can_read(folder: Path, name: str, mode: int) -> None:
    """Refused, with the command that mends it; also the configuration, where it holds secrets."""
    text = SHOP.replace('v3_key_env = "SHOP_KEY"', 'v3_key_file = "old.key"')
    assert config(folder, text, mode=0o644)
    text = text.replace("consumer_secret_env", "consumer_secret")
    assert config(folder, text)
    if name != "gateway.toml":
        (folder / name).chmod(mode)
    (found,) = problems(folder, text, mode if name == "gateway.toml" else 0o600)
    assert f"{folder}/{name} can be read by others (mode {mode:04o})" in found
    assert f"chmod 600 {folder}/{name}" in found


@pytest.mark.parametrize("inline", ["user", "token", "store"])
def test_every_sort_of_secret_counts(folder: Path, inline: str) -> None:
    """A password's hash, a token's secret and a database's password, too."""
    texts = {
        "user": f"{SHOP}[accounts.shop.users.anna]\npassword = '{HASH}'",
        "token": f"{SHOP}[[accounts.shop.tokens]]\ntoken = 'T'\nsecret = 'S'",
        "store": "store = 'postgresql://user:password@host/base'",
    }
    assert config(folder, texts[inline])
    assert "chmod 600" in problems(folder, texts[inline], mode=0o640)[0]


def test_where_the_store_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the file, anywhere, or at a URL, whose password may stand in the environment."""
    url = "postgresql://user:password@host/base"
    monkeypatch.setenv("STORE", url)
    places = {
        "store = 'a.sqlite3'": f"{folder}/a.sqlite3",
        "store = '/var/a.sqlite3'": "/var/a.sqlite3",
        "store = '~/a.sqlite3'": f"{folder}/a.sqlite3",
        "store = 'postgresql:///base'": "postgresql:///base",
        "store_env = 'STORE'": url,
        "": None,
    }
    for text, place in places.items():
        assert config(folder, text, mode=0o644).store == place


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe", b"x" * 70_000])
def test_a_file_without_a_secret(folder: Path, content: bytes) -> None:
    """Empty, no text, or far too long."""
    path = folder / "other.key"
    write_new(path, "")
    path.write_bytes(content)
    with pytest.raises(SecretUnusable, match="holds no secret"):
        from_file(path)


def test_a_secret_is_written_for_its_owner_only(folder: Path) -> None:
    """And never over another."""
    write_new(folder / "new", "secret")
    assert stat.S_IMODE((folder / "new").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_new(folder / "new", "another")


def test_a_file_that_is_no_toml(folder: Path) -> None:
    """Or that is not there: then the way to one is named."""
    assert problems(folder, "listen = ")[0].startswith("is not TOML: ")
    with pytest.raises(ConfigError, match="infakt-compat gateway init"):
        read(folder / "none.toml")


def test_no_secret_in_what_is_shown(folder: Path) -> None:
    """Neither of a configuration nor of its mistakes."""
    found = config(folder, WHOLE)
    secrets = ["csecret", "osecret", "ACCSEC", "g" * 32, "SHOP_KEY", HASH, "TOKEN_SECRET"]
    assert not [secret for secret in secrets if secret in repr(found)]
    wrong = "[accounts.shop]\nv3_key = 'TAJNE1'\nconsumer_secret = ['TAJNE2']\nusers = 'TAJNE3'\n"
    wrong += "tokens = [['TAJNE4']]\ndialect = ['TAJNE5']\ndefaults = 'TAJNE6'"
    assert "TAJNE" not in "".join(problems(folder, wrong))


SHOWN = Path(__file__).parents[1] / "callers" / "gateway.toml"


@pytest.mark.parametrize("all_keys", [False, True], ids=["as shown", "every key"])
def test_the_file_that_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, all_keys: bool
) -> None:
    """It can be read, its comments are true defaults, and no key is left out."""
    monkeypatch.setenv("INFAKT_API_KEY", "a-v3-key")
    text = SHOWN.read_text("utf-8")
    if all_keys:
        text = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
    write_new(tmp_path / "gateway.toml", text)
    gateway = read(tmp_path / "gateway.toml")
    shop = gateway.accounts["shop"]
    assert list(shop.users) == ["anna"]
    plain = Gateway(path=gateway.path, key=gateway.key)
    for name in ("listen", "clock_skew", "own_api_keys", "patience", "threads", "limits",
                 "trusted_proxies", "operators", "base_url", "dialect"):  # fmt: skip
        assert getattr(gateway, name) == getattr(plain, name)
    keys = {one.name for kind in (Gateway, Account, Defaults) for one in fields(kind)}
    derived = {"path", "files", "key", "v3_key", "name"}
    assert not {key for key in keys - derived if not re.search(rf"\b{key}\b", text)}
    if all_keys:
        assert shop.defaults.bank_account_for("PLN") == "61 1090 1014 0000 0712 1981 2874"
        assert shop.defaults.payment_methods
