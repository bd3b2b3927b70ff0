"""What a check finds: in one document, and in all together."""

from pathlib import Path
from typing import Any

import pytest

from infakt_compat.migrate.checks.creating import Given
from tests.importing.archive import correction, invoice, line

from .support import GIVEN, NIP, checked, codes, one


def test_an_ordinary_invoice_has_nothing_to_say(tmp_path: Path) -> None:
    """Nor does its number, as long as it is the first of its month."""
    assert one(tmp_path) == {}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"sposob_platnosci": None}, "payment.required"),
        ({"waluta": "XYZ"}, "currency.unknown"),
        ({"client_nazwa_firmy": None, "client_id": None}, "buyer.required"),
        ({"client_nazwa_firmy": None, "client_nip": None}, "buyer.only_id"),
        ({"services": []}, "services.required"),
        ({"uwagi": "x" * 3501}, "text.too_long"),
        ({"rodzaj_faktury": "Faktura Marża"}, "import.kind"),
        ({"rodzaj_faktury": "Faktura korygująca"}, "correction.no_original"),
        ({"razem_brutto": "999.00"}, "totals.contradict"),
        ({"podstawa_zwolnienia": "art. 43"}, "exemption.unknown"),
        ({"client_nip": "5252248480"}, "nip.invalid"),
        ({"client_nip": "44051401359"}, "nip.other_number"),
        ({"data_wystawienia": "03.2013"}, "date.invalid"),
    ],
)
def test_what_v3_refuses(tmp_path: Path, fields: dict[str, Any], code: str) -> None:
    """Each reason by itself."""
    own = {"client_nip": NIP, "numer": "1/03/2013"} | fields
    with checked(tmp_path, invoice(2, **own), given=Given()) as check:
        assert (check.taken, check.refused) == (0, 1)
        assert code in {reason.code for reason in check.rejects.kept[0].reasons}
        assert check.rejects.kept[0].place.number == "1/03/2013"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"nazwa": None}, "name.required"),
        ({"nazwa": "x" * 256}, "text.too_long"),
        ({"stawka_vat": None, "vat": None}, "rate.required"),
        ({"cena_netto": None, "wartosc_netto": None, "wartosc_brutto": None}, "price.required"),
        ({"stawka_vat": "zw", "vat": "0.0", "wartosc_brutto": "20.04"}, "exemption.required"),
    ],
)
def test_what_v3_refuses_of_a_line(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    """And the path names the line."""
    row = {name: value for name, value in (line("Usługa", 2, 1002) | change).items() if value}
    own: dict[str, Any] = {"razem_netto": None, "razem_vat": None, "razem_brutto": None}
    document = {**invoice(2), "services": [line("Inna", 1, 100), row], "client_nip": NIP}
    document = {name: value for name, value in document.items() if name not in own}
    with checked(tmp_path, document, given=Given()) as check:
        reasons = {reason.code: reason.path for reason in check.rejects.kept[0].reasons}
        assert reasons[code].startswith("services[1].")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"numer": None}, "number.missing"),
        ({"data_wystawienia": None, "data_sprzedazy": None}, "date.missing"),
        ({"client_nip": ""}, "buyer.no_number"),
        ({"client_panstwo": "Niemcy"}, "vat_number.invalid"),
        ({"uwagi": "konto 61109010140000071219812875"}, "iban.invalid"),
        ({"nr_konta": "61 1090 1014 0000 0712 1981 2875"}, "iban.invalid"),
        ({"client_ulica": "", "client_miejscowosc": ""}, "ksef.address_missing"),
        ({"client_nazwa_firmy": "F" * 513}, "ksef.too_long"),
        ({"client_ulica": "ulica " * 90}, "ksef.too_long"),
        ({"data_wystawienia": "2005-12-31", "numer": "1/12/2005"}, "ksef.date"),
        ({"data_wystawienia": "2030-01-01", "numer": "1/01/2030"}, "ksef.date"),
        ({"services": [line("U", 1, 1002) | {"jm": "j" * 257}]}, "ksef.too_long"),
        ({"services": [line("U", 1, 1002) | {"ilosc": "1.0000001"}]}, "ksef.quantity"),
        ({"numer": "3/03/2013"}, "number.gap"),
        ({"status": "niezapłacona"}, "status.unpaid"),
    ],
)
def test_what_is_said_of_a_document_that_v3_takes(
    tmp_path: Path, fields: dict[str, Any], code: str
) -> None:
    """Each by itself, and the document is taken."""
    own: dict[str, Any] = {
        "client_nip": NIP, "status": "wydrukowana", "numer": "1/03/2013",
        "razem_netto": None, "razem_vat": None, "razem_brutto": None,
    }  # fmt: skip
    with checked(tmp_path, invoice(2, **{**own, **fields})) as check:
        assert check.refused == 0
        assert code in codes(check)


