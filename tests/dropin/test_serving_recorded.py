"""Every recorded request of the real callers, and the answer that v2 gave (decisions.md 6)."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from infakt_compat.dropin.messages import Answer

from .recorded import Recorded, recorded
from .serving_support import Caller, Tree, check, tree_of, xml_tree

V2 = [one for one in recorded() if one.request.path.startswith("/api/v2/") and one.place]
#: Named by decisions.md 6, or without fields that v2 required (decisions.md 5, "create").
REFUSED = {
    "R2.1": {"details": "form.ambiguous"},
    "R2.2": {"invoice": ["status", "rodzaj_faktury", "sposob_platnosci"]},
    "R2.3": {"invoice": ["status", "rodzaj_faktury", "sposob_platnosci", "services"]},
    "R6.3": {"invoice": ["rodzaj_faktury", "sposob_platnosci", "services"]},
}


@pytest.fixture(autouse=True)
def seeded(caller: Caller) -> None:
    """Put in what the recorded requests name."""
    caller.renew()
    for number, more in ((4, {}), (944835, {"country": "DE"}), (123456, {"nip": "521-592-28-94"})):
        caller.client(id=number, **more)
    for number in (1, 555, 2310190):
        caller.invoice(id=number, client_id=4, number=f"{number}/12/2013")


def record(shown: Tree, name: str) -> Tree:
    """Give the one record of an answer."""
    assert list(shown) == [name]
    found: Tree = shown[name]
    return found


def listed(name: str) -> Callable[[Tree], None]:
    """Check a list: an array, whose invoices have dates that a caller can parse."""

    def verify(shown: Tree) -> None:
        assert set(shown) == {"info", name}
        assert isinstance(shown[name], list)
        assert shown["info"].keys() == {"total", "pages", "per_page", "page"}
        for row in shown[name]:
            for date in ("data_wystawienia", "data_sprzedazy", "termin_zaplaty"):
                assert name == "clients" or re.fullmatch(r"\d{4}-\d\d-\d\d", row[date])
        assert len(shown[name]) == (1 if "nip" in shown else int(shown["info"]["total"]))

    return verify


def created(shown: Tree) -> None:
    """Check what Gekosale needs: invoice_id.invoice_id and invoice_id.numer (v2-wire 3.1)."""
    assert list(shown) == ["invoice", "invoice_id"]
    assert shown["invoice"] == shown["invoice_id"]
    assert list(shown["invoice"]) == ["invoice_id", "numer"]
    assert isinstance(shown["invoice"]["invoice_id"], int)


def only(name: str, **fields: Any) -> Callable[[Tree], None]:
    """Check a short answer: these fields and no more."""

    def verify(shown: Tree) -> None:
        assert record(shown, name) == fields

    return verify


def linked(shown: Tree) -> None:
    """Check a PDF's link: one key, an absolute URL."""
    assert list(shown) == ["pdf"]
    assert re.fullmatch(r"https://www\.infakt\.pl/files/pdfs/[\w-]+\.pdf", shown["pdf"])


def user(shown: Tree) -> None:
    """Check user_data: pairs of names and texts."""
    pairs = record(shown, "user_data")
    assert pairs["nazwa_firmy"] == "Stand-in Jan Kowalski"
    assert all(isinstance(value, str) for value in pairs.values())


def client(shown: Tree) -> None:
    """Check a client: v2's seventeen fields."""
    assert len(record(shown, "client")) == 17


def invoice(shown: Tree) -> None:
    """Check an invoice."""
    assert record(shown, "invoice")["services"][0]["nazwa"] == "Usługa"


