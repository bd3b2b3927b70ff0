"""v2's paging: `page`, `per_page` and `info` (v2-wire 1, decisions.md 5)."""

from attrs import frozen

from infakt_compat.facade.account import Record
from infakt_compat.facade.calls import Call

PER_PAGE = 100
MOST_PER_PAGE = 1000


@frozen
class Asked:
    """Which page is asked for."""

    page: int
    per_page: int

    @property
    def start(self) -> int:
        """How many rows stand before it."""
        return (self.page - 1) * self.per_page

    def info(self, total: int) -> Record:
        """Give v2's `info` of a list of so many rows."""
        pages = -(-total // self.per_page)
        return {"total": total, "pages": pages, "per_page": self.per_page, "page": self.page}


def asked(call: Call, page: object, per_page: object) -> Asked:
    """Read the two parameters, as numbers or text; 409 names each that v2 would not have known."""
    faults = call.faults()
    numbers = {"page": _whole(page, 1), "per_page": _whole(per_page, PER_PAGE)}
    for name, number in numbers.items():
        most = MOST_PER_PAGE if name == "per_page" else None
        if number is None or number < 1 or (most is not None and number > most):
            faults.add(name, "invalid")
            faults.details.append(
                f"{name}: a whole number, {f'1 to {most}' if most else '1 or more'}"
            )
    if faults:
        raise call.invalid(faults)
    return Asked(numbers["page"] or 1, numbers["per_page"] or PER_PAGE)


def _whole(value: object, absent: int) -> int | None:
    if value is None or value == "":
        return absent
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
