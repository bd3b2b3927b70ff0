"""Made-up clients and documents of all five families, the same for the same seed number."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

Record = dict[str, Any]
Maker = Callable[[Record], Record]

FAMILIES = (
    "invoices", "corrective_invoices", "margin_invoices", "advance_invoices", "final_invoices",
)  # fmt: skip
_CITIES = (("Kraków", "30-549"), ("Warszawa", "00-950"), ("Gdańsk", "80-001"), ("Łódź", "90-001"))
_TRADES = ("Przykładowa", "Testowa", "Zażółć", "Gęślą", "Jaźń", "Wzorcowa", "Próbna")
_THINGS = ("Usługa programistyczna", "Konsultacja", "Krówki", "Licencja", "Przegląd roczny")
_PER_DAY = 5


def fill(count: int, today: date, seed: int, makers: dict[str, Maker]) -> dict[str, int]:
    """Make `count` documents, in turn of the five families, going back from today."""
    draw = random.Random(seed)
    clients = [makers["clients"](_client(draw, n)) for n in range(min(50, count // 10 + 1))]
    made: dict[str, int] = dict.fromkeys(FAMILIES, 0)
    latest: Record = {}
    for n in range(count):
        day = today - timedelta(days=(count - 1 - n) // _PER_DAY)
        path = FAMILIES[n % len(FAMILIES)]
        data = {**_common(draw, draw.choice(clients), day), **_special(draw, path, day, latest)}
        latest[path] = makers[path](data)
        made[path] += 1
    return made


def _client(draw: random.Random, number: int) -> Record:
    city, code = draw.choice(_CITIES)
    common = {
        "street": "Długa", "street_number": str(draw.randint(1, 200)), "city": city,
        "postal_code": code, "country": "PL", "email": f"client{number}@example.com",
    }  # fmt: skip
    if number % 7 == 3:
        person = {"first_name": "Jan", "last_name": f"Nowak {number}"}
        return {**common, **person, "business_activity_kind": "private_person"}
    name = f"{draw.choice(_TRADES)} {number} Sp. z o.o."
    return {
        **common, "company_name": name, "nip": _nip(draw),
        "business_activity_kind": "other_business",
    }  # fmt: skip


def _nip(draw: random.Random) -> str:
    while True:
        digits = [draw.randint(1, 9) for _ in range(9)]
        weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
        check = sum(w * d for w, d in zip(weights, digits, strict=True)) % 11
        if check < 10:
            return "".join(map(str, (*digits, check)))


def _common(draw: random.Random, client: Record, day: date) -> Record:
    issued = day.isoformat()
    status = draw.choice(("draft", "sent", "printed", "paid", "paid"))
    return {
        "client_id": client["id"], "invoice_date": issued, "sale_date": issued,
        "created_at": f"{issued}T10:00:00.000+01:00",
        "payment_method": draw.choice(("transfer", "cash", "card", "other")),
        "status": status, "paid_date": issued if status == "paid" else None,
        "services": [_row(draw) for _ in range(draw.randint(1, 3))],
    }  # fmt: skip


def _row(draw: random.Random) -> Record:
    return {
        "name": draw.choice(_THINGS), "tax_symbol": draw.choice(("23", "23", "8", "5", "0", "np")),
        "unit": "szt.", "quantity": draw.choice((1, 2, "0.5", 10)),
        "unit_net_price": draw.randint(1, 200000),
    }  # fmt: skip


def _special(draw: random.Random, path: str, day: date, latest: Record) -> Record:
    if path == "corrective_invoices":
        before = {**_row(draw), "group": "1", "correction": False}
        after = {**before, "correction": True, "quantity": 0}
        corrected = latest["invoices"]
        return {
            "corrected_invoice_uuid": corrected["uuid"], "correction_reason": "mistake",
            "services": [before, after],
        }  # fmt: skip
    if path == "margin_invoices":
        margin = draw.randint(100, 5000)
        row = {
            "name": "Aparat używany", "quantity": 1, "margin_amount_price": margin,
            "gross_with_margin_amount_price": margin + draw.randint(100, 90000),
        }  # fmt: skip
        return {"margin_kind": "second_hand_goods", "services": [row]}
    if path == "advance_invoices":
        return {"advance_price": draw.randint(100, 50000), "advance_date": day.isoformat()}
    if path == "final_invoices":
        return {"previous_advance_id": latest["advance_invoices"]["id"]}
    return {"kind": "proforma"} if draw.random() < 0.1 else {}
