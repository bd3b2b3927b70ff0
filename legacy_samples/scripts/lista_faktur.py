# ruff: noqa: UP031
"""Zestawienie faktur z API v2: numer, data, klient i kwota, po jednej fakturze w wierszu.

Użycie: python lista_faktur.py [ile na stronie]
"""

import base64
import hashlib
import hmac
import sys
import time
import uuid
import xml.etree.ElementTree as ElementTree
from urllib.parse import quote, urlencode

import requests

ADRES = "https://www.infakt.pl/api/v2/"
KLUCZ, SEKRET = "przykladowyklucz2014", "przykladowysekret"
TOKEN, SEKRET_TOKENA = "przykladowytoken", "przykladowysekrettokena"


def podpisane(adres, parametry):
    """Dodaj parametry OAuth 1.0a i podpis HMAC-SHA1."""
    wszystkie = dict(
        parametry,
        oauth_consumer_key=KLUCZ,
        oauth_token=TOKEN,
        oauth_nonce=uuid.uuid4().hex,
        oauth_timestamp=str(int(time.time())),
        oauth_signature_method="HMAC-SHA1",
        oauth_version="1.0",
    )
    pary = urlencode(sorted(wszystkie.items()), quote_via=quote)
    baza = "&".join(quote(czesc, safe="") for czesc in ("GET", adres, pary))
    klucz = SEKRET + "&" + SEKRET_TOKENA
    podpis = hmac.new(klucz.encode(), baza.encode(), hashlib.sha1).digest()
    return dict(wszystkie, oauth_signature=base64.b64encode(podpis).decode())


def strona(numer, ile):
    """Pobierz jedną stronę listy."""
    adres = ADRES + "invoices/list.xml"
    parametry = {"page": str(numer), "per_page": str(ile), "order": "data_wystawienia_asc"}
    odpowiedz = requests.get(adres, params=podpisane(adres, parametry), timeout=30)
    if odpowiedz.status_code != 200:
        sys.exit("inFakt: %d %s" % (odpowiedz.status_code, odpowiedz.text))
    return ElementTree.fromstring(odpowiedz.content)


def main():
    """Wypisz wszystkie strony."""
    ile = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    numer, stron = 1, 1
    while numer <= stron:
        lista = strona(numer, ile)
        stron = int(lista.get("pages"))
        for faktura in lista:
            pola = ("numer", "data_wystawienia", "client_nazwa_firmy", "razem_brutto", "waluta")
            sys.stdout.write(";".join(faktura.findtext(pole) or "" for pole in pola) + "\n")
        numer += 1


if __name__ == "__main__":
    main()
