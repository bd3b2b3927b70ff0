"""The invoice that tests create where any would do, its client, and what v3 then has."""

from typing import Any

from infakt_compat.standin import StandIn

Tree = dict[str, Any]

LINE: Tree = {"nazwa": "Usługa", "ilosc": "2", "stawka_vat": "23", "cena_netto": "100.00"}


def invoice(client: int, **more: Any) -> Tree:
    """Give a v2 invoice as a caller creates it."""
    plain = {
        "client_id": client, "status": "szkic", "rodzaj_faktury": "Faktura VAT",
        "sposob_platnosci": "Przelew", "services": [LINE],
    }  # fmt: skip
    return {"invoice": {**plain, **more}}


def client_of(standin: StandIn, **more: Any) -> int:
    """Put a client into a stand-in."""
    plain = {"company_name": "Firma", "country": "PL", "nip": "945-212-16-81", "email": "a@b.pl"}
    made: int = standin.seed(clients=[{**plain, **more}])["clients"][0]
    return made


def documents(standin: StandIn, family: str = "invoices") -> list[Tree]:
    """Give all documents of a family that are there."""
    rows: list[Tree] = standin.world.store.all(family)
    return rows
