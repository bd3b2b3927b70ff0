"""Links to PDFs: good for a day without OAuth, more than once, and for nobody who guesses."""

import random

import pytest

from infakt_compat.dropin.links import FOLDER, Links, PdfLink
from infakt_compat.dropin.serving import serve_pdf
from infakt_compat.v3 import Clock

from .serving_support import BASE, Caller, check, header, tree_of

DAY = 24 * 60 * 60


def path_of(url: str) -> str:
    """Give the path of a link."""
    assert url.startswith(BASE + FOLDER)
    return url.removeprefix(BASE)


@pytest.mark.parametrize(
    ("word", "paper"),
    [("org", "original pl"), ("KOPIA", "copy pl"), ("angpol", "regular pe"), ("", "original pl")],
)
def test_a_link_gives_the_pdf_more_than_once(caller: Caller, word: str, paper: str) -> None:
    """Of the paper that was asked for, which is fetched when the link is opened (v2-wire 3.2)."""
    caller.renew()
    number = caller.invoice(number="17/2013")["id"]
    answer = caller.get(f"invoices/pdf.json?id={number}&doc_type={word}")
    path = path_of(check(answer, "json", {200})["pdf"])
    assert not [one for one in caller.standin.requests() if "pdf" in one["path"]]
    for _ in range(2):
        link = caller.links.open(path)
        assert link is not None
        assert (link.account, link.id) == (caller.api.account, number)
        served = serve_pdf(caller.api, link)
        assert (served.status, served.content_type) == (200, "application/pdf")
        assert served.body.startswith(b"%PDF-")
        assert served.verb == "files.pdf"
        assert header(served, "Content-Disposition") == f'inline; filename="faktura_{number}.pdf"'
    asked = [one for one in caller.standin.requests() if "pdf" in one["path"]]
    assert len(asked) == 2
    query = {name: str(value).strip("[]'") for name, value in asked[0]["query"].items()}
    assert f"{query['document_type']} {query['locale']}" == paper


def test_a_link_is_good_for_a_day(caller: Caller) -> None:
    """And not for longer, by the gateway's clock."""
    path = path_of(caller.links.url("shop", 7, "org"))
    caller.wall.ahead = DAY - 60
    try:
        assert caller.links.open(path) == PdfLink("shop", 7, "org")
        caller.wall.ahead = DAY + 60
        assert caller.links.open(path) is None
    finally:
        caller.wall.ahead = 0


def test_a_changed_link_opens_nothing(caller: Caller) -> None:
    """Not a character may differ: of the document, the paper, the time, the account, the seal."""
    path = path_of(caller.links.url("shop", 4711, "kopia"))
    chance = random.Random(1)
    for place in range(len(FOLDER), len(path)):
        for new in chance.sample("0123456789abcdefghijklmnopqrstuvwxyzAZ_-.", 6):
            if new != path[place]:
                assert caller.links.open(path[:place] + new + path[place + 1 :]) is None
    for wrong in ("", "/", FOLDER, path[:-1], path + "x", path + "\n", path.upper(), path[1:]):
        assert caller.links.open(wrong) is None
    assert caller.links.open(path.replace("4711", "٤٧١١")) is None


def test_links_of_another_gateway_open_nothing() -> None:
    """A key of its own each; processes that share one open each other's."""
    key, other = b"k" * 32, b"o" * 32
    path = path_of(Links(key, Clock(), BASE).url("shop", 7, "org"))
    assert Links(other, Clock(), BASE).open(path) is None
    assert Links(key, Clock(), "https://another.test/").open(path) == PdfLink("shop", 7, "org")


@pytest.mark.parametrize("account", ["shop", "Sklep Żółty", "a_b/c..%2e", "x" * 200, ""])
def test_a_link_names_its_account(account: str) -> None:
    """Whatever the account is called; the name cannot be read as part of another link."""
    links = Links(b"k" * 32, Clock(), BASE + "/")
    url = links.url(account, 7, "angpol")
    assert url.isascii()
    assert links.open(path_of(url)) == PdfLink(account, 7, "angpol")


def test_the_key_shows_nowhere() -> None:
    """Neither in the object nor in what it says of itself."""
    links = Links(b"SEKRET-SEKRET-SEKRET", Clock(), BASE)
    assert "SEKRET" not in repr(links) + str(vars(links))


def test_a_link_is_made_only_for_what_is_there(caller: Caller) -> None:
    """v2 made the file when it was asked: a 404 then, and not when the link is opened."""
    caller.renew()
    made = caller.invoice()
    check(caller.get("invoices/pdf.json?id=99"), "json", {404})
    check(caller.get(f"invoices/pdf/{made['id']}.json"), "json", {200})
    caller.standin.world.store.delete("invoices", made["id"])
    check(caller.get(f"invoices/pdf/{made['id']}.json"), "json", {404})


def test_a_document_that_has_gone_meanwhile(caller: Caller) -> None:
    """The opened link then is v2's 404."""
    caller.renew()
    made = caller.invoice()
    path = path_of(tree_of(caller.get(f"invoices/pdf.json?id={made['id']}"))["pdf"])
    caller.standin.world.store.delete("invoices", made["id"])
    link = caller.links.open(path)
    assert link is not None
    answer = serve_pdf(caller.api, link)
    assert check(answer, "json", {404})["message"] == "No record found with that ID."
