"""Clients, reference data and the account (v3-wire 7, 8)."""

import pytest

from infakt_compat.standin import StandIn
from infakt_compat.v3 import Invalid, NotFound, V3Client

from .support import CLIENT


def test_clients(v3: V3Client) -> None:
    """Created, shown, listed, changed, deleted."""
    made = v3.clients.create(CLIENT)
    assert v3.clients.show(made["id"])["company_name"] == "Firma testowa"
    assert set(v3.clients.show(made["id"], fields=["nip"])) == {"id", "nip"}
    assert v3.clients.list({"clean_nip_eq": "9452121681"}).total_count == 1
    assert v3.clients.update(made["id"], {"city": "Kraków"})["city"] == "Kraków"
    v3.clients.delete(made["id"])
    with pytest.raises(NotFound):
        v3.clients.show(made["id"])


def test_client_refused(v3: V3Client) -> None:
    """The fields are named."""
    with pytest.raises(Invalid) as caught:
        v3.clients.create({"country": "PL"})
    assert "company_name" in caught.value.fields


def test_walk_of_clients_is_ordered(v3: V3Client, standin: StandIn) -> None:
    """Without an order, pages overlap (v3-wire 3.2): the walk asks for one and misses nobody."""
    standin.seed(clients=[{**CLIENT, "company_name": f"Firma {n}"} for n in range(25)])
    names = [row["company_name"] for row in v3.clients.iterate(limit=10)]
    assert sorted(names) == sorted(f"Firma {n}" for n in range(25))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("vat_rates", "symbol"),
        ("vat_exemptions", "description"),
        ("countries", "alpha_2"),
        ("flat_rates", "rate"),
        ("bank_accounts", "account_number"),
    ],
)
def test_reference_data(v3: V3Client, name: str, field: str) -> None:
    """Each list is walked, and each record shown."""
    register = getattr(v3, name)
    rows = list(register.iterate())
    assert rows
    assert len(rows) == register.list().total_count
    assert register.show(rows[0]["id"])[field] == rows[0][field]


def test_account(v3: V3Client) -> None:
    """One object."""
    assert v3.account.details()
