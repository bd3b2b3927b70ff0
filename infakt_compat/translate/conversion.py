"""The functions for Python: `to_v3`, `to_v2`, `canonical`, and what they give."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from infakt_compat.notices import Notice
from infakt_compat.translate import backward, forward
from infakt_compat.translate.compile import plans
from infakt_compat.translate.documents import open_v2, open_v3
from infakt_compat.translate.normal_form import canonical_record
from infakt_compat.translate.payload import create_body

if TYPE_CHECKING:
    from infakt_compat.model import Client, Invoice


@frozen
class Conversion:
    """A v2 document in v3's form.

    `record` is the v3 tree (amounts in grosze), `residue` what v3 cannot hold (`{}` when nothing),
    `notices` everything that wants to be said; a document without notices is exact.
    """

    resource: str
    record: dict[str, Any]
    residue: dict[str, Any]
    notices: tuple[Notice, ...]

    @property
    def invoice(self) -> "Invoice":
        """The typed view of an invoice; raises `ValueError` when the document is a client."""
        from infakt_compat.model import structure_invoice

        if self.resource != "invoice":
            raise ValueError("the document is a client, not an invoice")
        return structure_invoice(self.record)

    @property
    def client(self) -> "Client":
        """The typed view of a client; raises `ValueError` when the document is an invoice."""
        from infakt_compat.model import structure_client

        if self.resource != "client":
            raise ValueError("the document is an invoice, not a client")
        return structure_client(self.record)

    def payload(self) -> dict[str, Any]:
        """Give what v3's create takes, without the envelope (decisions.md section 2).

        Raises `ConversionError` for kinds that v2 could not create, and for lines without rate or
        price.
        """
        return create_body(self.resource, self.record, self.residue)[0]


@frozen
class V2Document:
    """A v3 document in v2's form: the v2 tree with amounts in zloty as Decimal, and the notices."""

    resource: str
    record: dict[str, Any]
    notices: tuple[Notice, ...]


def to_v3(tree: Mapping[str, Any], resource: str | None = None) -> Conversion:
    """Translate a v2 document, with or without its envelope, to v3.

    `resource` (`invoice` or `client`) is seen from the fields when not given. Raises
    `ConversionError` with every fault. The input is not changed.
    """
    found, body = open_v2(tree, resource)
    result = forward.translate(plans()[found], body)
    return Conversion(found, result.record, result.residue, tuple(result.notices))


def to_v2(v3: Mapping[str, Any], residue: Mapping[str, Any] | None = None) -> V2Document:
    """Translate a v3 document, with or without its envelope, to v2.

    With the residue of `to_v3` (given, or beside the record under `v2`) it is the original again,
    in normal form. Raises `ConversionError` with every fault.
    """
    found, body, beside = open_v3(v3, known=bool(residue))
    result = backward.translate(plans()[found], body, residue or beside)
    return V2Document(found, result.record, tuple(result.notices))


def canonical(tree: Mapping[str, Any], resource: str | None = None) -> dict[str, Any]:
    """Give the normal form of a v2 document: what `to_v2(to_v3(tree))` gives back.

    Raises `ConversionError` with every fault of the document.
    """
    found, body = open_v2(tree, resource)
    return canonical_record(plans()[found], body)
