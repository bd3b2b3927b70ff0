"""What can go wrong in the store."""

from infakt_compat.errors import InfaktCompatError


class StoreError(InfaktCompatError):
    """The store cannot be opened, read or written; the message holds no stored value."""


class StoreBusy(StoreError):
    """Others held the store for longer than this caller was ready to wait; nothing was changed."""


class SchemaTooNew(StoreError):
    """A newer version of this package wrote the store: to touch it could lose what it keeps."""


class ClaimLost(StoreError):
    """A create is no longer this caller's: it must not be sent (decisions.md section 5)."""


class DocumentTaken(StoreError):
    """A document found by a look-up is already the outcome of another create."""