def test_a_proforma_is_no_matter_for_ksef(tmp_path: Path) -> None:
    """It never goes there."""
    fields = {"rodzaj_faktury": "Faktura proforma", "client_ulica": "", "client_miejscowosc": ""}
    assert one(tmp_path, **fields) == {}
    assert one(tmp_path, **fields | {"rodzaj_faktury": "Faktura VAT"}) == {
        "ksef.address_missing": 1
    }


def test_how_clients_are_found_decides_about_a_wrong_nip(tmp_path: Path) -> None:
    """v3 creates no client with it; embedded in the document, it takes it, and KSeF does not."""
    wrong = invoice(2, client_nip="5252248480", numer="1/03/2013")
    with checked(tmp_path, wrong) as check:
        assert (check.refused, check.findings["nip.invalid"].level) == (1, "fault")
    with checked(tmp_path, wrong, given=Given(clients="embed")) as check:
        assert (check.refused, check.not_for_ksef) == (0, 1)
        assert check.findings["nip.invalid"].level == "warning"


def test_a_buyer_named_by_an_old_id(tmp_path: Path) -> None:
    """Another document may name him; the ids may be kept; embedded there is nothing to embed."""
    nobody = invoice(2, client_nazwa_firmy=None, client_nip=None, numer="1/03/2013", client_id=7)
    other = invoice(14, client_nip=NIP, numer="2/03/2013", client_id=7)
    third = invoice(26, client_nip="7740001454", numer="3/03/2013", client_id=7)
    unnumbered = invoice(27, client_nip="", numer="4/03/2013", client_id=7)
    for given, documents, refused in (
        (Given(), [nobody], 1),
        (Given(), [nobody, other], 0),
        (Given(), [nobody, other, third], 1),
        (Given(), [nobody, other, third, unnumbered], 0),
        (Given(clients="keep"), [nobody], 0),
        (Given(clients="embed"), [nobody, other], 1),
    ):
        with checked(tmp_path, *documents, given=given) as check:
            assert codes(check).get("buyer.only_id", 0) == check.refused == refused


def test_totals_as_v3_computes_them(tmp_path: Path) -> None:
    """A grosz is said, in both modes of prices; what rounding does not explain is refused."""
    net = line("Usługa", 3, 3333)  # 99.99 and 23.00 of VAT
    fields = {"razem_netto": "99.99", "razem_vat": "22.99", "razem_brutto": "122.98"}
    assert one(tmp_path, services=[net], **fields)["totals.rounding"] == 2
    gross = {"nazwa": "Usługa", "ilosc": "1.0", "stawka_vat": "23", "wartosc_brutto": "100.00"}
    fields = {"razem_netto": "81.31", "razem_vat": "18.69", "razem_brutto": "100.00"}
    found = one(tmp_path, services=[gross], **fields)
    assert found["totals.rounding"] == 2
    fields = {"razem_netto": "81.30", "razem_vat": "18.70", "razem_brutto": "100.00"}
    assert one(tmp_path, services=[gross], **fields) == {}


def test_numbers_that_come_twice(tmp_path: Path) -> None:
    """None is taken, wherever it stands; v3 counts VAT invoices and proformas together."""
    own: dict[str, Any] = {"client_nip": NIP, "numer": "1/03/2013"}
    first, second = invoice(2, **own), invoice(14, **own | {"numer": " 1/03/2013\t"})
    third = invoice(26, rodzaj_faktury="Faktura proforma", **own)
    with checked(tmp_path, first, second, third) as check:
        assert (check.taken, check.refused) == (0, 3)
        assert codes(check)["number.taken"] == 3
        assert codes(check)["number.blanks"] == 1
        examples = check.findings["number.taken"].examples
        assert [one.position for one in examples] == [1, 2, 3]
        assert examples[0].detail.endswith("archive.json, 3")
    with checked(tmp_path, third, first) as check:
        assert (check.taken, check.refused) == (1, 1)
        assert check.findings["number.taken"].examples[0].position == 1


