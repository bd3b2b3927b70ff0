"""What the conversion is measured against, each run as a process of its own.

python tests/benchmarks/floors.py lxml|json|xmltodict FILE OUT
"""

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any


def lxml_floor(source: str, out: str) -> None:
    """Read an XML list by a bare iterparse into dicts, and write them as JSON."""
    import orjson
    from lxml import etree

    def plain(element: Any) -> dict[str, Any]:
        return {
            child.tag: [plain(row) for row in child] if len(child) else child.text
            for child in element
        }

    with Path(out).open("wb") as file:
        for _, element in etree.iterparse(source, tag="invoice", resolve_entities=False):
            file.write(orjson.dumps(plain(element)) + b"\n")
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def json_floor(source: str, out: str) -> None:
    """Read a JSON list by json.loads with Decimal, and write the records by orjson."""
    import orjson

    tree = json.loads(Path(source).read_text("utf-8"), parse_float=Decimal)
    with Path(out).open("wb") as file:
        for record in tree["invoices"]:
            file.write(orjson.dumps(record, default=str) + b"\n")


def xmltodict_parse(source: str, out: str) -> None:
    """Parse an XML list by xmltodict, and do nothing with it."""
    del out
    import xmltodict

    with Path(source).open("rb") as file:
        xmltodict.parse(file)


if __name__ == "__main__":
    {"lxml": lxml_floor, "json": json_floor, "xmltodict": xmltodict_parse}[sys.argv[1]](
        *sys.argv[2:]
    )
