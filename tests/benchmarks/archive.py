"""A v2 archive of any size for measuring: 1 to 5 lines an invoice, every enum, totals that agree.

python tests/benchmarks/archive.py xml 20000 > archive.xml
"""

import operator
import random
import sys
from collections.abc import Iterator
from typing import Any, TextIO
from xml.sax.saxutils import escape

import orjson

KINDS = ("Faktura VAT", "Faktura VAT", "Faktura VAT", "Faktura proforma", "Faktura Zaliczkowa",
         "Faktura korygująca", "Faktura Końcowa", "Faktura Marża")  # fmt: skip
METHODS = ("Przelew", "Gotówka", "Karta płatnicza", "Barter", "Czek", "Weksel", "Za pobraniem",
           "Inny", "Kompensata", "Akredytywa")  # fmt: skip
STATUSES = ("szkic", "wysłana", "wydrukowana", "zapłacona", "niezapłacona")
RATES = {"23": 23, "22": 22, "8": 8, "7": 7, "5": 5, "3": 3, "0": 0, "zw": 0, "np": 0}
CITIES = ("Kraków", "Łódź", "Gdańsk", "Żory", "Święta Katarzyna")
STREETS = ("ul. Długa", "Krakowska", "os. Piastów", "al. 3 Maja")
COUNTRIES = ("Polska", "Polska", "Polska", "Niemcy", "Czechy")


def zloty(grosze: int) -> str:
    """Write grosze as v2 wrote zloty."""
    return f"{grosze / 100:.2f}".removesuffix("0")


def invoices(count: int, seed: int = 2010) -> Iterator[dict[str, Any]]:
    """Give invoices, the same for the same seed; amounts as text in zloty."""
    draw = random.Random(seed)
    for number in range(1, count + 1):
        lines = [line(draw, number * 10 + place) for place in range(draw.randint(1, 5))]
        net, vat = (sum(each[key] for each in lines) for key in ("net", "tax"))
        kind = draw.choice(KINDS)
        day = f"{draw.randint(2009, 2014)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        yield {
            "client_kod_pocztowy": f"{draw.randint(10, 99)}-{draw.randint(100, 999)}",
            "status": draw.choice(STATUSES),
            "rodzaj_faktury": kind,
            "client_miejscowosc": draw.choice(CITIES),
            "podpis_sprzedawcy": "Jan Kowalski",
            "client_panstwo": draw.choice(COUNTRIES),
            "zaplacono": "0.0" if draw.random() < 0.5 else zloty(net + vat),
            "client_nip": nip(draw),
            "razem_brutto": zloty(net + vat),
            "data_sprzedazy": day,
            "numer": f"{number}/{day[5:7]}/{day[:4]}",
            "razem_vat": zloty(vat),
            "termin_zaplaty": day,
            "data_wystawienia": day,
            "uwagi": "" if draw.random() < 0.7 else f"Zamówienie nr {number}",
            "client_nazwa_firmy": f"Firma nr {draw.randint(1, 5000)} Sp. z o.o.",
            "podpis_odbiorcy": "",
            "razem_netto": zloty(net),
            "waluta": "PLN",
            "client_ulica": f"{draw.choice(STREETS)} {draw.randint(1, 200)}/{draw.randint(1, 90)}",
            "invoice_id": 1_000_000 + number,
            "client_id": draw.randint(1, 5000),
            "sposob_platnosci": draw.choice(METHODS),
            "podstawa_zwolnienia": "",
            "services": [each["v2"] for each in lines],
        }


def nip(draw: random.Random) -> str:
    """Give a tax number whose checksum is right."""
    while True:
        digits = [draw.randint(1, 9), *(draw.randint(0, 9) for _ in range(8))]
        check = sum(map(operator.mul, digits, (6, 5, 7, 2, 3, 4, 5, 6, 7))) % 11
        if check < 10:
            return "".join(map(str, [*digits, check]))


def line(draw: random.Random, number: int) -> dict[str, Any]:
    """Give one line: its v2 fields, and its totals in grosze."""
    quantity, price = draw.randint(1, 20), draw.randint(100, 200_000)
    rate = draw.choice(tuple(RATES))
    net = quantity * price
    tax = (2 * net * RATES[rate] + 100) // 200
    v2 = {
        "symbol": "",
        "cena_netto": zloty(price),
        "jm": draw.choice(("szt.", "godz.", "")),
        "vat": zloty(tax),
        "ilosc": f"{quantity}.0",
        "product_id": None,
        "marza": None,
        "wartosc_brutto": zloty(net + tax),
        "stawka_vat": rate,
        "service_id": number,
        "wartosc_netto": zloty(net),
        "nazwa": f"Produkt nr {draw.randint(1, 1000)}",
    }
    return {"net": net, "tax": tax, "v2": v2}


def write_xml(out: TextIO, count: int) -> None:
    """Write the archive as v2's XML list, indented as v2 indented."""
    out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<invoices per_page="100" total="{count}" ')
    out.write(f'pages="{count // 100 + 1}" page="1">\n')
    for invoice in invoices(count):
        out.write("    <invoice>\n" + "".join(_fields(invoice, 8)) + "    </invoice>\n")
    out.write("</invoices>\n")


def _fields(record: dict[str, Any], indent: int) -> Iterator[str]:
    """Give the fields of a record as elements; what is not ASCII as character references."""
    pad = " " * indent
    for name, value in record.items():
        if isinstance(value, list):
            yield f"{pad}<services>\n"
            for row in value:
                inner = "".join(_fields(row, indent + 8))
                yield f"{pad}    <service>\n{inner}{pad}    </service>\n"
            yield f"{pad}</services>\n"
        else:
            text = escape("" if value is None else str(value))
            text = text.encode("ascii", "xmlcharrefreplace").decode()
            yield f"{pad}<{name}>{text}</{name}>\n"


def write_json(out: TextIO, count: int) -> None:
    """Write the archive as v2's JSON list: amounts are numbers, the quantity a text."""
    info = {"per_page": 100, "total": count, "pages": count // 100 + 1, "page": 1}
    out.write('{"info":' + orjson.dumps(info).decode() + ',"invoices":[')
    for number, invoice in enumerate(invoices(count)):
        out.write(("," if number else "") + orjson.dumps(_json(invoice)).decode())
    out.write("]}")


def _json(record: dict[str, Any]) -> dict[str, Any]:
    """Give a record with its amounts as JSON numbers."""
    amounts = {"zaplacono", "razem_netto", "razem_vat", "razem_brutto", "cena_netto", "vat",
               "wartosc_netto", "wartosc_brutto"}  # fmt: skip
    found: dict[str, Any] = {}
    for name, value in record.items():
        if name == "services":
            found[name] = [_json(row) for row in value]
        else:
            found[name] = orjson.Fragment(value) if name in amounts else value
    return found


if __name__ == "__main__":
    {"xml": write_xml, "json": write_json}[sys.argv[1]](sys.stdout, int(sys.argv[2]))
