"""Converting a batch of documents: what every worker process does."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field, frozen

from infakt_compat.codecs.json_text import dumps, surrogates
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.migrate.source import Batch, Document
from infakt_compat.notices import Notice
from infakt_compat.translate import backward, forward
from infakt_compat.translate.compile import plans
from infakt_compat.translate.documents import RESIDUE_KEY, open_v2, open_v3, resource_of


@frozen
class Settings:
    """What a conversion is asked to do."""

    to: str = "v3"
    form: str = "jsonl"
    strict: bool = False
    keep_rejects: bool = False


@frozen
class Reject:
    """A refused document.

    Its place in the batch (from 0), the reasons, and its own text if wanted.
    """

    index: int
    faults: tuple[Fault, ...]
    raw: bytes
    resource: str = "invoice"


@define
class Tally:
    """How often a notice came, in which fields, and its first example with its document."""

    level: str
    index: int
    example: Notice
    fields: Counter[str] = field(factory=Counter)


@define
class Outcome:
    """What became of a batch."""

    read: int = 0
    exact: int = 0
    records: list[bytes] = field(factory=list)
    rejects: list[Reject] = field(factory=list)
    tallies: dict[str, Tally] = field(factory=dict)
    resources: set[str] = field(factory=set)
    with_residue: int = 0

    def count(self, notices: list[Notice], index: int) -> None:
        """Count the notices of one document."""
        for notice in notices:
            tally = self.tallies.get(notice.code)
            if tally is None:
                tally = self.tallies[notice.code] = Tally(notice.level, index, notice)
            tally.fields[notice.path.rpartition(".")[2].partition("[")[0]] += 1


@define
class _Converted:
    """One converted document.

    Its kind, its text, its notices, and whether v3 could not hold all.
    """

    resource: str
    text: bytes
    notices: list[Notice]
    with_residue: bool = False


def convert_batch(batch: Batch, settings: Settings) -> Outcome:
    """Convert every document of a batch; one that is refused costs no other.

    Raises `Malformed` when the batch is no whole documents.
    """
    outcome = Outcome()
    convert = _to_v3 if settings.to == "v3" else _to_v2
    for document in batch.documents():
        convert_document(document, convert, settings, outcome)
    return outcome


def convert_document(
    document: Document,
    convert: Callable[[Document, Settings], _Converted],
    settings: Settings,
    outcome: Outcome,
) -> None:
    """Convert one document into an outcome."""
    index = outcome.read
    outcome.read += 1
    try:
        if document.faults:
            raise ConversionError(document.faults)
        made = convert(document, settings)
        if settings.strict:
            _refuse_warnings(made.notices)
    except ConversionError as error:
        raw = document.raw() if settings.keep_rejects else b""
        resource = document.resource or resource_of(document.tree)
        outcome.rejects.append(Reject(index, error.faults, raw, resource))
        return
    outcome.records.append(made.text)
    outcome.resources.add(made.resource)
    outcome.with_residue += made.with_residue
    if made.notices:
        outcome.count(made.notices, index)
    else:
        outcome.exact += 1


def _refuse_warnings(notices: list[Notice]) -> None:
    """Refuse a document with warnings: they are the reasons."""
    faults = [Fault(n.code, n.path, n.detail) for n in notices if n.level == "warning"]
    if faults:
        raise ConversionError(faults)


def translated(document: Document) -> tuple[str, Mapping[str, Any], forward.Result]:
    """Translate a v2 document: its resource, its v2 record and what v3 makes of it.

    Raises `ConversionError` with every fault.
    """
    resource, body = open_v2(document.tree, document.resource)
    result = forward.translate(plans()[resource], body)
    if any(notice.code == "field.unknown" for notice in result.notices):
        # A field of unknown type has to keep its own: numbers were read as text so far.
        resource, body = open_v2(document.exact_tree(), document.resource)
        result = forward.translate(plans()[resource], body)
    return resource, body, result


def _to_v3(document: Document, settings: Settings) -> _Converted:
    """Convert a v2 tree: one line of JSON Lines, or one record of v3's list."""
    resource, body, result = translated(document)
    envelope = plans()[resource].resource.v3.envelope
    line: Mapping[str, Any] = result.record
    if settings.form == "jsonl":
        line = {envelope: result.record}
        if result.residue:
            line = {envelope: result.record, RESIDUE_KEY: result.residue}
    try:
        text = dumps(line)
    except TypeError:
        raise ConversionError(surrogates(body) or [Fault("field.type")]) from None
    return _Converted(resource, text, result.notices, bool(result.residue))


def _to_v2(document: Document, settings: Settings) -> _Converted:
    """Convert a v3 tree, with the residue beside it, to a v2 record in the wanted form."""
    from infakt_compat.codecs.v2_write import json_record, xml_record  # late: it loads lxml

    if document.resource is not None:  # v2's lists name what is in them, v3's do not
        raise ConversionError([Fault("document.not_v3")])
    resource, body, residue = open_v3(document.tree)
    result = backward.translate(plans()[resource], body, residue)
    if settings.form == "xml":
        text = xml_record(resource, result.record, level=1)
    elif settings.form == "json":
        text = json_record(result.record)
    else:
        envelope = plans()[resource].resource.v2.envelope
        text = b'{"' + envelope.encode() + b'":' + json_record(result.record) + b"}"
    return _Converted(resource, text, result.notices)
