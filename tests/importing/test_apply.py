"""What an import creates, and how: fields, statuses, clients, corrections."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.facade import Defaults
from infakt_compat.migrate.importing.settings import Only
from infakt_compat.migrate.journal import State
from infakt_compat.migrate.planning.planner import plan
from infakt_compat.migrate.source import find_sources
from infakt_compat.standin import StandIn

from .archive import NIPS, correction, invoice, line, zloty
from .moves import Move

Moves = Callable[[StandIn], Move]
DONE, REJECTED = State.DONE, State.REJECTED


def test_documents_arrive_as_they_were(move: Moves, standin: StandIn) -> None:
    """Number, dates, client, lines and totals are the archive's; a second run creates nothing."""
    moving = move(standin)
    archive = [invoice(number) for number in range(1, 31)]
    moving.moved(*archive)
    made = {row["number"]: row for row in moving.there()}
    assert len(made) == 30
    for one in archive:
        row = made[one["numer"]]
        assert row["invoice_date"] == one["data_wystawienia"]
        assert row["payment_date"] == one["termin_zaplaty"]
        assert row["notes"] == one["uwagi"]
        assert zloty(row["gross_price"]) == one["razem_brutto"]
        assert row["client_company_name"] == one["client_nazwa_firmy"]
        assert [line["name"] for line in row["services"]] == [one["services"][0]["nazwa"]]
    entries = {entry.number: entry for entry in moving.entries()}
    assert all(entries[number].id == row["id"] for number, row in made.items())
    before = len(standin.requests("POST"))
    moving.run()
    assert len(standin.requests("POST")) == before


def test_creates_carry_their_number_and_ask_v3_to_check_it(move: Moves, standin: StandIn) -> None:
    """Every numbered create says check_duplicate_number, and none sends an e-mail."""
    moving = move(standin)
    first = invoice(1, [line("Stół", 3, 10000)], unikalny_numer="false")
    proforma = invoice(2, rodzaj_faktury="Faktura proforma", numer="2/PROF/2013")
    moving.moved(first, proforma, correction(1, first, [line("Stół", -1, 10000)]))
    posts = [one["body"] for one in standin.requests("POST") if _creates(one)]
    bodies = [next(iter(body.values())) for body in posts]
    assert {body["number"] for body in bodies} == {"1/02/2013", "2/PROF/2013", "1/KOR/2013"}
    assert all(body["check_duplicate_number"] is True for body in bodies)
    assert not [one for one in standin.requests() if "email" in one["path"]]


def _creates(entry: dict[str, Any]) -> bool:
    return bool(entry["path"].endswith("invoices.json"))


@pytest.mark.parametrize(
    ("choice", "expected", "by"),
    [
        ("payment", "2013-02-28", "payment"),
        ("invoice", "2013-02-02", "invoice"),
        ("today", date.today().isoformat(), "today"),
    ],
)
def test_paid_documents_get_the_chosen_date(
    move: Moves, standin: StandIn, choice: str, expected: str, by: str
) -> None:
    """v2 kept no date of payment: the one asked for is taken, and the journal says which."""
    moving = move(standin)
    moving.moved(invoice(1, status="zapłacona"), paid_date=choice)
    (row,), (entry,) = moving.there(), moving.entries()
    assert (row["status"], row["paid_date"]) == ("paid", expected)
    assert (entry.paid_date, entry.paid_by, entry.owing) == (expected, by, "")


def test_a_date_that_the_archive_has_is_the_one(move: Moves, standin: StandIn) -> None:
    """A parameter of v2's paid call is better than any choice."""
    moving = move(standin)
    moving.moved(invoice(1, status="zapłacona", data_oplacenia="2013-02-20"), paid_date="today")
    assert moving.there()[0]["paid_date"] == "2013-02-20"
    assert moving.entries()[0].paid_by == "given"


