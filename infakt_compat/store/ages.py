"""How long things are kept (decisions.md sections 5 and 7)."""

from attrs import field, frozen

_MINUTE = 60.0
_DAY = 86_400.0


def _positive(_object: object, attribute: object, value: float) -> None:
    if not value > 0:
        raise ValueError(f"an age must be above zero: {getattr(attribute, 'name', '')}")


@frozen
class Ages:
    """Ages in seconds.

    - `not_found`: a look-up that finds nothing settles nothing this long after the last sending;
    - `answered`: an outcome that is not known to have reached its caller is given to an equal
      create this long, and then deleted;
    - `delivered`: an outcome that reached its caller stays this long, for others that wait for it;
    - `in_doubt`: a create that nobody could settle is deleted after this time: what it made, if
      anything, is to be looked for by hand;
    - `residue`: a residue whose document is not known (forgotten by another process in the same
      moment, or never noted) is deleted after this time;
    - `created`: which create made which document; no personal data, and longer than `in_doubt`, so
      that no look-up takes another's document;
    - `ksef`: how an invoice stands with KSeF, that long after its last change; v3 shows it, too.
    """

    not_found: float = field(default=15 * _MINUTE, validator=_positive)
    answered: float = field(default=_DAY, validator=_positive)
    delivered: float = field(default=15 * _MINUTE, validator=_positive)
    in_doubt: float = field(default=30 * _DAY, validator=_positive)
    residue: float = field(default=30 * _DAY, validator=_positive)
    created: float = field(default=60 * _DAY, validator=_positive)
    ksef: float = field(default=90 * _DAY, validator=_positive)

    def __attrs_post_init__(self) -> None:
        """Refuse ages that contradict each other."""
        if self.not_found > self.in_doubt:
            raise ValueError("a create in doubt must outlive the time in which nothing is settled")
        if self.created < self.in_doubt:
            raise ValueError("which create made a document must be known while one is in doubt")
