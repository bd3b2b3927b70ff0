"""v2's enumerated words and what they are in v3, by hand: tables must not prove themselves."""

KINDS = {
    "Faktura VAT": "vat",
    "Faktura proforma": "proforma",
    "Faktura Marża": "margin",
    "Faktura Zaliczkowa": "advance",
    "Faktura korygująca": "correction",
    "Faktura Końcowa": "final",
}
PAYMENTS = {
    "Przelew": "transfer",
    "Gotówka": "cash",
    "Karta płatnicza": "card",
    "Barter": "barter",
    "Czek": "check",
    "Weksel": "bill_of_sale",
    "Za pobraniem": "delivery",
    "Inny": "other",
    "Kompensata": "compensation",
    "Akredytywa": "accredited",
}
#: Those that come back as they were; unpaid has no status of its own in v3.
STATUSES = {"szkic": "draft", "wysłana": "sent", "wydrukowana": "printed", "zapłacona": "paid"}
