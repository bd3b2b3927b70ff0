"""A document of every kind with every field set, converted both ways, byte for byte.

The files in `files/` are the expectation. ``GOLDEN_UPDATE=1 pytest tests/golden`` rewrites what
differs and fails all the same: a change is looked at before it is committed.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infakt_compat import Conversion, to_v2, to_v3
from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.codecs.v2_write import XML_HEAD, json_record, xml_record
from infakt_compat.migrate.source import open_reader
from infakt_compat.tables.load import tables
from infakt_compat.translate.conversion import canonical

FILES = Path(__file__).parent / "files"
UPDATE = bool(os.environ.get("GOLDEN_UPDATE"))

KINDS = {
    "vat": "Faktura VAT",
    "proforma": "Faktura proforma",
    "margin": "Faktura Marża",
    "advance": "Faktura Zaliczkowa",
    "correction": "Faktura korygująca",
    "final": "Faktura Końcowa",
}
LINES: list[dict[str, Any]] = [
    {
        "service_id": 31,
        "product_id": 77,
        "nazwa": 'Obraz "Łąka" <olej> & rama',
        "stawka_vat": "23%",
        "jm": "szt.",
        "ilosc": "2,0",
        "cena_netto": "1 000,00",
        "wartosc_netto": "2000",
        "wartosc_brutto": "2460.00",
        "vat": 460,
        "symbol": "91.02",
        "marza": "100.5",
    },
    {
        "service_id": 32,
        "product_id": 78,
        "nazwa": "Montaż\nna miejscu",
        "stawka_vat": "zw",
        "jm": "godz.",
        "ilosc": "1.5",
        "cena_netto": "33.3333",
        "wartosc_netto": "50.00",
        "wartosc_brutto": "50.00",
        "vat": "0",
        "symbol": "43.29 / - / -",
        "marza": "0.005",
    },
]
INVOICE: dict[str, Any] = {
    "invoice_id": 1012046,
    "numer": "1/12/2012",
    "waluta": "EUR",
    "zaplacono": "122.555",
    "uwagi": "Zażółć gęślą jaźń 😀\r\n\tdrugi wiersz ",
    "sposob_platnosci": "Got%C3%B3wka",
    "podpis_odbiorcy": " ",
    "podpis_sprzedawcy": "Jan Kowalski",
    "data_wystawienia": "2012-12-15",
    "data_sprzedazy": "2012-12-14",
    "termin_zaplaty": "2013-01-05",
    "status": "NIEZAPŁACONA",
    "client_id": "310947",
    "razem_netto": "2050,00",
    "razem_vat": "460.0",
    "razem_brutto": "2510.01",
    "client_nazwa_firmy": "Klient A & Synowie",
    "client_ulica": "ul. Długa 12/5",
    "client_miejscowosc": "Kraków",
    "client_kod_pocztowy": "31-272",
    "client_nip": "521-592-28-94",
    "client_panstwo": "USA",
    "podstawa_zwolnienia": "12",
    "numer_faktury_korygowanej": "7/11/2012",
    "data_faktury_korygowanej": "2012-11-30",
    "data_podpisania": "2012-12-16 10:00",
    "unikalny_numer": "false",
    "data_oplacenia": "2012-12-20",
    "services": LINES,
    "pole_nieznane": "wartość",
}
CLIENT: dict[str, Any] = {
    "client_id": 944835,
    "nazwa_firmy": "Müller & Söhne GmbH",
    "ulica": "Hauptstraße 12a/3",
    "miejscowosc": "Köln",
    "kod_pocztowy": "50667",
    "panstwo": "RFN",
    "nip": "DE 123456789",
    "email": "biuro@example.test",
    "numer_telefonu": "+49 221 000",
    "adres_www": "http://example.test/?a=1&b=2",
    "info": "stały klient",
    "odbiorca": "Anna Żak",
    "adres_kor": "1",
    "nazwa_firmy_kor": "Skrytka",
    "ulica_kor": "ul. Pocztowa 1",
    "miejscowosc_kor": "Łódź",
    "kod_pocztowy_kor": "90-001",
    "pole_nieznane": "wartość",
}
DOCUMENTS = {kind: INVOICE | {"rodzaj_faktury": word} for kind, word in KINDS.items()}
DOCUMENTS["client"] = CLIENT


def conversion(name: str) -> Conversion:
    """Convert one of the documents."""
    return to_v3({resource(name): DOCUMENTS[name]})


def resource(name: str) -> str:
    """Say what a document is."""
    return "client" if name == "client" else "invoice"


def outputs(name: str) -> Iterator[tuple[str, bytes]]:
    """Give the files of a document: the line of v3, what was said, and v2 again in both formats."""
    found = conversion(name)
    line = {resource(name): found.record, "v2": found.residue}
    yield f"{name}.v3.jsonl", dumps(line) + b"\n"
    said = "".join(f"{n.level} {n.code} {n.path}: {n.detail}\n" for n in found.notices)
    yield f"{name}.notices.txt", said.encode()
    record = to_v2(loads(dumps(line).decode())).record
    yield f"{name}.v2.xml", XML_HEAD + xml_record(resource(name), record)
    yield f"{name}.v2.json", json_record(record) + b"\n"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_field_is_set(name: str) -> None:
    """No field of the tables is left out of the documents."""
    table = tables().resources[resource(name)]
    assert set(table.v2.fields) <= DOCUMENTS[name].keys()
    if table.lines is not None:
        for line in LINES:
            assert set(table.lines.v2.fields) == line.keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_converted_as_ever(name: str) -> None:
    """Every byte of what comes out is that of the file."""
    differing = []
    for file, data in outputs(name):
        path = FILES / file
        if path.is_file() and path.read_bytes() == data:
            continue
        differing.append(file)
        if UPDATE:
            FILES.mkdir(exist_ok=True)
            path.write_bytes(data)
    assert not differing, "rewritten, look at them" if UPDATE else "differ or are missing"


def test_no_file_is_left_over() -> None:
    """Each file belongs to a document."""
    used = {file for name in DOCUMENTS for file, _ in outputs(name)}
    assert {path.name for path in FILES.iterdir()} == used


def test_an_update_is_never_green() -> None:
    """Expectations that were just rewritten prove nothing."""
    assert not UPDATE, "run again without GOLDEN_UPDATE"


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("form", ["xml", "json"])
def test_the_files_lead_to_the_same_line(name: str, form: str) -> None:
    """v2's file, read again, gives v3's file: the two formats are one document."""
    with (FILES / f"{name}.v2.{form}").open("rb") as file:
        reader = open_reader(file, elsewhere=False, count=lambda _: None)
        (document,) = [each for batch in reader.batches for each in batch.documents()]
    found = to_v3(document.tree, resource(name))
    expected = loads((FILES / f"{name}.v3.jsonl").read_text("utf-8"))
    assert loads(dumps(found.record).decode()) == expected[resource(name)]
    assert canonical(document.tree, resource(name)) == canonical(DOCUMENTS[name], resource(name))
