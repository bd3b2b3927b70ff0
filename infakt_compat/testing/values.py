"""The hand-written values: what v2 and v3 documents had in their fields, the plainest first.

The ones that are public say what v2 and v3 document; the others are pools that fields are filled
from, odd ones among them. The first value of a pool is the one that examples shrink to.
"""

from decimal import Decimal

from infakt_compat.money import NumberText

V2_KINDS = (
    "Faktura VAT",
    "Faktura proforma",
    "Faktura Marża",
    "Faktura Zaliczkowa",
    "Faktura korygująca",
    "Faktura Końcowa",
)
"""The values of v2's rodzaj_faktury; the first two are the ones that callers could write."""

V2_PAYMENT_METHODS = (
    "Przelew",
    "Gotówka",
    "Karta płatnicza",
    "Barter",
    "Czek",
    "Weksel",
    "Za pobraniem",
    "Inny",
    "Kompensata",
    "Akredytywa",
)
"""The values of v2's sposob_platnosci."""

V2_STATUSES = ("szkic", "wysłana", "wydrukowana", "zapłacona", "niezapłacona")
"""The values of v2's status."""

V2_RATES = ("23", "22", "8", "7", "5", "3", "0", "zw", "np")
"""The values of v2's stawka_vat."""

V3_KINDS = ("vat", "proforma", "internal", "correction", "margin", "advance", "final")
"""The kinds of v3 documents that a v2 caller can come to see."""

