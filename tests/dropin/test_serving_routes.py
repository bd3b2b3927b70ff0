"""v2's addresses: every documented and every real form, and a clear 404 for all else."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infakt_compat.dropin.routes import NotServed, match
from infakt_compat.errors import TableError
from infakt_compat.standin import StandIn
from infakt_compat.tables.files import data_folder
from infakt_compat.tables.routes import load_routes, routes
from infakt_compat.tables.user_data import load_user_fields

from .serving_support import BASE, Caller, check, error_tree, tree_of

Edit = Callable[[str, str], None]

#: v2-wire 1: verb, methods, addresses with an id in the path or without.
FORMS = [
    ("invoices.list", "GET", ["invoices", "invoices/list"]),
    ("invoices.show", "GET", ["invoices/show", "invoices/show/7"]),
    ("invoices.create", "POST", ["invoices/create"]),
    ("invoices.update", "POST", ["invoices/update", "invoices/update/7"]),
    ("invoices.delete", "GET POST DELETE", ["invoices/delete", "invoices/delete/7"]),
    ("invoices.paid", "GET POST", ["invoices/paid", "invoices/paid/7"]),
    ("invoices.deliver", "GET", ["invoices/deliver", "invoices/deliver/7"]),
    ("invoices.pdf", "GET", ["invoices/pdf", "invoices/pdf/7"]),
    ("clients.list", "GET", ["clients", "clients/list"]),
    ("clients.show", "GET", ["clients/show", "clients/show/7"]),
    ("clients.create", "POST", ["clients/create"]),
    ("clients.update", "POST", ["clients/update", "clients/update/7"]),
    ("clients.delete", "GET POST DELETE", ["clients/delete", "clients/delete/7"]),
    ("settings.user_data", "GET POST", ["settings/user_data"]),
]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(("name", "methods", "paths"), FORMS, ids=lambda value: str(value)[:20])
def test_an_address_takes_its_methods_and_no_others(
    name: str, methods: str, paths: list[str], form: str, method: str
) -> None:
    """As documented, and as really sent (v2-wire 1); HEAD where GET changes nothing."""
    read = name.partition(".")[2] in ("list", "show", "pdf", "user_data")
    for path in paths:
        if method in methods.split() or (method == "HEAD" and read):
            found = match(method, f"/api/v2/{path}.{form}")
            assert (found.route.name, found.form) == (name, form)
            assert found.id == ("7" if path.endswith("/7") else None)
        else:
            with pytest.raises(NotServed) as caught:
                match(method, f"/api/v2/{path}.{form}")
            assert "method" in caught.value.message
            assert caught.value.details == f"only {', '.join(methods.split())}"
            assert caught.value.form == form


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/api/v2/products/list.json", "json", "nothing at this address"),
        ("/api/v2/products.xml", "xml", "nothing at this address"),
        ("/api/v2/invoices/show/1/2.xml", "xml", "nothing at this address"),
        ("/api/v2/invoices/1.json", "json", "nothing at this address"),
        ("/api/v2/invoices/show/.json", "json", "nothing at this address"),
        ("/api/v2/invoices/../clients/list.json", "json", "nothing at this address"),
        ("/api/v2/invoices/list.json/", "json", "nothing at this address"),
        ("/api/v2/", "json", "nothing at this address"),
        ("/api/v3/invoices.json", "json", "nothing at this address"),
        ("", "json", "nothing at this address"),
        ("/api/v2/invoices/list", "json", "ends with .json or .xml"),
        ("/api/v2/invoices/list.html", "json", "nothing at this address"),
        ("/api/v2/invoices/show/1", "json", "ends with .json or .xml"),
    ],
)
def test_anything_else_is_a_clear_404(path: str, form: str, said: str) -> None:
    """In the format that was asked for, JSON where none was; it names what is not served."""
    with pytest.raises(NotServed, match=said) as caught:
        match("GET", path)
    assert caught.value.form == form
    if path.startswith("/api/v2/") and "nothing" in said:
        for part in ("products", "book of revenue", "grounds of exemption"):
            assert part in caught.value.details


@pytest.mark.parametrize("id", ["7", "a%2Fb", "%31", "x.y", "-1", "%ff", ":id", "7%00"])
def test_an_id_in_the_path_is_decoded(id: str) -> None:  # noqa: A002
    """Whatever stands there is the id; what it names is the facade's affair."""
    wanted = {"a%2Fb": "a/b", "%31": "1", "%ff": "\ufffd", "7%00": "7\0"}
    assert match("GET", f"/api/v2/clients/show/{id}.json").id == wanted.get(id, id)


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Answer a caller."""
    with StandIn() as standin, Caller(standin, tmp_path_factory.mktemp("routes")) as one:
        yield one


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_404_of_an_address_is_v2_s(caller: Caller, form: str) -> None:
    """Message and absolute address; nothing is asked of v3."""
    before = len(caller.standin.requests())
    read = check(caller.get(f"products/list.{form}?a=1&oauth_token=TOK"), form, {404})
    said = read if form == "json" else error_tree(read)
    assert said["request"] == f"{BASE}/api/v2/products/list.{form}?a=1"
    assert "products" in said["details"]
    assert len(caller.standin.requests()) == before


@pytest.mark.parametrize("verb", ["show", "paid", "delete", "pdf", "deliver"])
def test_the_places_of_an_id(caller: Caller, verb: str) -> None:
    """The path, else `id`, else `invoice_id`, else the body's (decisions.md 5)."""
    caller.renew()
    numbers = [caller.invoice()["id"] for _ in range(4)]
    first, second, third, fourth = numbers
    body = b'{"invoice":{"invoice_id":%d}}' % fourth
    method = "POST" if verb in ("paid", "delete") else "GET"
    for target, number in (
        (f"invoices/{verb}/{first}.json?id={second}&invoice_id={third}", first),
        (f"invoices/{verb}.json?invoice_id={third}&id={second}", second),
        (f"invoices/{verb}.json?invoice_id={third}", third),
        (f"invoices/{verb}.json", fourth),
        (f"invoices/{verb}.json?id=&invoice_id=", fourth),
    ):
        if verb == "delete" and target.endswith("="):
            continue  # the fourth is gone
        answer = caller.ask(method, target, body, "application/json")
        shown = check(answer, "json", {200})
        if verb == "pdf":
            assert f"/faktura_{number}_" in shown["pdf"]
        else:
            assert shown["invoice"]["invoice_id"] == number


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("invoices/delete.json?client_id=4", b""),
        ("invoices/delete.xml?client_id=4", b""),
        ("invoices/delete.json", b'{"invoice":{"client_id":4}}'),
        ("invoices/delete.json", b'{"client_id":4}'),
        ("invoices/delete.json?id=&invoice_id=&client_id=4", b"[]"),
    ],
)
def test_delete_with_client_id_alone_is_refused(caller: Caller, target: str, body: bytes) -> None:
    """It could delete the wrong document (decisions.md 5)."""
    caller.renew()
    number = caller.invoice(id=4)["id"]
    answer = caller.ask("POST", target, body, "application/json")
    form = "xml" if ".xml" in target else "json"
    read = check(answer, form, {409})
    said = read if form == "json" else error_tree(read)
    assert said["errors"]["invoice"] == [["client_id", "invalid"]]
    assert "give id or invoice_id" in said["details"]
    assert caller.standin.world.store.get("invoices", number) is not None
    # Beside an id it does no harm.
    check(caller.get(f"invoices/delete.json?client_id=4&id={number}"), "json", {200})


