"""No silence: what a translation keeps, rounds, guesses or replaces is said, and no more.

Which notices an archived document must give is worked out here a second time, by hand from
decisions.md section 2.
"""

import re
import tomllib
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infakt_compat.testing import (
    Record,
    v2_clients,
    v2_invoices,
    v2_spelled_clients,
    v2_spelled_invoices,
    v3_clients,
    v3_invoices,
)
from tests import v2_field_names as names

Pair = tuple[Record, Record]
Places = set[tuple[str, str]]

DOCUMENTS = st.one_of(
    v2_spelled_invoices(),
    v2_spelled_invoices(),
    v2_spelled_invoices(xml=True),
    v2_spelled_clients(),
)
RECORDS = st.one_of(v2_invoices(), v2_invoices(), v2_invoices(), v2_clients())
NOTICES = Path(__file__).parents[2] / "mappings" / "notices.toml"


def residue_paths(residue: Record) -> Iterator[tuple[str, Any]]:
    """Every path of a residue with the v2 value that is kept for it (null: v2 had none)."""
    for name, entry in residue.get("fields", {}).items():
        yield name, entry["value"]
    for line in residue.get("services", ()):
        for name, entry in line["fields"].items():
            yield f"services[{line['position']}].{name}", entry["value"]


def at_paths(record: Record) -> Record:
    """Spread a record out: one value a path."""
    flat = {name: value for name, value in record.items() if name != "services"}
    for position, line in enumerate(record.get("services", ())):
        flat |= {f"services[{position}].{name}": value for name, value in line.items()}
    return flat


@given(DOCUMENTS)
def test_residue_is_exact(pair: Pair) -> None:
    """The residue is exactly the paths where v2 of the v3 record alone would differ."""
    from infakt_compat import to_v2, to_v3

    document, expected = pair
    conversion = to_v3(document)
    wanted = at_paths(expected)
    alone = at_paths(to_v2(conversion.record).record)
    differ = {
        path
        for path in {**wanted, **alone}
        if wanted.get(path, "absent") != alone.get(path, "absent")
    }
    paths = [path for path, _ in residue_paths(conversion.residue)]
    assert sorted(paths) == sorted(differ)


@given(DOCUMENTS)
def test_form_of_the_residue(pair: Pair) -> None:
    """A residue is empty, or has a version and entries, by field and by line."""
    from infakt_compat import to_v3

    document, expected = pair
    conversion = to_v3(document)
    residue = conversion.residue
    if not residue:
        assert residue == {}
        return
    assert residue["version"] == 1
    assert set(residue) <= {"version", "fields", "services"}
    assert residue.get("fields", True), "an empty part is left out"
    assert residue.get("services", True), "an empty part is left out"
    entries = list(residue.get("fields", {}).values())
    for line in residue.get("services", ()):
        assert set(line) == {"position", "name", "fields"}
        assert line["fields"]
        assert (line["name"] or "") == expected["services"][line["position"]]["nazwa"]
        entries += line["fields"].values()
    assert entries
    for entry in entries:
        assert set(entry) <= {"value", "v3"}
        assert "value" in entry


@given(DOCUMENTS)
def test_what_is_kept_is_said(pair: Pair) -> None:
    """Every entry of a residue has a notice at its path; none comes twice; levels are right."""
    from infakt_compat import to_v3

    document, _ = pair
    conversion = to_v3(document)
    said = [(notice.code, notice.path) for notice in conversion.notices]
    assert len(said) == len(set(said))
    paths = {path for _, path in said}
    silent = [path for path, _ in residue_paths(conversion.residue) if path not in paths]
    assert not silent
    if not said:
        assert conversion.residue == {}
    for notice in conversion.notices:
        assert notice.level == LEVELS[notice.code]
        assert notice.level in ("info", "warning")


LEVELS = {code: entry["level"] for code, entry in tomllib.loads(NOTICES.read_text("utf-8")).items()}


# --------------------------------------------------------------- the notices of an archive, by hand

