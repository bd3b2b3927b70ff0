"""What the store takes: the same on SQLite and PostgreSQL, which would disagree otherwise."""

MOST_ID = 2**63 - 1
_MOST_NAME = 500


def name(value: str, what: str) -> str:
    """Check a key (an account, a kind, a digest): text that is not empty and not long."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{what} must be text that is not empty")
    if len(value) > _MOST_NAME:
        raise ValueError(f"{what} has more than {_MOST_NAME} characters")
    text(value, what)
    return value


def text(value: str | None, what: str) -> str | None:
    """Check a text: PostgreSQL keeps no NUL, and neither keeps half of a surrogate pair."""
    if value is None:
        return None
    if "\0" in value:
        raise ValueError(f"{what} holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{what} holds half of a surrogate pair") from None
    return value


def whole(value: int, what: str) -> int:
    """Check an integer: both databases hold 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST_ID:
        raise ValueError(f"{what} must be an integer of at most 64 bits")
    return value


def document_id(value: int) -> int:
    """Check a v3 integer id."""
    if whole(value, "a document's id") < 1:
        raise ValueError("a document's id must be positive")
    return value
