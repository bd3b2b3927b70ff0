"""Documents that were refused, mended and sent as mended: those are what counts.

Where the archive still holds the refused one, and its mended one is not among the sources, v3 is
compared with what the journal has sent; what the two say otherwise is explained by the mending.
"""

from collections.abc import Iterable
from io import BytesIO

from attrs import define, evolve, field

from infakt_compat.codecs.json_stream import JsonDocument
from infakt_compat.migrate.journal import Entry, Journal, mended
from infakt_compat.migrate.report.model import Place
from infakt_compat.migrate.source import Document, open_reader, read_quickly
from infakt_compat.migrate.verify.compare import Found

MENDED = "verify.mended"


@define
class Known:
    """The journal's entries of some documents by their keys, and which keys count."""

    entries: dict[str, Entry]
    _counting: dict[int, str]

    def replaced(self, key: str) -> bool:
        """Say whether another document was sent in the place of this one."""
        return self._counting.get(self.entries[key].place, key) != key


def known(journal: Journal, keys: list[str]) -> Known:
    """Find documents by their keys; a mended one in the row of the one that it replaced."""
    entries = journal.find(keys)
    places = journal.database.read(lambda connection: mended.places(connection, keys))
    for key, place in places.items():
        entry = journal.entry(place)
        if entry is not None:
            entries[key] = entry
    of = [entry.place for entry in entries.values()]
    return Known(entries, journal.database.read(lambda connection: mended.counting(connection, of)))


@define
class Replaced:
    """Refused documents of the sources that mended ones replaced.

    They wait for the end: only then is it known whether their mended ones are there as well.
    """

    _waiting: dict[int, tuple[Place, list[Found]]] = field(factory=dict)

    def add(self, entry: Entry, place: Place, found: list[Found]) -> bool:
        """Keep one, and where it differs from v3; says whether it came for the first time."""
        if entry.place in self._waiting:
            return False
        self._waiting[entry.place] = place, found
        return True

    def take(self) -> Iterable[tuple[int, Place, list[Found]]]:
        """Give them, each with the place of its entry; none is left."""
        waiting, self._waiting = self._waiting, {}
        for entry, (place, found) in waiting.items():
            yield entry, place, found


def explained(found: Iterable[Found], own: list[Found]) -> list[Found]:
    """Give where v3 differs from the refused document, and not from the mended one."""
    paths = {one.path for one in own}
    return [evolve(one, code=MENDED) for one in found if one.path not in paths]


def sent(journal: Journal, entry: Entry) -> Document:
    """Read the mended document that the journal has sent."""
    text = mended.text(journal, entry.place)
    if not text.lstrip().startswith(b"<"):
        plain = text.decode()
        return JsonDocument(read_quickly(plain), (), plain, entry.resource)
    reader = open_reader(BytesIO(text), elsewhere=False, count=lambda _bytes: None)
    return next(document for batch in reader.batches for document in batch.documents())