INVOICE = {*names.INVOICE, *names.WRITE_ONLY, "services"}
LINE = set(names.LINE)
CLIENT = set(names.CLIENT)
GROSZ = Decimal("0.01")
PARTS = re.compile(r"\S+ / \S+ / \S+")
COUNTRIES = ("", "Polska", "Niemcy", "Francja", "Szwecja", "Włochy", "Hiszpania")
SYNONYMS = ("USA", "NIEMCY", "polska", "PL")
NO_COUNTRIES = ("Atlantyda", "Prusy Królewskie", "PL i DE")


def round_up(value: Decimal) -> Decimal:
    """Round half up to the grosz."""
    return value.quantize(GROSZ, rounding=ROUND_HALF_UP)


def is_fine(*amounts: Decimal | None) -> bool:
    """Whether no amount has more than two decimals."""
    return all(amount is None or amount == round_up(amount) for amount in amounts)


class Oracle:
    """The notices that must be given for a record, and those that may be."""

    def __init__(self, record: Record) -> None:
        """Work them out."""
        self.must: Places = set()
        self.may: Places = set()
        if "nazwa_firmy" in record:
            self.client(record)
        else:
            self.invoice(record)

    def say(self, code: str, path: str, when: object = True) -> None:
        """Demand a notice."""
        if when:
            self.must.add((code, path))

    def country(self, path: str, name: str) -> None:
        """Judge a name of a country; of names from elsewhere nothing is demanded."""
        if name in SYNONYMS:
            self.say("country.synonym", path)
        elif name in NO_COUNTRIES:
            self.say("country.unknown", path)
        elif name not in COUNTRIES:
            self.may |= {("country.synonym", path), ("country.unknown", path)}

    def client(self, record: Record) -> None:
        """Judge a client: the country and unknown fields."""
        self.country("panstwo", record["panstwo"])
        for name in record.keys() - CLIENT:
            self.say("field.unknown", name)

    def invoice(self, record: Record) -> None:
        """Judge an invoice and its lines."""
        kind = record["rodzaj_faktury"]
        lost: set[str] = {"data_podpisania"}
        if kind == "Faktura Marża":
            lost |= {"razem_netto", "razem_vat"}
        if kind == "Faktura Zaliczkowa":
            lost |= {"zaplacono", "data_sprzedazy"}
        if kind != "Faktura korygująca":
            lost |= {"numer_faktury_korygowanej", "data_faktury_korygowanej"}
        for name in lost:
            self.say("field.v2_only", name, record[name] not in (None, ""))
        for name in ("zaplacono", "razem_netto", "razem_vat", "razem_brutto"):
            self.say("money.rounded", name, name not in lost and not is_fine(record[name]))
        self.say("status.unpaid", "status", record["status"] == "niezapłacona")
        self.country("client_panstwo", record["client_panstwo"])
        self.say("exemption.unmapped", "podstawa_zwolnienia", record["podstawa_zwolnienia"])
        for name in ("unikalny_numer", "data_oplacenia"):
            self.say("field.write_only", name, name in record)
        for name in record.keys() - INVOICE:
            self.say("field.unknown", name)
        day = record["data_sprzedazy"] or record["data_wystawienia"]
        for position, line in enumerate(record["services"]):
            self.line(f"services[{position}]", line, kind, day)
        if kind not in ("Faktura korygująca", "Faktura Marża"):
            self.totals(record)

    def line(self, path: str, line: Record, kind: str, day: str | None) -> None:
        """Judge one line."""
        margin = kind == "Faktura Marża"
        lost = {"product_id"}
        lost |= (
            {"cena_netto", "wartosc_netto", "vat", "stawka_vat", "symbol"} if margin else {"marza"}
        )
        for name in lost:
            self.say("field.v2_only", f"{path}.{name}", line[name] not in (None, ""))
        for name in ("wartosc_netto", "vat", "wartosc_brutto", "marza"):
            self.say(
                "money.rounded", f"{path}.{name}", name not in lost and not is_fine(line[name])
            )
        for name in line.keys() - LINE:
            self.say("field.unknown", f"{path}.{name}")
        if margin:
            return
        self.say("symbol.parts", f"{path}.symbol", PARTS.fullmatch(line["symbol"]))
        if not is_fine(line["cena_netto"]):
            self.say("price.unit_precision", f"{path}.cena_netto")
            # v3 gets a net value in its place, where v2 had none
            lacks = line["wartosc_netto"] is None and line["ilosc"] is not None
            self.say("price.unit_precision", f"{path}.wartosc_netto", lacks)
        rate = line["stawka_vat"]
        if not rate:
            rate = told_from_vat(line, day)
            codes = ("rate.inferred", "rate.missing")
            if is_fine(line["wartosc_netto"], line["vat"]):
                self.say(codes[0] if rate else codes[1], f"{path}.stawka_vat")
            else:
                self.may |= {(code, f"{path}.stawka_vat") for code in codes}
        if kind == "Faktura korygująca":
            # lines of a correction may be differences: whether they are checked is left open
            self.may.add(("totals.differ", path))
            return
        match line_differs(line, rate):
            case True:
                self.say("totals.differ", path)
            case None:
                self.may.add(("totals.differ", path))

    def totals(self, record: Record) -> None:
        """Compare the sums of the lines with the totals."""
        pairs = (
            ("razem_netto", "wartosc_netto"),
            ("razem_vat", "vat"),
            ("razem_brutto", "wartosc_brutto"),
        )
        for total, name in pairs:
            values = [line[name] for line in record["services"]]
            if record[total] is None:
                continue
            if None in values:
                # v3 may have been given a value in the place of the one that is absent
                if name == "wartosc_netto":
                    self.may.add(("totals.differ", total))
                continue
            if not values or not is_fine(record[total], *values):
                self.may.add(("totals.differ", total))
            else:
                self.say("totals.differ", total, sum(values, Decimal(0)) != record[total])