def test_a_number_of_two_versions_is_no_third_documents(tmp_path: Path) -> None:
    """Which of the three has it would be a guess, too."""
    own: dict[str, Any] = {"client_nip": NIP, "numer": "1/03/2013"}
    versions = [invoice(2, **own), invoice(2, uwagi="inne", **own)]
    with checked(tmp_path, *versions, invoice(14, **own)) as check:
        assert (check.taken, check.refused) == (0, 3)
        assert (codes(check)["document.versions"], codes(check)["number.taken"]) == (2, 1)


def test_a_correction_of_what_is_held_back(tmp_path: Path) -> None:
    """It is refused with its original; a proforma of the number is none."""
    own: dict[str, Any] = {"client_nip": NIP, "numer": "1/03/2013"}
    first, second = invoice(2, **own), invoice(14, **own)
    corrected = correction(1, first, [line("Usługa 2", -1, 1002)])
    with checked(tmp_path, first, second, corrected) as check:
        assert (check.taken, check.refused) == (0, 3)
        assert codes(check)["correction.original_rejected"] == 1
    with checked(tmp_path, first, corrected) as check:
        assert (check.taken, check.refused) == (2, 0)
    proforma = {**first, "rodzaj_faktury": "Faktura proforma"}
    with checked(tmp_path, proforma, corrected) as check:
        assert codes(check)["correction.elsewhere"] == 1


def test_the_same_document_again(tmp_path: Path) -> None:
    """Also in another spelling: it is one document, not a number that comes twice."""
    own: dict[str, Any] = {"client_nip": NIP, "numer": "1/03/2013"}
    document = invoice(2, **own)
    spelt = {**document, "razem_netto": document["razem_netto"].rstrip("0"), "podpis_odbiorcy": ""}
    with checked(tmp_path, document, spelt) as check:
        assert (check.read, check.taken, check.refused, check.repeated) == (2, 1, 0, 1)
        assert codes(check)["document.repeated"] == 1


def test_two_versions_of_a_document(tmp_path: Path) -> None:
    """Neither is taken: which is right would be a guess."""
    own: dict[str, Any] = {"client_nip": NIP, "numer": "1/03/2013"}
    with checked(tmp_path, invoice(2, **own), invoice(2, uwagi="inne", **own)) as check:
        assert (check.taken, check.refused) == (0, 2)
        assert codes(check)["document.versions"] == 2


def test_versions_that_differ_in_what_v3_cannot_hold(tmp_path: Path) -> None:
    """They are two documents all the same."""
    own: dict[str, Any] = {"client_nip": NIP, "numer": "1/03/2013"}
    with checked(tmp_path, invoice(2, opiekun="Ala", **own), invoice(2, **own)) as check:
        assert (check.taken, check.refused, check.repeated) == (0, 2, 0)


def test_gaps_in_series(tmp_path: Path) -> None:
    """Between two numbers, before the first of a month, and by kind where kinds share numbers."""

    def numbered(place: int, number: str, **fields: Any) -> Any:
        return invoice(2, invoice_id=place, numer=number, client_nip=NIP, **fields)

    documents = [
        numbered(1, "1/03/2013"), numbered(2, "2/03/2013"), numbered(3, "5/03/2013"),
        numbered(4, "FV 3/A"), numbered(5, "FV 4/A"), numbered(6, "FV 6/A"),
    ]  # fmt: skip
    with checked(tmp_path, *documents) as check:
        said = [place.detail for place in check.findings["number.gap"].examples]
        assert sorted(said) == ["#/03/2013: 3-4", "FV #/A: 5"]
    proforma = {"rodzaj_faktury": "Faktura proforma"}
    shared = [*documents[:2], numbered(8, "2/03/2013", **proforma)]
    with checked(tmp_path, *shared) as check:
        said = [place.detail for place in check.findings["number.gap"].examples]
        assert said == ["#/03/2013: 1"]  # of the proformas
    joint = [*documents[:2], numbered(9, "3/03/2013", **proforma)]
    with checked(tmp_path, *joint) as check:
        assert "number.gap" not in codes(check)


def test_one_number_and_another_fault(tmp_path: Path) -> None:
    """What only v3 would refuse holds back another of its number, as an import's planning does."""
    own: dict[str, Any] = {"numer": "1/03/2013", "client_nip": NIP}
    wrong, right = invoice(2, **own, uwagi="x" * 3501), invoice(14, **own)
    for documents in ([wrong, right], [right, wrong]):
        with checked(tmp_path, *documents) as check:
            assert codes(check)["number.taken"] == codes(check)["text.too_long"] == 1
            assert (check.refused, check.rejects.total) == (2, 2)
    with checked(tmp_path, wrong | {"razem_brutto": "1.00"}, right) as check:
        assert "number.taken" not in codes(check)