def test_a_due_date_before_the_issue_is_not_a_day_of_payment(move: Moves, standin: StandIn) -> None:
    """v3 refuses a payment before the invoice date, and nobody has paid in the future."""
    moving = move(standin)
    late = invoice(1, status="zapłacona", termin_zaplaty="2013-01-01")
    future = invoice(2, status="zapłacona", termin_zaplaty="2199-01-01")
    moving.moved(late, future)
    days = {row["number"]: row["paid_date"] for row in moving.there()}
    assert days["1/02/2013"] == "2013-02-02"
    assert days["2/03/2013"] == date.today().isoformat()


def test_paid_documents_can_be_left_unpaid(move: Moves, current: StandIn) -> None:
    """With none a paid document becomes a printed one, and the journal says so."""
    moving = move(current)
    moving.moved(invoice(1, status="zapłacona"), paid_date="none")
    assert moving.there()[0]["status"] == "printed"
    assert moving.entries()[0].paid_by == "none"


def test_statuses_are_written_and_drafts_stay_drafts(move: Moves, current: StandIn) -> None:
    """Sent and printed come with the create in today's v3; a draft remains one."""
    moving = move(current)
    words = {1: "szkic", 2: "wysłana", 3: "wydrukowana", 4: "niezapłacona"}
    moving.moved(*(invoice(number, status=word) for number, word in words.items()))
    statuses = {row["notes"]: row["status"] for row in moving.there()}
    assert list(statuses.values()).count("printed") == 2
    assert (statuses["uwaga 1"], statuses["uwaga 2"]) == ("draft", "sent")
    assert len(current.requests("POST")) == 4 + len(moving.there("clients"))


def test_a_status_that_create_does_not_take_is_written_afterwards(
    move: Moves, current: StandIn
) -> None:
    """Paid by its own call, the others by an update; what v3 never takes stays owing, and said."""
    current.configure("quirks", status_writable=False)
    moving = move(current)
    moving.moved(invoice(1, status="zapłacona"), invoice(2, status="wydrukowana"))
    paid, printed = moving.entries()
    assert {row["number"]: row["status"] for row in moving.there()}[paid.number or ""] == "paid"
    assert (paid.owing, printed.owing) == ("", "status")
    assert moving.codes() == ["import.status"]
    current.configure("quirks", status_writable=True)
    moving.run()
    assert (moving.entries()[1].owing, moving.states()) == ("", [DONE, DONE])
    assert {row["status"] for row in moving.there()} == {"paid", "printed"}


def test_nothing_goes_to_ksef_unless_asked_for(move: Moves, current: StandIn) -> None:
    """Asked for, VAT invoices that are no drafts go there; proformas and drafts never do."""
    moving = move(current)
    moving.moved(invoice(1, status="wydrukowana"))
    assert moving.there()[0]["ksef_data"] is None
    current.reset(seed=1)
    moving = move(current)
    proforma = invoice(3, rodzaj_faktury="Faktura proforma", status="wydrukowana")
    archive = [invoice(1, status="wydrukowana"), invoice(2, status="szkic"), proforma]
    moving.moved(*archive, send_to_ksef=True)
    sent = {row["notes"]: row["ksef_data"] is not None for row in moving.there()}
    assert sent == {"uwaga 1": True, "uwaga 2": False, "uwaga 3": False}


# ---- clients


def test_two_documents_of_one_client_create_one(move: Moves, standin: StandIn) -> None:
    """By tax number, whatever the name; by v2's id where there is none."""
    moving = move(standin)
    archive = [
        invoice(1, client_nip=NIPS[0], client_id=None),
        invoice(2, client_nip=f"PL {NIPS[0][:3]}-{NIPS[0][3:]}", client_id=None),
        invoice(5, client_nip=""),
        invoice(12, client_nip=""),
    ]
    moving.moved(*archive)
    clients = moving.there("clients")
    assert len(clients) == 2
    owners = Counter(row["client_id"] for row in moving.there())
    assert sorted(owners.values()) == [2, 2]


