"""A v2 archive of any size for measuring: 1 to 5 lines an invoice, every enum, totals that agree.

python tests/benchmarks/archive.py xml 20000 > archive.xml
"""

import operator
import random
import sys
from collections import deque
from collections.abc import Iterator
from typing import Any, TextIO
from xml.sax.saxutils import escape

import orjson

#: The kinds with how many of a hundred documents are of it.
KINDS = {"Faktura VAT": 70, "Faktura proforma": 13, "Faktura korygująca": 5,
         "Faktura Zaliczkowa": 4, "Faktura Końcowa": 4, "Faktura Marża": 4}  # fmt: skip
BUYERS = 5000
#: A correction is of one of so many invoices before it, and of each there is one at most.
LATEST = 3000
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
    latest: deque[dict[str, Any]] = deque(maxlen=LATEST)
    buyers = [buyer(draw, number) for number in range(1, BUYERS + 1)]
    for number in range(1, count + 1):
        lines = [line(draw, number * 10 + place) for place in range(draw.randint(1, 5))]
        net, vat = (sum(each[key] for each in lines) for key in ("net", "tax"))
        (kind,) = draw.choices(list(KINDS), list(KINDS.values()))
        day = f"{draw.randint(2009, 2014)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        made = {
            "client_kod_pocztowy": f"{draw.randint(10, 99)}-{draw.randint(100, 999)}",
            "status": draw.choice(STATUSES),
            "rodzaj_faktury": kind,
            "client_miejscowosc": draw.choice(CITIES),
            "podpis_sprzedawcy": "Jan Kowalski",
            "zaplacono": "0.0" if draw.random() < 0.5 else zloty(net + vat),
            "razem_brutto": zloty(net + vat),
            "data_sprzedazy": day,
            "numer": f"{number}/{day[5:7]}/{day[:4]}",
            "razem_vat": zloty(vat),
            "termin_zaplaty": day,
            "data_wystawienia": day,
            "uwagi": "" if draw.random() < 0.7 else f"Zamówienie nr {number}",
            "podpis_odbiorcy": "",
            "razem_netto": zloty(net),
            "waluta": "PLN",
            "client_ulica": f"{draw.choice(STREETS)} {draw.randint(1, 200)}/{draw.randint(1, 90)}",
            "invoice_id": 1_000_000 + number,
            **draw.choice(buyers),
            "sposob_platnosci": draw.choice(METHODS),
            "podstawa_zwolnienia": "",
            "services": [each["v2"] for each in lines],
        }
        if kind == "Faktura korygująca" and latest:
            latest.rotate(draw.randrange(len(latest)))
            made = _correction(made, latest.pop())
        elif kind == "Faktura VAT":
            latest.append(made)
        yield made


def _correction(made: dict[str, Any], original: dict[str, Any]) -> dict[str, Any]:
    """Give a correction that brings an invoice to nothing."""
    lines = [dict(line, ilosc=f"-{line['ilosc']}") for line in original["services"]]
    for line in lines:
        line |= {name: f"-{line[name]}" for name in ("wartosc_netto", "vat", "wartosc_brutto")}
    totals = {name: f"-{original[name]}" for name in ("razem_netto", "razem_vat", "razem_brutto")}
    own = {name: made[name] for name in ("numer", "invoice_id", "data_wystawienia", "status")}
    named = {
        "rodzaj_faktury": made["rodzaj_faktury"],
        "numer_faktury_korygowanej": original["numer"],
        "data_faktury_korygowanej": original["data_wystawienia"],
    }
    return original | own | totals | named | {"zaplacono": "0.0", "services": lines}


def buyer(draw: random.Random, number: int) -> dict[str, Any]:
    """Give what names a buyer."""
    return {
        "client_id": number,
        "client_nazwa_firmy": f"Firma nr {number} Sp. z o.o.",
        "client_nip": nip(draw),
        "client_panstwo": draw.choice(COUNTRIES),
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
