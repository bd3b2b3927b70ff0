"""Clients, reference data and the account (v3-wire 7, 8)."""

from collections.abc import Sequence

from infakt_compat.v3 import answers
from infakt_compat.v3.answers import Record
from infakt_compat.v3.api import Api, Ref, query, segment
from infakt_compat.v3.paging import Listing


class Register(Listing):
    """A list with records that can be read one by one, by integer id in both dialects."""

    def _at(self, ref: Ref) -> str:
        return f"{self._path}/{segment(ref)}.json"

    def show(self, ref: Ref, fields: Sequence[str] | None = None) -> Record:
        """Read one record."""
        return self._api.get(self._at(ref), dict(query(fields=fields)), answers.document)


class Clients(Register):
    """The account's clients. V3 does not find doubles: two equal creates make two clients."""

    # Without an order v3 gives them in another one each time, and ids recur (v3-wire 3.2).
    walk_order = "id asc"

    def __init__(self, api: Api) -> None:
        """Work on /clients."""
        super().__init__(api, "/clients")

    def create(self, client: Record) -> Record:
        """Create a client; 201 with the client."""
        return self._api.send("POST", "/clients.json", {"client": client}, answers.document)

    def update(self, ref: Ref, changes: Record) -> Record:
        """Change the named fields; 200 with the whole client."""
        return self._api.send("PUT", self._at(ref), {"client": changes}, answers.document)

    def delete(self, ref: Ref) -> None:
        """Delete a client; 204."""
        self._api.send("DELETE", self._at(ref), read=answers.nothing)


class Account:
    """The account that the key belongs to."""

    def __init__(self, api: Api) -> None:
        """Work on /account."""
        self._api = api

    def details(self) -> Record:
        """Read the account's details; the key `extentions` is v3's spelling."""
        return self._api.get("/account/details.json")