def test_a_client_of_the_account_is_matched(move: Moves, standin: StandIn) -> None:
    """By the digits of the tax number; the document keeps the buyer's data of its time."""
    standin.seed(clients=[{"company_name": "Dawna nazwa", "country": "PL", "nip": NIPS[1]}])
    moving = move(standin)
    (known,) = moving.there("clients")
    moving.moved(invoice(1, client_nazwa_firmy="Firma 1"))
    assert len(moving.there("clients")) == 1
    (row,) = moving.there()
    assert row["client_id"] == known["id"]
    assert row["client_company_name"] == "Firma 1"


def test_the_same_digits_in_another_country_are_another_client(
    move: Moves, classic: StandIn
) -> None:
    """A tax number counts with its country."""
    classic.seed(clients=[{"company_name": "GmbH", "country": "DE", "nip": f"DE{NIPS[1]}"}])
    moving = move(classic)
    moving.moved(invoice(1))
    assert len(moving.there("clients")) == 2


def test_of_several_clients_none_is_guessed(move: Moves, standin: StandIn) -> None:
    """Two clients of one tax number: the one with the same name, else none."""
    rows = [{"company_name": name, "country": "PL", "nip": NIPS[1]} for name in ("A", "B")]
    standin.seed(clients=rows)
    moving = move(standin)
    moving.moved(invoice(1, client_nazwa_firmy="B"), invoice(8, client_nazwa_firmy="B"))
    assert moving.states() == [DONE, DONE]
    standin.reset(seed=1)
    standin.seed(clients=rows)
    moving = move(standin)
    moving.moved(invoice(1, client_nazwa_firmy="C"))
    assert moving.codes() == ["buyer.rejected", "buyer.several"]
    assert not moving.there()


def test_embedded_and_kept_clients_are_not_created(move: Moves, standin: StandIn) -> None:
    """Embedded: only the data; kept: v2's id, which v3 has to know."""
    moving = move(standin)
    moving.moved(invoice(1), clients="embed")
    assert (moving.there()[0]["client_id"], moving.there("clients")) == (None, [])
    standin.seed(clients=[{"id": 777, "company_name": "Własna", "country": "PL"}])
    moving = move(standin)
    moving.moved(invoice(3, client_id=777), invoice(4, client_id=778), clients="keep")
    assert moving.states() == [DONE, REJECTED]
    assert moving.there()[-1]["client_id"] == 777


def test_clients_of_the_archive_come_first_and_with_all_they_have(
    move: Moves, standin: StandIn
) -> None:
    """A client document says more than an invoice; an invoice that names only its id is its."""
    moving = move(standin)
    client = {
        "client_id": 42, "nazwa_firmy": "Pełna Sp. z o.o.", "nip": NIPS[2], "email": "a@b.example",
        "miejscowosc": "Gdańsk", "panstwo": "Polska",
    }  # fmt: skip
    bare = invoice(1, client_id=42, client_nazwa_firmy=None, client_nip=None, client_ulica=None)
    full = invoice(2, client_id=42, client_nip=NIPS[2], client_nazwa_firmy="Pełna")
    path = moving.folder / "klient.json"
    path.write_text(json.dumps({"clients": [client]}, ensure_ascii=False), "utf-8")
    plan(moving.journal, find_sources([str(path)]))
    moving.moved(bare, full)
    (made,) = moving.there("clients")
    assert (made["email"], made["company_name"]) == ("a@b.example", "Pełna Sp. z o.o.")
    assert {row["client_id"] for row in moving.there()} == {made["id"]}
    assert moving.states() == [DONE, DONE, DONE]


def test_a_client_that_v3_refuses_costs_its_documents_only(move: Moves, standin: StandIn) -> None:
    """v3's words stand with each of its documents."""
    moving = move(standin)
    moving.moved(invoice(1, client_nip="1234567890"), invoice(2))
    assert moving.states() == [REJECTED, DONE]
    faults = moving.entries()[0].faults
    assert [(one.code, one.path) for one in faults] == [
        ("buyer.rejected", ""),
        ("v3.refused", "nip"),
    ]


