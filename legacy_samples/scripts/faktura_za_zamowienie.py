# ruff: noqa: PTH123, UP031
"""Faktura za zamówienie ze sklepu: klient po NIP albo nowy, faktura, opłacenie i PDF.

Użycie: python faktura_za_zamowienie.py użytkownik hasło zamowienie.json faktura.pdf
"""

import json
import sys
from datetime import date
from urllib.parse import parse_qsl

import requests
from requests_oauthlib import OAuth1, OAuth1Session

INFAKT = "https://www.infakt.pl"
KLUCZ, SEKRET = "przykladowyklucz2014", "przykladowysekret"


def zaloguj(uzytkownik, haslo):
    """Pobierz token przez xAuth."""
    dane = {
        "x_auth_username": uzytkownik,
        "x_auth_password": haslo,
        "x_auth_mode": "client_auth",
    }
    podpis = OAuth1(KLUCZ, client_secret=SEKRET)
    odpowiedz = requests.post(INFAKT + "/oauth/access_token", data=dane, auth=podpis, timeout=30)
    odpowiedz.raise_for_status()
    token = dict(parse_qsl(odpowiedz.text))
    return OAuth1Session(KLUCZ, SEKRET, token["oauth_token"], token["oauth_token_secret"])


class Sklep:
    """Wywołania API v2, których potrzebuje sklep."""

    def __init__(self, sesja):
        """Zapamiętaj sesję z tokenem."""
        self.sesja = sesja

    def pobierz(self, co, **parametry):
        """GET; odpowiedź jako słownik."""
        odpowiedz = self.sesja.get(INFAKT + "/api/v2/" + co, params=parametry)
        odpowiedz.raise_for_status()
        return odpowiedz.json()

    def wyslij(self, co, dane):
        """POST z JSON; odpowiedź jako słownik."""
        naglowki = {"Content-type": "application/json"}
        adres = INFAKT + "/api/v2/" + co
        odpowiedz = self.sesja.post(adres, data=json.dumps(dane), headers=naglowki)
        if odpowiedz.status_code == 409:
            sys.exit("Błędne dane: %s" % json.dumps(odpowiedz.json()["errors"]))
        odpowiedz.raise_for_status()
        return odpowiedz.json()

    def klient(self, kupujacy):
        """Znajdź klienta po NIP albo go dodaj; daj jego id."""
        znalezieni = self.pobierz("clients.json", nip=kupujacy["nip"].replace("-", ""))["clients"]
        if znalezieni:
            return znalezieni[0]["client_id"]
        return self.wyslij("clients/create.json", {"client": kupujacy})["client"]["client_id"]


def main():
    """Wystaw fakturę."""
    uzytkownik, haslo, zamowienie, plik = sys.argv[1:]
    with open(zamowienie) as wejscie:
        dane = json.load(wejscie)
    sklep = Sklep(zaloguj(uzytkownik, haslo))
    faktura = {
        "client_id": sklep.klient(dane["kupujacy"]),
        "status": "wydrukowana",
        "rodzaj_faktury": "Faktura VAT",
        "sposob_platnosci": "Przelew",
        "data_wystawienia": date.today().isoformat(),
        "services": dane["pozycje"],
    }
    nowa = sklep.wyslij("invoices/create.json", {"invoice": faktura})["invoice_id"]
    sklep.pobierz("invoices/paid.json", id=nowa["invoice_id"])
    adres = sklep.pobierz("invoices/pdf.json", id=nowa["invoice_id"], doc_type="org")["pdf"]
    with requests.get(adres, stream=True) as odpowiedz, open(plik, "wb") as wyjscie:
        for kawalek in odpowiedz.iter_content(1024):
            wyjscie.write(kawalek)
    sys.stdout.write("%s\n" % nowa["numer"])


if __name__ == "__main__":
    main()