def test_buyers_that_look_like_one_company(tmp_path: Path) -> None:
    """One number with several names, one name with several numbers or none."""

    def buyer(place: int, name: str, nip: str) -> Any:
        number = f"{place}/03/2013"
        return invoice(2, invoice_id=place, numer=number, client_nazwa_firmy=name, client_nip=nip)

    documents = [
        buyer(1, "Alfa", NIP), buyer(2, "Alfa Sp. z o.o.", NIP), buyer(3, "Beta", NIP),
        buyer(4, "ALFA", ""), buyer(5, "Gamma", "7740001454"), buyer(6, "Gamma", "7740001454"),
    ]  # fmt: skip
    with checked(tmp_path, *documents) as check:
        (same_number,) = check.findings["buyer.same_number"].examples
        assert same_number.detail == f"{NIP}: Alfa | Alfa Sp. z o.o. | Beta"
        (same_name,) = check.findings["buyer.same_name"].examples
        assert same_name.detail == f"alfa: {NIP} | -"


def test_a_correction_and_its_original(tmp_path: Path) -> None:
    """One whose original is in the archive has nothing to say; the account may have the other."""
    original = invoice(2, numer="1/03/2013", client_nip=NIP)
    row = [line("Usługa 2", -1, 1002)]
    here = correction(1, original, row, client_nip=NIP)
    gone = correction(2, original, row, numer_faktury_korygowanej="9/01/2013", client_nip=NIP)
    with checked(tmp_path, original, here, gone) as check:
        assert check.refused == 0
        assert [one.detail for one in check.findings["correction.elsewhere"].examples] == [
            "9/01/2013"
        ]


def test_what_planning_says_of_corrections(tmp_path: Path) -> None:
    """The same as an import: unproven, of another invoice, behind what is not created."""
    own: dict[str, Any] = {"client_nip": NIP}
    row = [line("Usługa 2", -1, 1002)]
    first, last = invoice(2, numer="1/03/2013", **own), invoice(14, numer="2/03/2013", **own)
    refused = invoice(26, numer="3/03/2013", waluta="XYZ", **own)
    good = correction(1, first, row, **own)
    unproven = correction(2, last, row, razem_brutto="-5.00", **own)
    other = correction(3, last, row, data_faktury_korygowanej="2010-01-01", **own)
    behind = correction(4, refused, row, waluta="XYZ", **own)
    documents = [good, unproven, other, first, last, refused, behind]
    with checked(tmp_path, *documents) as check:
        found = codes(check)
        assert found["correction.unproven"] == found["correction.original_differs"] == 1
        assert (check.taken, check.refused) == (3, 4)
        positions = {one.place.position for one in check.rejects.kept}
        assert positions == {2, 3, 6, 7}
    with checked(tmp_path, *(one | {"waluta": "PLN"} for one in documents)) as check:
        assert check.refused == 2
    long = refused | {"waluta": "PLN", "uwagi": "x" * 3501}
    with checked(tmp_path, behind | {"waluta": "PLN"}, long) as check:
        assert codes(check)["correction.original_rejected"] == 1
        assert check.refused == 2


def test_sums_and_counts_add_up(tmp_path: Path) -> None:
    """Read = taken + refused + the same again; the sums are the archive's own."""
    documents = [invoice(number) for number in range(1, 9)]
    empty = invoice(9, services=[])
    with checked(tmp_path, *documents, documents[0], empty) as check:
        assert check.read == check.taken + check.refused + check.repeated == 10
        every = [*documents, documents[0], empty]
        gross = sum(int(one["razem_brutto"].replace(".", "")) for one in every)
        held = [amounts for key, amounts in check.sums.months.items() if key[1] == "vat"]
        assert sum(one.gross for one in held) == gross
        assert sum(one.count for one in held) == 10


@pytest.mark.parametrize("given", [GIVEN, Given()])
def test_workers_find_the_same(tmp_path: Path, given: Given) -> None:
    """In the same order, with the same examples."""
    documents = [invoice(number, client_panstwo="Niemcy") for number in range(1, 700)]
    seen = []
    for workers in (1, 2):
        with checked(tmp_path, *documents, given=given, workers=workers) as check:
            findings = {
                code: (one.level, one.count, dict(one.fields), one.examples)
                for code, one in check.findings.items()
            }
            seen.append((findings, check.rejects, check.sums, check.taken, check.exact))
    assert seen[0] == seen[1]