# ---- corrections


def test_a_proven_correction_follows_its_original(move: Moves, standin: StandIn) -> None:
    """The original is in the archive, also behind it; v3 comes to the correction's totals."""
    moving = move(standin)
    original = invoice(1, [line("Stół", 3, 10000)], client_id=50)
    one_less = correction(1, original, [line("Stół", -1, 10000)])
    moving.moved(one_less, original)
    (made,), (first,) = moving.there("corrective_invoices"), moving.there()
    assert (made["gross_price"], made["number"]) == (-12300, "1/KOR/2013")
    assert made["corrected_invoice_number"] == first["number"]
    before, after = made["services"]
    assert [int(row["quantity"]) for row in (before, after)] == [3, 2]
    assert moving.states() == [DONE, DONE]
    assert moving.entries()[0].total == -12300


def test_an_original_of_the_account_is_found(move: Moves, standin: StandIn) -> None:
    """Two corrections of it follow each other; an unknown original says so."""
    moving = move(standin)
    original = invoice(1, [line("Stół", 3, 10000)])
    move(standin).moved(original)
    first = correction(1, original, [line("Stół", -1, 10000)])
    second = correction(2, original, [line("Stół", -2, 10000)])
    missing = correction(3, invoice(99), [line("Stół", -2, 10000)])
    moving.moved(second, first, missing)
    made = {row["number"]: row for row in moving.there("corrective_invoices")}
    assert {name: row["gross_price"] for name, row in made.items()} == {
        "1/KOR/2013": -12300, "2/KOR/2013": -24600,
    }  # fmt: skip
    assert int(made["2/KOR/2013"]["services"][1]["quantity"]) == 0
    assert moving.codes()[-1] == "correction.no_original"


def test_a_correction_of_a_rejected_original_says_so(move: Moves, standin: StandIn) -> None:
    """Nothing is corrected that is not there."""
    moving = move(standin)
    original = invoice(1, [line("Stół", 3, 10000)], sposob_platnosci=None)
    moving.moved(original, correction(1, original, [line("Stół", -1, 10000)]))
    assert moving.codes() == ["v3.refused", "correction.original_rejected"]


def test_behind_a_refused_correction_nothing_is_proven(move: Moves, classic: StandIn) -> None:
    """What stood before a later one is not known, also when that comes with another source."""
    moving = move(classic)
    original = invoice(1, [line("Stół", 3, 10000)])
    one_less = [line("Stół", -1, 10000)]
    unproven = correction(1, original, one_less, razem_brutto="-1.00")
    moving.plan(original, unproven, correction(2, original, one_less))
    assert moving.codes() == ["correction.unproven", "correction.original_rejected"]
    moving = move(classic)
    refused = correction(1, original, one_less, sposob_platnosci=None)
    moving.moved(original, refused)
    moving.plan(correction(2, original, one_less), name="more.json")
    assert moving.codes()[-1] == "correction.original_rejected"


def test_other_kinds_say_why_not(move: Moves, classic: StandIn) -> None:
    """Margin, advance and final invoices are not created, and each says why."""
    kinds = ("Faktura Marża", "Faktura Zaliczkowa", "Faktura Końcowa")
    moving = move(classic)
    moving.moved(*(invoice(n, rodzaj_faktury=kind) for n, kind in enumerate(kinds, 1)))
    assert moving.codes() == ["import.kind"] * 3
    assert not classic.requests("POST")


# ---- filters and values of the account


