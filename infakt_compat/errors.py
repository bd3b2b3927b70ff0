"""Errors of the whole project: what a caller can catch."""

from collections.abc import Iterable

from attrs import frozen


class InfaktCompatError(Exception):
    """The base of every error that this package raises on purpose."""


class OutputFailed(InfaktCompatError):
    """Something cannot be written: the disk is full, a folder is missing, the reader went away."""


class TableError(InfaktCompatError):
    """A table in `mappings/` cannot be used; the message names file and line."""


@frozen
class Fault:
    """One reason why a document is refused.

    `code` stands in `mappings/notices.toml`, `path` names the place (`services[1].stawka_vat`,
    empty for the document itself), `detail` quotes what was found.
    """

    code: str
    path: str = ""
    detail: str = ""

    def __str__(self) -> str:
        """Give code, path and detail in one line."""
        return " ".join(part for part in (self.code, self.path, self.detail) if part)


class ConversionError(InfaktCompatError):
    """A document is refused; `faults` lists every reason, not the first only."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in the order in which they were found."""
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type["ConversionError"], tuple[tuple[Fault, ...]]]:
        """Travel between processes with the faults, not with the message alone."""
        return (type(self), (self.faults,))
