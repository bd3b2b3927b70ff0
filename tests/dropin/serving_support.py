"""What the tests of serving share: one caller of `serve`, and its answers read back."""

import json
import re
import time
from pathlib import Path
from typing import Any

from lxml import etree

from infakt_compat.dropin.links import Links
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.serving import serve
from infakt_compat.facade import Api, connect
from infakt_compat.standin import StandIn
from infakt_compat.store import open_store
from infakt_compat.v3 import Backoff, Clock, Looks, Timeouts

Tree = dict[str, Any]

BASE = "https://www.infakt.pl"
JSON, XML, FORM = "application/json", "application/xml", "application/x-www-form-urlencoded"
STATUSES = {200, 401, 402, 404, 409, 502, 503}
TYPES = {"json": f"{JSON}; charset=utf-8", "xml": f"{XML}; charset=utf-8"}


class Wall:
    """A clock that can be moved."""

    def __init__(self) -> None:
        """Begin at the machine's time."""
        self.ahead = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return time.time() + self.ahead


class Caller:
    """One v2 caller: what it sends goes through `serve` to a stand-in."""

    def __init__(self, standin: StandIn, folder: Path) -> None:
        """Begin with a store of its own, in a stand-in as it is."""
        self.standin = standin
        self._store = open_store(folder / "store.sqlite3")
        self._accounts = 0
        self.wall = Wall()
        self.links = Links(b"0123456789abcdef0123456789abcdef", Clock(wall=self.wall), BASE)
        self.api = self._connect()

    def renew(self) -> Api:
        """Begin anew: an empty stand-in, and an account of which the store knows nothing."""
        self.api.close()
        self.standin.reset(seed=1)
        self.api = self._connect()
        return self.api

    def _connect(self) -> Api:
        self._accounts += 1
        dialect: Any = self.standin.world.dialect
        return connect(
            self.standin.api_key,
            self.standin.url,
            dialect,
            self._store,
            {"sale_type": "service"},  # v3 wants it for a foreign buyer, and K has one
            account=f"account {self._accounts}",
            background=False,
            patience=2.0,
            limits="off",
            backoff=Backoff(first=0.001, most=0.01, limited=0.01),
            looks=Looks(first=0.002),
            timeouts=Timeouts(connect=2, read=2),
        )

    def close(self) -> None:
        """Close API and store."""
        self.api.close()
        self._store.close()

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, request: Request) -> Answer:
        """Serve a request; the caller gets every answer."""
        answer = serve(self.api, request, self.links)
        answer.told()
        return answer

    def ask(
        self, method: str, target: str, body: bytes = b"", kind: str = "", **more: Any
    ) -> Answer:
        """Ask for an address under /api/v2/."""
        path, _, query = target.partition("?")
        headers = (("Content-type", kind),) if kind else ()
        return self.send(Request(method, f"/api/v2/{path}", query, headers, body, **more))

    def get(self, target: str) -> Answer:
        """Get an address."""
        return self.ask("GET", target)

    def post(self, target: str, body: object, kind: str = JSON) -> Answer:
        """Post a tree as JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", target, data, kind)

    def client(self, **more: Any) -> int:
        """Put a client into the stand-in."""
        plain = {"company_name": "Firma", "country": "PL", "email": "a@b.pl", **more}
        number: int = self.standin.seed(clients=[plain])["clients"][0]
        return number

    def invoice(self, **more: Any) -> Tree:
        """Put an invoice into the stand-in; gives its id, uuid and number."""
        row = {"name": "Usługa", "tax_symbol": "23", "quantity": 1, "unit_net_price": 10000}
        plain = {
            "kind": "vat", "client_id": more.pop("client_id", None) or self.client(),
            "invoice_date": "2013-12-20", "payment_method": "transfer", "status": "sent",
            "services": [row], **more,
        }  # fmt: skip
        made: Tree = self.standin.seed(invoices=[plain])["invoices"][0]
        return made


def tree_of(answer: Answer) -> Any:
    """Read a JSON answer; a number with a fraction is its text."""
    assert answer.content_type == TYPES["json"], answer
    return json.loads(answer.body, parse_float=str)


def root_of(answer: Answer) -> Any:
    """Read an XML answer."""
    assert answer.content_type == TYPES["xml"], answer
    return etree.fromstring(answer.body)


def header(answer: Answer, name: str) -> str | None:
    """Give a header of an answer."""
    found = [value for key, value in answer.headers if key.lower() == name.lower()]
    assert len(found) < 2
    return found[0] if found else None


def check(answer: Answer, form: str, statuses: set[int] = STATUSES) -> Any:
    """Check that an answer is well-formed, in the asked format and with a v2 status."""
    assert answer.status in statuses, answer
    assert answer.content_type == TYPES[form]
    for name, value in answer.headers:
        assert re.fullmatch(r"[A-Za-z-]+", name)
        assert re.fullmatch(r"[ -~]{0,1100}", value)
    if form == "xml":
        assert answer.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n')
        root = root_of(answer)
        assert answer.status == 200 or root.tag == "hash"
        return root
    tree = tree_of(answer)
    if answer.status != 200:
        assert list(tree)[:2] == ["message", "request"], tree
        assert all(isinstance(tree[name], str) for name in ("message", "request"))
    return tree


def as_text(value: Any) -> Any:
    """Give a JSON tree as XML can say it: every value a text, null an empty one."""
    if isinstance(value, dict):
        return {name: as_text(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_text(each) for each in value]
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def xml_tree(root: Any) -> Tree:
    """Read an XML answer as the tree that JSON shows."""
    if root.get("per_page") is not None:
        return {"info": dict(root.attrib), root.tag: [_fields(child) for child in root]}
    return {root.tag: _fields(root) if len(root) else root.text or ""}


def _fields(element: Any) -> Tree:
    return {
        child.tag: [_fields(line) for line in child]
        if child.tag == "services"
        else child.text or ""
        for child in element
    }


def error_tree(root: Any) -> Tree:
    """Read a `<hash>` as the tree that JSON shows, by Rails' rules alone."""
    return {
        child.tag: {part.tag: _array(part) for part in child}
        if child.tag == "errors"
        else child.text
        for child in root
    }


def _array(element: Any) -> Any:
    if element.get("type") == "array":
        return [_array(child) for child in element]
    return [element.findtext("field"), element.findtext("message")]