def told_from_vat(line: Record, day: str | None) -> str:
    """Tell the rate that a line with a blank one must have had, or nothing."""
    net, vat = line["wartosc_netto"], line["vat"]
    if net is None or vat is None or day is None:
        return ""
    rates = {"0": 0, "zw": 0, "np": 0}
    rates |= {"23": 23, "8": 8, "5": 5} if day >= "2011-01-01" else {"22": 22, "7": 7, "3": 3}
    fit = [name for name, percent in rates.items() if round_up(net * percent / 100) == vat]
    return fit[0] if len(fit) == 1 else ""


def line_differs(line: Record, rate: str) -> bool | None:
    """Say whether v3 would compute another line; None where that is left open."""
    net, vat, gross = line["wartosc_netto"], line["vat"], line["wartosc_brutto"]
    percent = Decimal(rate) if rate.isdigit() else Decimal(0)
    if not is_fine(net, vat, gross):
        return None
    if line["cena_netto"] is not None:
        if line["ilosc"] is None:
            return None if (net, vat, gross) != (None, None, None) else False
        got_net = round_up(line["ilosc"] * line["cena_netto"])
    elif net is not None:
        got_net = net
    elif gross is not None:
        if not rate:
            return False
        got_net = gross - round_up(gross * percent / (100 + percent))
        return vat is not None and vat != gross - got_net
    else:
        return None if vat is not None else False
    if net is not None and net != got_net:
        return True
    if not rate:
        return False
    got_vat = round_up(got_net * percent / 100)
    if vat is not None and vat != got_vat:
        return True
    return gross is not None and gross != got_net + got_vat


def assert_notices(record: Record, notices: Any) -> None:
    """Check that all notices are given that must be, and none but those that may be."""
    oracle = Oracle(record)
    said = {(notice.code, notice.path) for notice in notices}
    assert said >= oracle.must, f"not said: {sorted(oracle.must - said)}"
    surplus = said - oracle.must - oracle.may
    assert not surplus, f"said without need: {sorted(surplus)}"