@pytest.mark.parametrize("verb", ["show", "update", "delete", "paid", "deliver", "pdf"])
def test_without_an_id_there_is_no_record(caller: Caller, verb: str) -> None:
    """404, as for an id that nothing has (v2-wire 7.20)."""
    method = "POST" if verb == "update" else "GET"
    for target in (
        f"invoices/{verb}.json",
        f"invoices/{verb}/x%2F1.json",
        f"invoices/{verb}.json?id=0",
    ):
        said = tree_of(caller.ask(method, target))
        assert said["message"] == "No record found with that ID."


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Edit]:
    """Answer a copy of the tables, and an editor of routes.toml."""
    folder = tmp_path / "mappings"
    shutil.copytree(str(data_folder("mappings")), folder)
    file = folder / "routes.toml"

    def edit(old: str, new: str) -> None:
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    return folder, edit


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('prefix = "/api/v2"', 'prefix = "api"', "a path like /api/v2"),
        ('prefix = "/api/v2"', 'prefix = "/api/v2"\nsuffix = 1', "unknown key suffix"),
        ('json = "application/json; charset=utf-8"\n', "", "formats has a text for json, xml"),
        ("no_format =", "no_such =", "message has a text for"),
        ('verb = "list"', 'verb = "index"', "no such verb: invoices.index"),
        ('verb = "show"', 'verb = "list"', "invoices.list comes twice"),
        ('"invoices/show/:id"]', '"invoices/show/:no"]', "no address of invoices"),
        ('paths = ["invoices/create"]', 'paths = ["clients/create"]', "no address of invoices"),
        ('paths = ["invoices/create"]', 'paths = ["invoices/create/:id"]', "has no ids"),
        (
            'paths = ["invoices/create"]',
            'paths = ["invoices/update"]',
            "POST invoices/update comes",
        ),
        ('methods = ["GET"]', 'methods = ["BREW"]', "methods of"),
        ('methods = ["GET"]', "methods = []", "methods of"),
        ("body = true", "body = 1", "body is true or false"),
        ("body = true", "bodies = true", "unknown key bodies"),
        ('why = "S:273-285, S:363."', "", "missing 1 required positional argument: 'why'"),
        ('doc_type = "kopia"', 'doc_type = "org"', "comes once: 'org'"),
        ("default = true\n", "", "one paper, and only one, is the default"),
        ('doc_type = "kopia"', 'doc_type = "kopia"\ndefault = true', "only one, is the default"),
        ('[[missing]]\nwhat = "products"', '[[missing]]\nthat = "products"', "unknown key that"),
        ("[[route]]\nresource", "[[rout]]\nresource", "unknown key rout"),
    ],
)
def test_a_wrong_table_is_refused(tables: tuple[Path, Edit], old: str, new: str, said: str) -> None:
    """With file and line, as the other tables."""
    folder, edit = tables
    load_routes(folder)
    edit(old, new)
    with pytest.raises(TableError, match=r"mappings/routes\.toml:\d+: ") as caught:
        load_routes(folder)
    assert said in str(caught.value)


