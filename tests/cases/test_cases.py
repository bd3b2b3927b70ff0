"""Every documented example of both seeds: what goes in, and exactly what comes out.

A case stands in `v2.toml` (seed 003: v2 to v3 and back) or in `v3.toml` (seed 004: v3 to v2).
One case alone: ``pytest tests/cases -k show_xml``.

    name, about     what the case is; `source` names the place in the seed
    mended          how the printed example is broken, and what was done about it
    input           the document, as printed or mended
    v3, residue     what each document becomes, as JSON, one after the other
    v2              what it is in v2's form: of v2 input the normal form, which comes back
    notices         code and path of every notice, for each document
    payload         what v3's create takes of it; `payload_faults` why it takes nothing
    faults          code and path of every fault, for each refused document
    error           the tree of an error document (JSON)
    defect          why the case fails today; once it does not, this has to go
"""

import io
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infakt_compat import ConversionError, to_v2, to_v3
from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.codecs.v2_errors import read_error, write_error
from infakt_compat.codecs.v2_write import json_record
from infakt_compat.migrate.source import Document, open_reader
from infakt_compat.notices import Notice
from infakt_compat.translate.conversion import canonical

Case = dict[str, Any]

FOLDER = Path(__file__).parent
KEYS = {"name", "about", "source", "mended", "input", "v3", "residue", "v2", "notices"}
KEYS |= {"payload", "payload_faults", "faults", "error", "defect"}


def cases(file: str) -> list[Any]:
    """Read the cases of a file, each under its name."""
    found: list[Case] = tomllib.loads((FOLDER / file).read_text("utf-8"))["case"]
    return [pytest.param(case, id=case["name"], marks=_marks(case)) for case in found]


def _marks(case: Case) -> list[pytest.MarkDecorator]:
    """Mark a case that fails by a known defect."""
    defect = case.get("defect")
    return [pytest.mark.xfail(strict=True, reason=defect)] if defect else []


V2, V3 = cases("v2.toml"), cases("v3.toml")


def read(text: str) -> list[Document]:
    """Read the documents of a source."""
    file = io.BytesIO(text.encode())
    reader = open_reader(file, elsewhere=False, count=lambda _: None)
    return [document for batch in reader.batches for document in batch.documents()]


def listed(values: list[Any]) -> list[Any]:
    """Give trees as JSON holds them, with exact numbers, so that they compare and print alike."""
    return [loads(dumps(value).decode()) for value in values]


def shown(records: list[Any]) -> list[Any]:
    """Give v2 records as v2's JSON shows them."""
    return [loads(json_record(record).decode()) for record in records]


def expected(case: Case, key: str) -> list[Any]:
    """Give the expected trees of a case."""
    return [loads(text) for text in case.get(key, [])]


def said(notices: tuple[Notice, ...]) -> list[str]:
    """Give notices as a case writes them."""
    return [f"{notice.code} {notice.path}".strip() for notice in notices]


def why(error: ConversionError) -> list[str]:
    """Give faults as a case writes them."""
    return [f"{fault.code} {fault.path}".strip() for fault in error.faults]


def refusals(text: str, convert: Callable[[Any], object]) -> list[list[str]]:
    """Convert documents, give the faults of each refused one, or of the whole source."""
    found = []
    try:
        for document in read(text):
            try:
                convert(document.tree)
            except ConversionError as error:
                found.append(why(error))
    except ConversionError as error:
        found.append(why(error))
    return found


def same(case: Case, what: str, actual: object, wanted: object) -> None:
    """Compare; what differs is printed with everything that one needs to see why."""
    if actual == wanted:
        return
    mended = f"\nmended:      {case['mended']}" if "mended" in case else ""
    pytest.fail(
        f"{case['name']}: {case['about']}\nsource:      {case['source']}{mended}\n"
        f"given:\n{case['input']}\n"
        f"expected {what}:\n{pretty(wanted)}\nactual {what}:\n{pretty(actual)}",
        pytrace=False,
    )


def pretty(value: object) -> str:
    """Print a tree."""
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)


def test_the_cases_are_well_made() -> None:
    """Each has a name of its own and known keys only."""
    found = [param.values[0] for param in V2 + V3]
    names = [case["name"] for case in found if isinstance(case, dict)]
    assert len(names) == len(set(names)) == len(found)
    for case in found:
        assert isinstance(case, dict)
        assert {"name", "about", "source", "input"} <= case.keys() <= KEYS, case["name"]
        assert "v3" in case or "v2" in case or "faults" in case, case["name"]


@pytest.mark.parametrize("case", V2)
def test_a_v2_example(case: Case) -> None:
    """To v3: record, residue, notices. Back: the normal form of what was given."""
    if "faults" in case:
        same(case, "faults", refusals(case["input"], to_v3), case["faults"])
        return
    documents = read(case["input"])
    found = [to_v3(document.tree, document.resource) for document in documents]
    same(case, "v3", listed([each.record for each in found]), expected(case, "v3"))
    same(case, "residue", listed([each.residue for each in found]), expected(case, "residue"))
    same(case, "notices", [said(each.notices) for each in found], case["notices"])
    normal = [canonical(document.tree, document.resource) for document in documents]
    same(case, "v2", shown(normal), expected(case, "v2"))
    back = [to_v2({each.resource: each.record}, each.residue).record for each in found]
    same(case, "v2 from v3", back, normal)
    for each in found:
        if "payload" in case:
            same(case, "payload", listed([each.payload()]), expected(case, "payload"))
        if "payload_faults" in case:
            with pytest.raises(ConversionError) as caught:
                each.payload()
            same(case, "payload faults", why(caught.value), case["payload_faults"])


@pytest.mark.parametrize("case", [param for param in V2 if "error" in param.values[0]])
def test_an_error_document(case: Case) -> None:
    """Read to its tree, and written again."""
    tree = loads(case["error"])
    if not case["input"].startswith("<"):
        same(case, "error", loads(case["input"]), tree)
        return
    same(case, "error", read_error(case["input"].encode()), tree)
    written = write_error(tree).decode()
    lines = [line.strip() for line in case["input"].splitlines()]
    same(case, "error as XML", [line.strip() for line in written.splitlines()], lines)


@pytest.mark.parametrize("case", V3)
def test_a_v3_example(case: Case) -> None:
    """To v2, with what is said on the way."""
    if "faults" in case:
        same(case, "faults", refusals(case["input"], to_v2), case["faults"])
        return
    documents = read(case["input"])
    found = [to_v2(document.tree) for document in documents]
    same(case, "v2", shown([each.record for each in found]), expected(case, "v2"))
    same(case, "notices", [sorted(said(each.notices)) for each in found], case["notices"])
