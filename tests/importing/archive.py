"""Archives made for imports: numbered and not, of several clients, corrected, paid, in drafts."""

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

Document = dict[str, Any]

#: Tax numbers with a right check digit.
NIPS = ("9452121681", "5252248481", "7740001454", "5260250995", "6770065406")
_STATUSES = ("szkic", "wysłana", "wydrukowana", "zapłacona", "zapłacona", "niezapłacona")


def zloty(grosze: int) -> str:
    """Write grosze as v2 wrote zloty."""
    sign = "-" if grosze < 0 else ""
    return f"{sign}{abs(grosze) // 100}.{abs(grosze) % 100:02d}"


def line(name: str, quantity: int, price: int, rate: int = 23) -> Document:
    """Give a line whose totals are v3's own; price in grosze."""
    net = quantity * price
    tax = (abs(2 * net * rate) + 100) // 200 * (1 if net >= 0 else -1)
    return {
        "nazwa": name, "stawka_vat": str(rate), "jm": "szt.", "ilosc": f"{quantity}.0",
        "cena_netto": zloty(price), "wartosc_netto": zloty(net), "vat": zloty(tax),
        "wartosc_brutto": zloty(net + tax),
    }  # fmt: skip


def _sum(lines: Iterable[Document], name: str) -> str:
    return zloty(sum(round(float(one[name]) * 100) for one in lines))


def invoice(number: int, lines: list[Document] | None = None, **fields: Any) -> Document:
    """Give an invoice; named fields replace its own, None leaves one out."""
    rows = [line(f"Usługa {number}", 1 + number % 3, 1000 + number)] if lines is None else lines
    month = number % 12 + 1
    day = f"2013-{month:02d}-{number % 28 + 1:02d}"
    made: Document = {
        "invoice_id": 5000 + number, "numer": f"{number}/{month:02d}/2013", "waluta": "PLN",
        "zaplacono": "0.0", "uwagi": f"uwaga {number}", "rodzaj_faktury": "Faktura VAT",
        "sposob_platnosci": "Gotówka", "data_wystawienia": day, "data_sprzedazy": day,
        "termin_zaplaty": f"2013-{month:02d}-28", "status": _STATUSES[number % len(_STATUSES)],
        "client_id": 100 + number % 7, "client_nazwa_firmy": f"Firma {number % 7}",
        "client_ulica": "ul. Długa 3", "client_miejscowosc": "Kraków",
        "client_kod_pocztowy": "30-001", "client_panstwo": "Polska",
        "client_nip": NIPS[number % 7] if number % 7 < len(NIPS) else "",
        "razem_netto": _sum(rows, "wartosc_netto"), "razem_vat": _sum(rows, "vat"),
        "razem_brutto": _sum(rows, "wartosc_brutto"), "services": rows,
    }  # fmt: skip
    made |= fields
    return {name: value for name, value in made.items() if value is not None}


def correction(number: int, original: Document, lines: list[Document], **fields: Any) -> Document:
    """Give a correction of an invoice, its totals those of its lines."""
    own = {
        "numer": f"{number}/KOR/2013", "rodzaj_faktury": "Faktura korygująca",
        "numer_faktury_korygowanej": original["numer"],
        "data_faktury_korygowanej": original["data_wystawienia"],
        "client_id": original["client_id"], "client_nazwa_firmy": original["client_nazwa_firmy"],
        "client_nip": original["client_nip"], "status": "wydrukowana",
    }  # fmt: skip
    return invoice(9000 + number, lines, **{**own, **fields})


def mixed(count: int, seed: int) -> list[Document]:
    """Give an archive as they are: mostly invoices, some proformas, corrections, no number."""
    draw = random.Random(seed)
    found: list[Document] = []
    for number in range(1, count + 1):
        chance = draw.random()
        if chance < 0.1 and found and found[-1]["rodzaj_faktury"] == "Faktura VAT":
            last = found[-1]
            if "numer" in last:
                taken = line(last["services"][0]["nazwa"], -1, 1000 + number - 1)
                found.append(correction(number, last, [taken]))
                continue
        if chance < 0.15:
            # Without number and id it is known again by its notes only.
            found.append(invoice(number, numer=None, invoice_id=None, status="szkic"))
        elif chance < 0.3:
            own: dict[str, Any] = {
                "numer": f"{number}/PROF/2013",
                "rodzaj_faktury": "Faktura proforma",
            }
            found.append(invoice(number, **own))
        else:
            found.append(invoice(number))
    return found


def write(path: Path, documents: list[Document]) -> Path:
    """Write an archive as v2's JSON list."""
    path.write_text(json.dumps({"invoices": documents}, ensure_ascii=False), "utf-8")
    return path


def write_xml(path: Path, documents: list[Document]) -> Path:
    """Write an archive as v2's XML list."""
    body = "".join(f"<invoice>{_fields(document)}</invoice>" for document in documents)
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?><invoices>{body}</invoices>', "utf-8")
    return path


def _fields(record: Document) -> str:
    found = []
    for name, value in record.items():
        if isinstance(value, list):
            rows = "".join(f"<service>{_fields(row)}</service>" for row in value)
            found.append(f"<services>{rows}</services>")
        else:
            found.append(f"<{name}>{escape(str(value))}</{name}>")
    return "".join(found)