def test_a_verb_without_a_route_is_refused(tables: tuple[Path, Edit]) -> None:
    """Every verb of the facade has an address."""
    folder, edit = tables
    text = (folder / "routes.toml").read_text("utf-8")
    start = text.index('[[route]]\nresource = "settings"')
    edit(text[start : text.index("[[paper]]", start)], "")
    with pytest.raises(TableError, match=r"no route for settings\.user_data"):
        load_routes(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('v2 = "email"', 'v2 = "login"', "login comes twice"),
        ('v3 = ["account_data", "email"]', 'v3 = ["email"]', "a group and a field"),
        ('v2 = "email"', 'v1 = "email"', "unknown key v1"),
        ('why = "Who signs in."', 'why = ""', "a why the reason"),
    ],
)
def test_a_wrong_table_of_user_data_is_refused(
    tables: tuple[Path, Edit], old: str, new: str, said: str
) -> None:
    """Likewise."""
    file = tables[0] / "user_data.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TableError, match=r"mappings/user_data\.toml:\d+: ") as caught:
        load_user_fields(tables[0])
    assert said in str(caught.value)


@pytest.mark.parametrize("word", ["org", "ORG", "", None, "nothing", " org "])
def test_a_paper_is_the_original_unless_it_is_named(word: object) -> None:
    """In any case of letters (decisions.md 5)."""
    assert routes().paper(word).document_type == "original"


def test_the_papers() -> None:
    """Names of copies that callers really send."""
    found = {word: routes().paper(word) for word in ("KOPIA", "kopia", "angpol", "AngPol")}
    assert [(one.document_type, one.locale) for one in found.values()] == [
        ("copy", "pl"), ("copy", "pl"), ("regular", "pe"), ("regular", "pe"),
    ]  # fmt: skip