@given(RECORDS)
def test_notices_of_an_archive(record: Record) -> None:
    """A document gives the notices that decisions.md names for it, and no others."""
    from infakt_compat import to_v3

    assert_notices(record, to_v3(record).notices)


@given(DOCUMENTS)
def test_spelling_gives_no_notice(pair: Pair) -> None:
    """How a document is spelled changes nothing about its notices."""
    from infakt_compat import to_v3

    document, expected = pair
    assert_notices(expected, to_v3(document).notices)


@given(RECORDS)
def test_a_document_that_v3_can_hold_is_exact(record: Record) -> None:
    """A document that v3 can hold has no notice and no residue, and comes back by itself."""
    from infakt_compat import to_v2, to_v3

    record = without_loss(record)
    oracle = Oracle(record)
    assert not oracle.must
    conversion = to_v3(record)
    assert {(notice.code, notice.path) for notice in conversion.notices} <= oracle.may
    assert conversion.residue == {}
    assert to_v2(conversion.record).record == record


def without_loss(record: Record) -> Record:
    """Replace every value of a record that v3 cannot hold."""
    if "nazwa_firmy" in record:
        record = {name: value for name, value in record.items() if name in CLIENT}
        return {**record, "panstwo": "Niemcy"}
    record = {name: value for name, value in record.items() if name in INVOICE}
    record.pop("unikalny_numer", None)
    record.pop("data_oplacenia", None)
    margin = record["rodzaj_faktury"] == "Faktura Marża"
    advance = record["rodzaj_faktury"] == "Faktura Zaliczkowa"
    lines = [
        {name: value for name, value in line.items() if name in LINE} for line in record["services"]
    ]
    for line in lines:
        line["product_id"] = None
        line["symbol"] = line["symbol"].replace("/", "")
        price = round_up(line["cena_netto"] or Decimal(0))
        line["ilosc"] = line["ilosc"] if line["ilosc"] is not None else Decimal(1)
        if margin:
            line |= {"cena_netto": None, "wartosc_netto": None, "vat": None}
            line |= {"stawka_vat": "", "symbol": "", "marza": price, "wartosc_brutto": price}
            continue
        rate = line["stawka_vat"] or "23"
        net = round_up(line["ilosc"] * price)
        vat = round_up(net * (int(rate) if rate.isdigit() else 0) / 100)
        line |= {"cena_netto": price, "wartosc_netto": net, "vat": vat, "wartosc_brutto": net + vat}
        line |= {"stawka_vat": rate, "marza": None}
    paid = record["zaplacono"]
    record |= {
        "zaplacono": None if paid is None or advance else round_up(paid),
        "status": "szkic" if record["status"] == "niezapłacona" else record["status"],
        "client_panstwo": "Niemcy",
        "podstawa_zwolnienia": "",
        "data_podpisania": "",
        "razem_netto": None
        if margin
        else sum((line["wartosc_netto"] for line in lines), Decimal(0)),
        "razem_vat": None if margin else sum((line["vat"] for line in lines), Decimal(0)),
        "razem_brutto": sum((line["wartosc_brutto"] for line in lines), Decimal(0)),
        "services": lines,
    }
    if advance:
        record["data_sprzedazy"] = None
    if record["rodzaj_faktury"] != "Faktura korygująca":
        record |= {"numer_faktury_korygowanej": "", "data_faktury_korygowanej": None}
    return record


# --------------------------------------------------------------------------------------- live views


