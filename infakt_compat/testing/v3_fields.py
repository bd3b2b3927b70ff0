"""What several v3 records have in common: a buyer, nothing in two ways, values nobody knows yet."""

from collections.abc import Sequence

from infakt_compat.testing import values
from infakt_compat.testing.record import Record
from infakt_compat.testing.tape import T, Tape


def empty(tape: Tape) -> str | None:
    """v3's two words for nothing: null when never set, "" when emptied in the application."""
    return tape.pick((None, ""))


def or_empty(tape: Tape, pool: Sequence[str]) -> str | None:
    """Give text of a pool, or v3's words for nothing where it is blank."""
    return tape.text(pool) or empty(tape)


def usually(tape: Tape, value: T, one_in: int, seldom: T) -> T:
    """Give ``value``, and once in ``one_in`` the other one."""
    return seldom if tape.chance(one_in) else value


def add_new_key(tape: Tape, record: Record, one_in: int, pool: Sequence[object]) -> None:
    """Add, once in ``one_in``, a key that nobody knows yet, with a value of the pool."""
    if tape.chance(one_in):
        record["nowe_pole"] = tape.pick(pool)


def _names(kind: str | None, person: bool, tape: Tape) -> Record:
    company = kind != "private_person"
    firm = tape.text(values.NAMES) or "Firma" if company else empty(tape)
    return {
        "client_company_name": firm,
        "client_first_name": tape.pick(("Jan", "Żaneta", "Jan Maria")) if person else empty(tape),
        "client_last_name": tape.pick(("Kowalski", "Ćwikła-Śliwa")) if person else empty(tape),
        "client_business_activity_kind": kind,
    }


def v3_buyer(tape: Tape) -> Record:
    """Make the buyer of an invoice: a company, a person, or a company of a person."""
    kind = tape.pick((None, "other_business", "private_person", "self_employed"))
    person = kind in ("private_person", "self_employed") or tape.chance(8)
    whole = tape.byte() % 3 == 2  # house and flat stand in the street
    street: str | None
    street = tape.text(values.WHOLE_STREETS) if whole else tape.pick(values.STREETS)
    names = _names(kind, person, tape)
    street = street or empty(tape)
    house = empty(tape) if whole else tape.pick(values.HOUSES) or empty(tape)
    no_flat = whole or tape.byte() % 2 == 0
    return {
        **names,
        "client_street": street,
        "client_street_number": house,
        "client_flat_number": empty(tape) if no_flat else tape.pick(values.FLATS),
        "client_city": or_empty(tape, values.TOWNS),
        "client_post_code": or_empty(tape, values.POST_CODES),
        "client_tax_code": or_empty(tape, values.NIPS),
        "client_country": tape.pick((*values.V3_COUNTRIES, *values.V3_COUNTRIES, "XX", None, "")),
    }
