"""One document's way to its create: its client first, then its original."""

from functools import partial
from typing import Any

from attrs import define

from infakt_compat.codecs.json_text import loads
from infakt_compat.errors import Fault
from infakt_compat.migrate.importing.after import After
from infakt_compat.migrate.importing.clients import Clients
from infakt_compat.migrate.importing.creating import Creating
from infakt_compat.migrate.importing.doubts import Doubts
from infakt_compat.migrate.importing.engine import Engine, Item
from infakt_compat.migrate.importing.following import Following
from infakt_compat.migrate.journal import Buyer, Entry, State, rows
from infakt_compat.migrate.journal.sending import Made
from infakt_compat.migrate.planning.families import CLIENTS, CORRECTIVE
from infakt_compat.migrate.planning.originals import ORIGINAL


@define(eq=False)
class Dispatch:
    """Takes up rows of the journal, each as it stands."""

    engine: Engine
    creating: Creating
    following: Following
    doubts: Doubts
    after: After
    clients: Clients

    def left(self, row: Any) -> None:
        """Take up what an earlier run has sent and not settled, or nobody knows."""
        item = self._item(row)
        if not item.attempts:
            return  # nothing was sent: what may be there was there before, and its owner looks
        if item.entry.corrects is not None:  # it was there before this was sent
            original = self.engine.journal.entry(item.entry.corrects)
            item.original = original.uuid if original is not None else None
        if item.entry.task is not None and self.engine.v3.dialect.tasks:
            self.following.begin(item, item.entry.task)
        else:
            self.doubts.resume(item)

    def _item(self, row: Any) -> Item:
        """Make a document at work, with the client whom it will name or has named."""
        item = item_of(row)
        if self.engine.settings.clients == "keep":
            item.client = item.entry.v2_client
        return item

    def owing(self, row: Any) -> None:
        """Take up what an earlier run has created and not finished."""
        if row.place not in self.engine.open:
            self.after.resume(item_of(row))

    def unsaved(self, row: Any) -> None:
        """Take up a document whose PDF was not asked for when it was created."""
        if row.place not in self.engine.open:
            self.after.save(item_of(row))

    def planned(self, row: Any) -> None:
        """Take up a planned document: its client first."""
        item = self._item(row)
        if row.buyer is None or self.engine.settings.clients != "match":
            self._with_client(item)
        elif row.buyer_state == State.DONE.value:
            item.client = row.buyer_id
            self._with_client(item)
        else:
            self.engine.take(item)
            self.clients.wait(row.buyer, partial(self._client_known, item))

    def _client_known(self, item: Item, buyer: Buyer) -> None:
        """Go on once the client is settled."""
        if buyer.state is State.DONE:
            item.client = buyer.id
            self._with_client(item)
        else:
            self.engine.reject(item, [Fault("buyer.rejected"), *buyer.faults])

    def _with_client(self, item: Item) -> None:
        """Send a document; a client of the sources is settled with its buyer."""
        if item.entry.family == CLIENTS:
            self._client(item)
        elif item.entry.family == CORRECTIVE and item.entry.ready:
            self._correct(item)
        elif item.entry.ready:
            self.creating.first(item)
        else:
            self.engine.leave(item)

    def _client(self, item: Item) -> None:
        """Settle a client of the sources as its buyer is."""
        buyer = self.engine.journal.buyer(item.entry.buyer or 0)
        if buyer is not None and buyer.id is not None:
            self.engine.done(item, Made(buyer.id, buyer.uuid), already=buyer.already)
        self.engine.leave(item)

    def _before(self, item: Item) -> Entry | None:
        """Give the correction before one of the same original."""
        journal = self.engine.journal
        earlier = journal.corrections_before(item.entry)
        if item.entry.corrects is not None:
            return next(iter(earlier), None)
        # The account may have their number twice.
        uuid = loads(item.planned).get(ORIGINAL)
        bodies = ((one, loads(journal.body(one.place) or "{}")) for one in earlier)
        return next((one for one, body in bodies if body.get(ORIGINAL) == uuid), None)

    def _correct(self, item: Item) -> None:
        """Send a correction behind its original, and behind the correction before it.

        Its rows are the state that this one left: without it v3 would hold a state that never was.
        """
        engine, journal = self.engine, self.engine.journal
        engine.take(item)
        original, before = item.entry.corrects, self._before(item)
        places = [original] if original is not None else []
        places += [before.place] if before is not None else []
        for place in places:
            if engine.after(place, partial(self._correct, item)):
                return
        # Settled by now, unless they are not part of this run.
        waited = {place: journal.entry(place) for place in places}
        states = {one.state for one in waited.values() if one is not None}
        if State.REJECTED in states:
            engine.reject(item, [Fault("correction.original_rejected")])
        elif states <= {State.DONE}:
            corrected = waited[original] if original is not None else None
            item.original = corrected.uuid if corrected is not None else None
            self.creating.first(item)
        else:
            engine.leave(item)  # a later run


def item_of(row: Any) -> Item:
    """Make a document at work of a row of `feeding`."""
    values = row._asdict()
    body, client = values.pop("body"), values.pop("buyer_id")
    del values["buyer_state"]
    entry: Entry = rows.entry_of(values)
    return Item(entry, body or "{}", client, entry.attempts, entry.sent_at)