# What fields are filled from: texts, names, numbers.
NAMES = (
    "Firma Testowa Sp. z o.o.",
    "Żółw & Gęś s.c.",
    'P.H.U. "Łoś" Jan Łoś',
    "Müller GmbH & Co. KG",
    "  Spacja Wokół  ",
    "Ślęza <import/export>",
    "O'Brien Ltd.",
    "Przedsiębiorstwo „Ćma”",
    "",
)
STREETS = (
    "ul. Długa",
    "Kącik",
    "al. 3 Maja",
    "os. Złotego Wieku",
    "pl. Wolności",
    "ul. Jana Pawła II",
    "Wólka Mała",
    "Rynek Główny",
    "ul. 11 Listopada",
    "1 Maja",
    "Hauptstraße",
    "ul. gen. J. Bema",
    "Al. Jerozolimskie",
    "",
)
HOUSES = ("12", "4", "12A", "12 A", "5b", "7-9", "12a-14c", "nr 5", "0", "")
FLATS = ("5", "12", "3A", "I p.", "", "5 m. 1", "0")
WHOLE_STREETS = (
    "ul. Długa 12 m. 5",
    "ul. Długa 12/5",
    "ul. Długa 12 / 5",
    "ul. Długa 12/ 5",
    "ul. Długa 12/5/7",
    "ul. Długa 12 lok. 5",
    "ul. Mickiewicza",
    "Wólka Mała 7",
    "os. Złotego Wieku 15/7",
    "dz. nr 123/4",
    "Długa  12",
    " Długa 12",
    "Długa 12 ",
    "Długa\u00a012/5",
    "Długa 12\n",
    "12",
    "12/5",
    "/5",
    "Długa /5",
    "Długa 12/",
    "Długa12",
    "Kraków, ul. Długa 5",
    "skr. poczt. 17",
    "ul. Długa 12, 31-147 Kraków",
    "10 Downing Street",
    "",
)
TOWNS = (
    "Kraków",
    "Łódź",
    "Zielona Góra",
    "Berlin",
    "Bielsko-Biała",
    "New York, NY",
    "",
    " Gdańsk",
)
POST_CODES = ("30-549", "00-001", "123456", "10115", "", "30 549", "NY 10118", "PL-30-549")
NIPS = ("9452121681", "945-212-16-81", "PL9452121681", "DE123456789", "", "945 212 16 81", "brak")
NOTES = (
    "",
    "Dziękujemy za zakupy!",
    "Zażółć gęślą jaźń",
    'Cytat "w środku" & <znacznik>',
    " ",
    "pierwszy wiersz\ndrugi wiersz",
    "\tz tabulatorem",
    "100% rabatu, Got%C3%B3wka",
    "&amp; już zakodowane",
)
SIGNATURES = ("", " ", "Jan Kowalski", "Żaneta Ćwikła-Śliwa", "dr inż. Łucja Ós")
NUMBERS = (
    "1/12/2010",
    "1/01/2010",
    "FV 12/2012",
    "12/PROF/2013",
    "KOR/3/05/2013",
    "",
    "1",
    " 7/2011 ",
)
CURRENCIES = ("PLN", "EUR", "USD", "GBP", "CZK", "")
UNITS = ("szt.", "", "godz.", "m²", "kg", "usł.", "1/2 etatu")
SYMBOLS = ("", "62.01.11.0", "84.11.12.0 / - / -", "PKWiU 72.22", "0")
ITEMS = (
    "Usługa programistyczna",
    "Przykładowa Usługa 1",
    "Książka „Pan Tadeusz”",
    "Śruba M8 & nakrętka <ocynk>",
    "Transport",
    " wstęp wolny ",
    "Abonament 1,000 min",
    "",
)
# Names as the table of countries must know them, other names for the same, and what no table knows.
COUNTRIES = ("Polska", "Niemcy", "Francja", "Szwecja", "Włochy", "Hiszpania")
COUNTRY_SYNONYMS = ("USA", "Czechy", "Holandia")
COUNTRY_UNKNOWN = ("Atlantyda", "Prusy Królewskie", "PL i DE")
ANY_COUNTRY = (
    *COUNTRIES,
    "",
    *COUNTRY_SYNONYMS,
    "NIEMCY",
    "polska",
    *COUNTRY_UNKNOWN,
    " Polska",
    "PL",
)
DATES: tuple[str | None, ...] = (
    "2012-03-15",
    "2010-12-31",
    "2011-01-01",
    "2010-06-30",
    "2012-02-29",
    "2014-12-24",
    None,
)
UNKNOWN_NAMES = ("numer_zamowienia", "osoba_kontaktowa", "kurs-waluty", "x", "id")
UNKNOWN_VALUES: tuple[str | int | bool | NumberText, ...] = (
    "ZAM/7",
    "",
    7,
    NumberText("4.1250"),
    "Zażółć & <b>",
    True,
    " ",
    False,
    0,
)
V2_QUANTITIES = (
    Decimal(1),
    Decimal(2),
    Decimal("1.0"),
    Decimal("0.5"),
    Decimal(10),
    Decimal("1.333"),
    None,
    Decimal("0.2500"),
    Decimal(0),
    Decimal(-1),
    Decimal("1234.567891"),
)
V3_QUANTITIES: tuple[int | str | Decimal, ...]
V3_QUANTITIES = (1, 2, "1.0", Decimal("0.5"), 3, Decimal("1.333"), 7, "2.50", 12)
V3_PAYMENTS = (
    "transfer",
    "cash",
    "card",
    "barter",
    "check",
    "bill_of_sale",
    "delivery",
    "compensation",
    "accredited",
    "other",
    "paypal",
    "instalment_sale",
    "payu",
    "tpay",
    "przelewy24",
    "dotpay",
)
V3_STATUSES = ("draft", "sent", "printed", "paid")
V3_RATES = ("23", "8", "5", "0", "zw", "np", "oo", "22", "7", "3")
V3_COUNTRIES = ("PL", "DE", "FR", "US", "CZ", "NL", "SE")
# What the kinds leave out of the invoice (v3-wire.md section 5).
NOT_ON = {
    "margin": (
        "net_price",
        "tax_price",
        "split_payment",
        "split_payment_type",
        "sale_type",
        "invoice_date_kind",
        "vat_exemption_reason",
        "not_income",
        "transaction_kind_id",
        "receipt_number",
    ),
    "advance": ("paid_price", "sale_date"),
    "correction": ("parent_id", "sales_kind", "amount_in_words", "building_service", "created_at"),
}