ANSWERS: dict[str, Callable[[Tree], None]] = {
    "R1.1": listed("clients"),
    "R1.2": listed("invoices"),
    "R1.3": linked,
    "R1.4": created,
    "R2.4": invoice,
    "R2.5": only("invoice", invoice_id=1),
    "R2.6": only("invoice", invoice_id=1, numer="1/12/2013"),
    "R3.2": listed("clients"),
    "R3.3": only("client", client_id=123456),
    "R3.4": created,
    "R3.5": only("invoice", invoice_id=555),
    "R3.6": linked,
    "R3.8": linked,
    "R3.10": user,
    "R3.11": client,
    "R3.12": only("client", client_id=123456),
    "R3.13": listed("invoices"),
    "R3.14": only("invoice", invoice_id=555, numer="555/12/2013"),
    "R3.15": only("invoice", invoice_id=555),
    "R4.1": client,
    "R5.3": user,
    "R5.4": listed("clients"),
    "R5.5": created,
    "R5.6": only("invoice", invoice_id=1),
    "R6.1": user,
    "R6.2": listed("clients"),
    "R8.2": user,
}


def test_each_recorded_request_is_here() -> None:
    """R7 has no signature that could be checked: it belongs to the door."""
    assert {one.name for one in V2} == ANSWERS.keys() | REFUSED.keys()


@pytest.mark.parametrize(
    "one", [one for one in V2 if one.name in ANSWERS], ids=lambda one: one.name
)
def test_a_recorded_request_succeeds(caller: Caller, one: Recorded) -> None:
    """It is answered as v2 did: 200 exactly, in the asked format, without a secret."""
    answer = caller.send(one.request)
    ANSWERS[one.name](shown(answer, one))
    assert b"oauth" not in answer.body
    assert "oauth" not in str(answer.headers)


@pytest.mark.parametrize(
    "one", [one for one in V2 if one.name in REFUSED], ids=lambda one: one.name
)
def test_a_recorded_request_that_must_fail(caller: Caller, one: Recorded) -> None:
    """It is a 409 that names the fields; nothing reaches v3."""
    before = len(caller.standin.requests())
    answer = caller.send(one.request)
    form = "xml" if one.request.path.endswith(".xml") else "json"
    check(answer, form, {409})
    assert len(caller.standin.requests()) == before
    wanted: Any = REFUSED[one.name]
    if "details" in wanted:
        assert wanted["details"] in tree_of(answer)["details"]
    else:
        names = re.findall(
            rb"<field>(\w+)</field>" if form == "xml" else rb'"(\w+)","blank"', answer.body
        )
        assert [name.decode() for name in names[: len(wanted["invoice"])]] == wanted["invoice"]


def shown(answer: Answer, one: Recorded) -> Tree:
    """Read a good answer, of either format, as one tree."""
    form = "xml" if one.request.path.endswith(".xml") else "json"
    read: Any = check(answer, form, {200})
    return xml_tree(read) if form == "xml" else read


def test_what_gekosale_wrote_stands_in_v3(caller: Caller) -> None:
    """Amounts with four decimals, a client's name with quotes: exactly as they were meant."""
    made = tree_of(caller.send(next(one.request for one in V2 if one.name == "R3.4")))
    record = caller.api.invoices.show(made["invoice"]["invoice_id"])["invoice"]
    lines = record["services"]
    assert [str(line["wartosc_netto"]) for line in lines] == ["99.99", "20", "10.16"]
    assert [line["stawka_vat"] for line in lines] == ["23", "5", "23"]
    assert record["uwagi"] == "Zamówienie: 17"
    caller.send(next(one.request for one in V2 if one.name == "R4.1"))
    found = caller.api.clients.list(nip="5215922894")["clients"]
    assert found[-1]["nazwa_firmy"] == 'Klient "A" & Synowie'
    assert found[-1]["ulica"] == "Długa 5/7"


def test_an_update_without_its_wrapper_changes_nothing(caller: Caller) -> None:
    """Gekosale sends its own address record: email and nip in it are not v2's (v2-wire 3.7)."""
    before = caller.api.clients.show(123456)
    caller.send(next(one.request for one in V2 if one.name == "R3.3"))
    assert caller.api.clients.show(123456) == before
