"""The facade before a running stand-in, and documents as v3 itself could hold them.

Written from v3's documents (v3-wire 1.4, 4, 7), never from the tables, which must not prove
themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from attrs import frozen

from infakt_compat.facade import Api, connect
from infakt_compat.standin import StandIn, documents
from infakt_compat.standin.errors import Errors
from infakt_compat.standin.kinds import INVOICES
from infakt_compat.store import Document, Store, open_store

Tree = dict[str, Any]
Dialect = Literal["current", "classic"]

#: The family in which v3 keeps a kind.
FAMILY = {
    "vat": "invoices",
    "proforma": "invoices",
    "internal": "invoices",
    "correction": "corrective_invoices",
    "margin": "margin_invoices",
    "advance": "advance_invoices",
    "final": "final_invoices",
}
_OTHER_CLIENT = {"company_name": "Inny Nabywca", "country": "PL", "nip": "5260250274"}
_NIPS = ("9452121681", "945-212-16-81", "PL9452121681", "945 212 16 81")
_NEEDS_COMPANY = (None, "", "self_employed", "other_business")
_PRICES = ("unit_net_price", "net_price", "gross_price")
_COMPUTED = ("net_price", "tax_price", "gross_price", "left_to_pay", "amount_in_words")
_OF_A_ROW = (
    "name", "tax_symbol", "unit", "quantity", "symbol", "pkwiu", "cn", "pkob",
    "flat_rate_tax_symbol", "discount",
)  # fmt: skip
_NOT_IN_CLASSIC = ("pkwiu", "cn", "pkob")


@frozen
class Stage:
    """A stand-in of one dialect, and an API that speaks v2 to it."""

    standin: StandIn
    store: Store
    api: Api
    #: A client that no generated document names.
    client: int

    @property
    def dialect(self) -> str:
        """The dialect of v3 that both speak."""
        return self.standin.world.dialect

    def hold(self, document: Tree) -> int:
        """Make v3 hold a document, and the facade know it; gives its id."""
        family = FAMILY[document["kind"]]
        given = {name: value for name, value in document.items() if name not in ("id", "uuid")}
        made = self.standin.seed(**{family: [given]})[family][0]
        self.store.documents.see(self.api.account, [Document(family, made["id"], made["uuid"])])
        number: int = made["id"]
        return number

    def settle(self, number: int) -> None:
        """Let v3 compute what it computes at each change, so that the next one does not."""
        world, held = self.standin.world, self.held(number)
        with world.store.transaction():
            documents.update(world, INVOICES, held, {"client_city": held["client_city"]})

    def hold_client(self, client: Tree) -> int:
        """Make v3 hold a client; gives its id."""
        own = ("id", "uuid", "country_full_name")
        given = {name: value for name, value in client.items() if name not in own}
        number: int = self.standin.seed(clients=[given])["clients"][0]
        return number

    def held(self, number: int, family: str = "invoices") -> Tree:
        """Give a record as v3 holds it now, with every field."""
        found = self.standin.world.store.get(family, number)
        assert found is not None
        return dict(found)

    def drop(self, number: int, family: str = "invoices") -> None:
        """Let v3 forget a record, and the facade what it still wanted to do for it."""
        self.standin.world.store.delete(family, number)
        self.api.run_background()

    def computed_rows(self, rows: list[Tree]) -> list[Tree]:
        """Give rows as v3 computes them of one price each."""
        body = {"kind": "vat", "payment_method": "cash", "client_id": self.client}
        given = [self._row(row, index) for index, row in enumerate(rows)]
        body |= {"services": given, "vat_exemption_reason": 1}
        errors = Errors()
        made = documents.draft(self.standin.world, INVOICES, body, errors)
        errors.check()
        return [{k: v for k, v in row.items() if k != "id"} for row in made["services"]]

    def _row(self, row: Tree, index: int) -> Tree:
        """Leave a row one of its prices, and only what v3 knows."""
        price = _PRICES[(index + row["net_price"]) % len(_PRICES)]
        known = {name: row[name] for name in _OF_A_ROW}
        known |= {price: row[price], "gtu_id": "12" if row["gtu_id"] else None}
        known["name"] = known["name"] if known["name"].strip() else "Towar"
        if known["tax_symbol"] in ("np_ue", "19"):
            known["tax_symbol"] = "oo"
        if self.dialect == "classic":
            known |= dict.fromkeys(_NOT_IN_CLASSIC)
        return known


@contextmanager
def stage(dialect: Dialect, folder: Path) -> Iterator[Stage]:
    """Start a stand-in and connect to it; both end with the context."""
    with (
        StandIn(dialect=dialect) as standin,
        open_store(folder / f"{dialect}.sqlite3") as store,
        connect(
            standin.api_key, standin.url, dialect, store, limits="off", background=False
        ) as api,
    ):
        yield Stage(standin, store, api, standin.seed(clients=[_OTHER_CLIENT])["clients"][0])


def invoice_of_v3(invoice: Tree) -> Tree:
    """Give an invoice that v3 would still take, whichever of its fields is sent back to it."""
    company, kind = invoice["client_company_name"], invoice["client_business_activity_kind"]
    if kind in _NEEDS_COMPANY and not (company or "").strip():
        company = "Firma"
    country = invoice["client_country"]
    return invoice | {
        "client_company_name": company,
        "client_country": "PL" if country in ("XX", "", None) else country,
        "sale_type": invoice["sale_type"] or "service",
        "bank_name": "PKO BP" if invoice["bank_account"] else invoice["bank_name"],
        "invoice_date": invoice["invoice_date"] or "2023-03-08",
        "vat_exemption_reason": invoice["vat_exemption_reason"] or None,
    }


def with_rows(invoice: Tree, rows: list[Tree]) -> Tree:
    """Give an invoice other rows, and nothing that v3 computes of them."""
    kept = {name: value for name, value in invoice.items() if name not in _COMPUTED}
    return kept | {"services": rows, "vat_exemption_reason": 1}


def client_of_v3(client: Tree) -> Tree:
    """Give a client that v3 would still take: it checks all of one at each change."""
    company, kind = client["company_name"], client["business_activity_kind"]
    if kind != "private_person" and not (company or "").strip():
        company = "Firma"
    return client | {
        "company_name": company,
        "country": "PL" if client["country"] == "XX" else client["country"],
        "nip": client["nip"] if client["nip"] in _NIPS else None,
    }
