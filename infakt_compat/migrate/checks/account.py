"""What the v3 account says to an archive: numbers and clients, banks, grounds, rates.

Only reads, and one change to a document that cannot exist: its answer tells whether the key may
write (v3-wire 0: a missing scope is 401).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from attrs import define

from infakt_compat.migrate.checks import held
from infakt_compat.migrate.checks.iban import valid
from infakt_compat.migrate.checks.run import Check
from infakt_compat.migrate.planning.buyers import nip_digits
from infakt_compat.migrate.planning.families import CORRECTIVE, FAMILIES, INVOICES
from infakt_compat.migrate.report.model import Place
from infakt_compat.v3 import NotFound, Register, Unauthorized, V3Client
from infakt_compat.v3.api import MOST_ROWS
from infakt_compat.v3.paging import Listing

#: The scopes of a key that are needed (v3-wire 0); bank accounts have their own.
_READ, _WRITE = "api:invoices:read", "api:invoices:write"
_READ_BANKS = "api:sensitive:bank_accounts:read"
#: No document has this uuid, or this id.
_NOBODY = {"uuid": "00000000-0000-4000-8000-000000000000", "id": "0"}
_SEEN = ("number", "kind", "invoice_date", "gross_price")
_CLIENT = ("nip", "company_name")


@define
class AccountCheck:
    """Reads an account for a check that has seen its archive.

    `name` is how places name the account: its company, never its key.
    """

    check: Check
    v3: V3Client
    name: str = ""
    #: How many tax numbers the archive's buyers have, and how many of them the account's clients.
    buyers: tuple[int, int] | None = None
    #: Told how many records were read so far.
    progress: Callable[[int], None] = lambda _records: None
    _read: int = 0

    def run(self) -> None:
        """Read the account; raises `V3Error` when that fails for other reasons than a scope."""
        details = self.v3.account.details()
        company = _part(details, "company_data")
        tax_number = str(company.get("tax_id") or "")
        self.name = " ".join(part for part in (company.get("company_name"), tax_number) if part)
        self._details(details)
        self._may_write()
        try:
            self._documents()
            self._clients()
            self._registers()
        except Unauthorized as error:
            self._block("key.cannot_read", f"{error.call}: {_READ}")

    def _details(self, details: dict[str, Any]) -> None:
        """Look at what the account is like."""
        ksef = _part(_part(details, "extentions"), "ksef")
        if ksef.get("active") is False:
            self._find("ksef.not_active", "KSeF")
        pit = _part(_part(details, "accounting_settings"), "pit_type").get("value")
        if pit == "flat_rate" and self.check.settings.given.flat_rate is None:
            self._refuse("flat_rate.required", f"family = '{INVOICES}'")

    def _may_write(self) -> None:
        """Find out whether the key may create documents."""
        try:
            self.v3.invoices.update(self.v3.dialect.of(_NOBODY), {"notes": ""})
        except NotFound:
            return
        except Unauthorized:
            self._block("key.cannot_write", _WRITE)

    def _documents(self) -> None:
        """Compare the numbers, and look for what corrections correct."""
        index = self.check.index
        families = {INVOICES: self.v3.invoices, CORRECTIVE: self.v3.corrective_invoices}
        for family, listing in families.items():
            held.add_documents(index, family, self._counted(self._numbered(listing, family)))
        for place in held.without_original(index):
            self.check.refuse("correction.no_original", place)
        self.check.elsewhere()
        for taken in held.taken(index):
            if taken.same:
                self.check.find("import.already", taken.place)
            else:
                self.check.refuse("number.in_account", taken.place)

    def _numbered(self, listing: Listing, family: str) -> Iterator[dict[str, Any]]:
        """Give the account's documents: by whole pages, or number by number where that is less."""
        wanted = held.count_numbers(self.check.index, family)
        if not wanted:
            return
        total = listing.list(fields=_SEEN, limit=1).total_count
        if total <= MOST_ROWS * wanted:
            yield from listing.iterate(fields=_SEEN, order="id asc")
            return
        for number in held.numbers(self.check.index, family):
            yield from listing.iterate({"number_eq": number}, fields=_SEEN, order="id asc")

    def _counted(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Tell how far the reading is, a page at a time."""
        for row in rows:
            if self._read % MOST_ROWS == 0:
                self.progress(self._read)
            self._read += 1
            yield row

    def _clients(self) -> None:
        """Compare the clients, as the import will look for them."""
        index, clients = self.check.index, self.check.settings.given.clients
        rows = (
            (row["id"], nip_digits(row.get("nip")), str(row.get("company_name") or ""))
            for row in self._counted(self.v3.clients.iterate(fields=_CLIENT))
        )
        held.add_clients(index, rows)
        self.buyers = held.known_buyers(index)
        if clients == "match":
            for place in held.several_clients(index):
                self.check.find("buyer.several_in_account", place)
        if clients == "keep":
            for place in held.no_such_client(index):
                self.check.refuse("buyer.no_such_id", place)

    def _registers(self) -> None:
        """Compare bank accounts, grounds of exemption and rates."""
        self._banks()
        known = {str(row["id"]) for row in self.v3.vat_exemptions.iterate()}
        given = self.check.settings.given.exemption
        if given is not None and str(given) not in known:
            self._block("exemption.unknown", str(given))
        if given is None:
            for ground in held.grounds(self.check.index) - known:
                self._refuse("exemption.unknown", "ground = ?", ground)
        self._rates(self.v3.vat_rates)

    def _banks(self) -> None:
        """Look at the bank accounts; an import does not need to read them, so it may go without."""
        try:
            banks = list(self.v3.bank_accounts.iterate())
        except Unauthorized as error:
            self._find("bank.not_read", f"{error.call}: {_READ_BANKS}")
            return
        if not banks:
            self._refuse("bank.required", "transfer")
        for bank in banks:
            number = str(bank.get("account_number") or "")
            if not valid(number):
                self._find("iban.invalid", number)

    def _rates(self, register: Register) -> None:
        """Name the rates of the archive that the account does not have."""
        known = {str(row.get("symbol")) for row in register.iterate()}
        used = {rate for (_, kind, _, rate) in self.check.sums.rates if rate and kind in FAMILIES}
        for rate in sorted(used - known):
            self._find("rate.not_in_account", rate)

    def _find(self, code: str, detail: str) -> None:
        """Say something of the account itself."""
        self.check.find(code, Place(self.name, 0, "", "", detail))

    def _block(self, code: str, detail: str) -> None:
        """Say something for which nothing, or not as asked, would be created."""
        self.check.blocked = True
        self._find(code, detail)

    def _refuse(self, code: str, condition: str, *values: Any) -> None:
        """Refuse every document for which a condition of ours holds."""
        for place in self.check.index.refused(condition, *values):
            self.check.refuse(code, place)


def _part(details: dict[str, Any], name: str) -> dict[str, Any]:
    found = details.get(name)
    return found if isinstance(found, dict) else {}