@given(v3_invoices())
def test_notices_of_a_live_view(invoice: Record) -> None:
    """A view says where it shows something that v3 does not say."""
    from infakt_compat.translate import get

    said = {(notice.code, notice.path) for notice in get(invoice).notices}
    expected: Places = set()
    if invoice["kind"] == "internal":
        expected.add(("kind.no_v2_value", "rodzaj_faktury"))
    if invoice["payment_method"] in V3_ONLY_PAYMENTS:
        expected.add(("payment.no_v2_value", "sposob_platnosci"))
    if invoice["payment_method"] == "blik":
        expected.add(("enum.carried", "sposob_platnosci"))
    if invoice["status"] == "archived":
        expected.add(("enum.carried", "status"))
    if invoice["client_country"] == "XX":
        expected.add(("country.no_v2_value", "client_panstwo"))
    if invoice["invoice_date"]:
        if not invoice.get("sale_date"):
            expected.add(("date.defaulted", "data_sprzedazy"))
        if not invoice["payment_date"]:
            expected.add(("date.defaulted", "termin_zaplaty"))
    if invoice["status"] == "paid" and invoice.get("paid_price") == 0 and invoice["gross_price"]:
        expected.add(("paid.inferred", "zaplacono"))
    for position, row in enumerate(invoice["services"]):
        if row.get("tax_symbol") == "oo":
            expected.add(("rate.no_v2_value", f"services[{position}].stawka_vat"))
        if row.get("tax_symbol") in ("19", "np_ue"):
            expected.add(("enum.carried", f"services[{position}].stawka_vat"))
    assert said >= expected, f"not said: {sorted(expected - said)}"
    surplus = {place for place in said - expected if place[0] in EXPLAINED}
    if invoice["kind"] == "advance":
        # v3 has no paid amount there: whether it is inferred or stands in as 0.0 is one notice or
        # the other
        surplus.discard(("paid.inferred", "zaplacono"))
    if not invoice["gross_price"]:
        surplus.discard(("paid.inferred", "zaplacono"))
    assert not surplus, f"said without need: {sorted(surplus)}"


V3_ONLY_PAYMENTS = ("paypal", "instalment_sale", "payu", "tpay", "przelewy24", "dotpay")
EXPLAINED = (
    "kind.no_v2_value",
    "payment.no_v2_value",
    "enum.carried",
    "country.no_v2_value",
    "date.defaulted",
    "paid.inferred",
    "rate.no_v2_value",
)


@given(v3_invoices(("margin", "advance")))
def test_amounts_that_a_kind_lacks(invoice: Record) -> None:
    """What v3's kind lacks is 0.0 on a live view, with a notice."""
    from infakt_compat.translate import get

    view = get(invoice)
    said = {(notice.code, notice.path) for notice in view.notices}
    lacks = ("razem_netto", "razem_vat") if invoice["kind"] == "margin" else ("zaplacono",)
    for name in lacks:
        if ("paid.inferred", name) not in said:
            assert view.record[name] == 0
            assert view.record[name] is not None
            assert ("amount.defaulted", name) in said


READ_ONLY_INVOICE: tuple[tuple[str, Any], ...] = (
    ("invoice_id", 7),
    ("razem_netto", Decimal("1.01")),
    ("razem_vat", Decimal("1.01")),
    ("razem_brutto", Decimal("1.01")),
)


@given(v3_invoices(("vat", "proforma")), st.sampled_from(READ_ONLY_INVOICE))
def test_a_changed_read_only_field_is_said_and_not_sent(
    invoice: Record, change: tuple[str, Any]
) -> None:
    """A changed total or id is not sent, and that is said; unchanged ones are not spoken of."""
    from infakt_compat.translate import get, put

    name, value = change
    view = get(invoice).record
    unchanged = put(invoice, view)
    assert not [notice for notice in unchanged.notices if notice.code == "field.read_only"]
    if view[name] == value:
        return
    result = put(invoice, {**view, name: value})
    assert result.patch == {}
    said = [notice.path for notice in result.notices if notice.code == "field.read_only"]
    assert said == [name]


@given(v3_clients())
def test_a_changed_client_id_is_said_and_not_sent(client: Record) -> None:
    """The id of a client cannot be changed through the client."""
    from infakt_compat.translate import get, put

    result = put(client, {**get(client).record, "client_id": 7})
    assert result.patch == {}
    said = [notice.path for notice in result.notices if notice.code == "field.read_only"]
    assert said == ["client_id"]
