"""Reference data, word for word where the documents give it (v3-wire 8)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Row = dict[str, Any]

_VAT_ACT = "Ustawa o podatku od towarów i usług"
_NO_END, _START, _2010, _2011 = None, "1900-01-01", "2010-12-31", "2011-01-01"


def _rate(number: int, rate: str, name: str, symbol: str, start: str, end: str | None) -> Row:
    return {
        "id": number, "rate": rate, "name": name, "symbol": symbol,
        "valid_from": start, "valid_until": end,
    }  # fmt: skip


VAT_RATES = [
    _rate(7, "23.0", "23%", "23", _2011, _NO_END),
    _rate(1, "22.0", "22%", "22", _START, _2010),
    _rate(8, "8.0", "8%", "8", _2011, _NO_END),
    _rate(2, "7.0", "7%", "7", _START, _2010),
    _rate(9, "5.0", "5%", "5", _2011, _NO_END),
    _rate(3, "3.0", "3%", "3", _START, _2010),
    _rate(4, "0.0", "0%", "0", _START, _NO_END),
    _rate(6, "0.0", "zw.", "zw", _START, _NO_END),
    _rate(5, "0.0", "np.", "np", _START, _NO_END),
    _rate(36, "0.0", "o.o.", "oo", _START, _NO_END),
]
RATE_OF = {row["symbol"]: Decimal(row["rate"]) for row in VAT_RATES}

FLAT_RATES = [
    {"id": number, "rate": f"{symbol}.0" if "." not in symbol else symbol,
     "name": symbol.replace(".", ",") + "%", "symbol": symbol}
    for number, symbol in (
        (35, "2"), (30, "3"), (31, "5.5"), (32, "8.5"), (38, "10"), (42, "12"), (41, "12.5"),
        (43, "14"), (39, "15"), (33, "17"), (34, "20"),
    )
]  # fmt: skip
FLAT_SYMBOLS = {row["symbol"] for row in FLAT_RATES}

VAT_EXEMPTIONS = [
    {"id": number, "description": description, "legal_basis_rule": rule,
     "legal_basis_source": _VAT_ACT}
    for number, description, rule in (
        (1, "zwolnienie podmiotowe", "art. 113 ust. 1 i 9"),
        (3, "towary wykorzystywane w działalności zwolnionej", "art. 43. ust. 1 pkt 2"),
        (12, "usługi w zakresie opieki medycznej", "art. 43. ust. 1 pkt 18"),
        (17, "usługi w zakresie kształcenia", "art. 43. ust. 1 pkt 26"),
        (29, "usługi ubezpieczeniowe", "art. 43. ust. 1 pkt 37"),
    )
]  # fmt: skip

TRANSACTION_KINDS = [
    {"id": 1, "name": "Nieodpłatne przekazanie towarów", "symbol": "free_transfer_of_goods"},
    {"id": 2, "name": "Sprzedaż bezrachunkowa", "symbol": "nonaccounting_sales"},
    {"id": 3, "name": "Spis z natury dla celów VAT", "symbol": "inventory_for_vat"},
    {"id": 4, "name": "Zwrot ulgi na kasę fiskalną", "symbol": "refund_cash_register_tax_relief"},
    {"id": 5, "name": "Zakup nowego środka transportu z innego kraju UE",
     "symbol": "car_purchase_from_eu"},
]  # fmt: skip

_GTUS = (
    "Dostawa napojów alkoholowych",
    "Dostawa paliw silnikowych",
    "Dostawa oleju opałowego, olejów smarownych oraz smarów plastycznych itp.",
    "Dostawa wyrobów tytoniowych oraz wyborów nowatorskich",
    "Dostawa odpadów",
    "Dostawa urządzeń elektronicznych oraz części i materiałów do nich",
    "Dostawa pojazdów oraz części samochodowych",
    "Dostawa metali szlachetnych oraz nieszlachetnych",
    "Dostawa leków oraz wyrobów medycznych",
    "Dostawa budynków, budowli i gruntów.",
    "Świadczenie usług w zakresie przenoszenia uprawnień do emisji gazów cieplarnianych",
    "Świadczenie usług doradczych, księgowych, prawnych, zarządczych i szkoleniowych",
    "Świadczenie usług transportowych i gospodarki magazynowej",
)
GTUS = [
    {"id": number, "name": f"GTU_{number:02d}", "short_description": text, "description": text}
    for number, text in enumerate(_GTUS, 1)
]

_MARKINGS = (
    ("RO", "Raport okresowy z kasy rejestrującej"),
    ("WEW", "Dokument wewnętrzny"),
    ("FP", "Faktura do paragonu"),
    ("SW", "Sprzedaż wysyłkowa"),
    ("EE", "Usługi elektroniczne, telekomunikacyjne i nadawcze"),
    ("TP", "Powiązania między nabywcą a dostawcą"),
    ("TT_WNT", "Wewnątrzwspólnotowe nabycie w transakcji trójstronnej"),
    ("TT_D", "Dostawa poza terytorium kraju w transakcji trójstronnej"),
    ("MR_T", "Usługi turystyki opodatkowane marżą"),
    ("MR_UZ", "Towary używane, dzieła sztuki, antyki opodatkowane marżą"),
    ("I_42", "Dostawa po imporcie w procedurze celnej 42"),
    ("I_63", "Dostawa po imporcie w procedurze celnej 63"),
    ("B_SPV", "Transfer bonu jednego przeznaczenia"),
)
DOCUMENT_MARKINGS = [
    {"id": number, "code": code, "short_description": text, "description": text}
    for number, (code, text) in enumerate(_MARKINGS, 1)
]

PAYMENT_METHODS = frozenset((
    "transfer", "cash", "card", "barter", "check", "bill_of_sale", "delivery", "compensation",
    "accredited", "paypal", "instalment_sale", "payu", "tpay", "przelewy24", "dotpay", "other",
))  # fmt: skip
CURRENCIES = frozenset((
    "PLN", "THB", "USD", "AUD", "HKD", "CAD", "NZD", "SGD", "EUR", "HUF", "CHF", "GBP", "UAH",
    "JPY", "CZK", "DKK", "ISK", "NOK", "SEK", "HRK", "RON", "BGN", "TRY", "LTL", "LVL", "PHP",
    "MXN", "ZAR", "BRL", "MYR", "RUB", "IDR", "KRW", "CNY", "INR",
))  # fmt: skip
STATUSES = ("draft", "sent", "printed", "paid")
BUSINESS_KINDS = ("private_person", "self_employed", "other_business")
DATE_KINDS = ("sale_date", "service_date", "cargo_date", "continuous_service_end_on")
SALE_TYPES = ("service", "merchandise")
SPLIT_TYPES = ("required", "optional")
EXCHANGE_KINDS = ("vat", "pit")

MARGIN_KINDS = {
    "second_hand_goods": "Procedura marży – towary używane",
    "travel_agencies": "Procedura marży dla biur podróży",
    "works_of_art": "Procedura marży – dzieła sztuki",
    "collectables_and_antiques": "Procedura marży – przedmioty kolekcjonerskie i antyki",
}
CORRECTION_REASONS = {
    "mistake": "Błąd rachunkowy lub inna oczywista omyłka",
    "other": "Inne: np. zwrot, rabat",
}
DOCUMENT_TYPES = frozenset((
    "original_copy", "original", "copy", "original_duplicate", "copy_duplicate", "duplicate",
    "regular", "double_regular",
))  # fmt: skip
LOCALES = ("pl", "en", "pe")