def test_only_what_is_chosen_is_taken(move: Moves, classic: StandIn) -> None:
    """Kinds, numbers and dates narrow each other; what is left out stays planned."""
    moving = move(classic)
    proforma = invoice(3, rodzaj_faktury="Faktura proforma", numer="3/PROF/2013")
    moving.plan(invoice(1), invoice(2), proforma)
    moving.run(only=Only.read(["kind=vat", "date=2013-02"]))
    assert [row["number"] for row in moving.there()] == ["1/02/2013"]
    moving.run(only=Only.read(["number=3/PROF/2013"]))
    assert len(moving.there()) == 2
    moving.run(only=Only.read(["date=2013-01..2013-03-03", "date=2014.."]))
    assert moving.states() == [DONE] * 3


def test_values_that_v2_never_had_come_from_the_account(move: Moves, standin: StandIn) -> None:
    """The kind of sale for a buyer abroad, the ground of an exemption."""
    abroad = invoice(1, client_panstwo="Niemcy", client_nip="")
    exempt = invoice(2, [{**line("Kurs", 1, 5000, 0), "stawka_vat": "zw"}])
    moving = move(standin)
    moving.moved(abroad, exempt)
    assert moving.states() == [REJECTED, REJECTED]
    moving = move(standin)
    own = Defaults(sale_type="service", vat_exemption_reason=1)
    moving.moved(abroad, exempt, defaults=own)
    assert moving.states() == [DONE, DONE]


def test_pdfs_are_saved_and_statuses_stay(move: Moves, current: StandIn, tmp_path: Path) -> None:
    """A draft's PDF is not read, as that would print it; a sent document stays sent."""
    moving = move(current)
    words = ("szkic", "wysłana", "wydrukowana", "zapłacona")
    archive = [invoice(n, status=word) for n, word in enumerate(words, 1)]
    moving.moved(*archive, pdf=tmp_path / "pdf")
    statuses = {row["notes"]: row["status"] for row in moving.there()}
    assert statuses == {
        "uwaga 1": "draft", "uwaga 2": "sent", "uwaga 3": "printed", "uwaga 4": "paid",
    }  # fmt: skip
    files = sorted(path.name for path in (tmp_path / "pdf").iterdir())
    ids = [f"{row['number'].replace('/', '_')}_{row['id']}.pdf" for row in moving.there()]
    assert files == sorted(name for name in ids if not name.startswith("1_"))
    assert all(path.read_bytes()[:5] == b"%PDF-" for path in (tmp_path / "pdf").iterdir())
    assert [entry.saved for entry in moving.entries()] == [False, True, True, True]


def test_pdfs_of_earlier_runs_are_saved_too(move: Moves, current: StandIn, tmp_path: Path) -> None:
    """Asked for later, they are read for what this import has created, and for nothing else."""
    move(current).moved(invoice(9, status="wydrukowana"))
    moving = move(current)
    moving.moved(invoice(1, status="wysłana"), invoice(9, status="wydrukowana"))
    moving.run(pdf=tmp_path / "pdf")
    assert [entry.saved for entry in moving.entries()] == [True, False]
    assert {row["status"] for row in moving.there() if row["notes"] == "uwaga 1"} == {"sent"}
    assert len(list((tmp_path / "pdf").iterdir())) == 1


def test_grounds_of_exemption_are_the_accounts(move: Moves, standin: StandIn) -> None:
    """An id that the account has is taken, an own table decides, anything else is refused."""
    lines = [{**line("Kurs", 1, 5000, 0), "stawka_vat": "zw"}]
    known, text = (
        invoice(n, lines, podstawa_zwolnienia=ground) for n, ground in ((1, 1), (2, "art. 43"))
    )
    moving = move(standin)
    moving.moved(known, text)
    assert moving.states() == [DONE, REJECTED]
    assert moving.codes()[-1] == "exemption.unknown"
    standin.reset(seed=1)
    moving = move(standin)
    moving.moved(known, text, defaults=Defaults(exemptions={"art. 43": 1}))
    assert moving.states() == [DONE, DONE]
    assert {row["vat_exemption_reason"] for row in moving.there()} == {1}
